"""Growth with the population: time, candidates and block sizes.

    python -m benchmarks.engine.plot RESULTS.json

draws kept results again. Needs matplotlib.
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

mpl.use("Agg")

DOTS = 80  # per inch: below 100 kB


def plot(figures: dict[str, Any], path: Path) -> None:
    """Three panels over the number of people."""
    rows = sorted(figures.values(), key=lambda row: row["people"])
    people = [row["people"] for row in rows]
    figure, (times, candidates, blocks) = plt.subplots(1, 3, figsize=(15, 4.2))
    for name in ("p50", "p99", "p99.9"):
        times.plot(people, [row["single_us"]["find"][name] for row in rows], marker="o", label=f"one query, {name}")
    times.plot(people, [row["batch_us"]["find_columns"] for row in rows], marker="s", label="in batch, mean")
    _labelled(times, "time a query", "microseconds")
    for name in ("mean", "p99"):
        candidates.plot(people, [row["candidates"][name] for row in rows], marker="o", label=name)
    _labelled(candidates, "candidates a query", "entities weighed")
    for name in rows[0]["blocks"]:
        blocks.plot(people, [max(row["blocks"][name]["mean"], 0.1) for row in rows], marker=".", label=name)
    _labelled(blocks, "mean block a query looks into", "records")
    blocks.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.01, 1.0))
    figure.tight_layout()
    figure.savefig(path, dpi=DOTS)
    plt.close(figure)


def _labelled(axes: Axes, title: str, unit: str) -> None:
    axes.set(xscale="log", yscale="log", xlabel="people", ylabel=unit, title=title)
    axes.grid(visible=True, which="both", color="0.92")
    axes.legend(fontsize=7)


if __name__ == "__main__":
    source = Path(sys.argv[1])
    plot(json.loads(source.read_text(encoding="utf-8"))["figures"], source.with_suffix(".png"))
