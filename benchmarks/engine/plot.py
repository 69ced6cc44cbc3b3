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
from matplotlib.ticker import NullLocator, ScalarFormatter

mpl.use("Agg")

DOTS = 80  # per inch: below 100 kB


def plot(figures: dict[str, Any], path: Path) -> None:
    """Three panels over the number of people."""
    rows = sorted(figures.values(), key=lambda row: row["people"])
    people = [row["people"] for row in rows]
    figure, (times, candidates, blocks) = plt.subplots(
        1, 3, figsize=(15, 4.6), width_ratios=(1, 1, 1.25), layout="constrained"
    )
    for name in ("p99.9", "p99", "p50"):
        times.plot(people, [row["single_us"]["find"][name] for row in rows], marker="o", label=f"one query, {name}")
    times.plot(people, [row["batch_us"]["find_columns"] for row in rows], marker="s", label="in batch, mean")
    _labelled(times, people, "Time a query", "microseconds")
    times.set(yticks=(10, 20, 50, 100, 200, 500), ylim=(5, 500))
    for name in ("p99", "mean"):
        candidates.plot(people, [row["candidates"][name] for row in rows], marker="o", label=name)
    _labelled(candidates, people, "Candidates a query", "entities weighed")
    candidates.set(yticks=(2, 5, 10, 20, 50, 100), ylim=(2, 100))
    _blocks(blocks, rows, people)
    figure.savefig(path, dpi=DOTS)
    plt.close(figure)


def _blocks(axes: Axes, rows: list[dict[str, Any]], people: list[int]) -> None:
    """A line a recipe, in the legend from the largest block down, as the lines end."""
    last = rows[-1]["blocks"]
    colours = mpl.colormaps["tab20"].colors  # type: ignore[attr-defined]  # of a listed colour map; there are 14 recipes
    for name, colour in zip(sorted(last, key=lambda name: -last[name]["mean"]), colours, strict=False):
        mean = [max(row["blocks"][name]["mean"], 0.1) for row in rows]
        axes.plot(people, mean, marker=".", label=name, color=colour)
    _labelled(axes, people, "Mean block a query looks into", "records")
    axes.set(yticks=(1, 10, 100, 1000))
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)


def _labelled(axes: Axes, people: list[int], title: str, unit: str) -> None:
    axes.set(xscale="log", yscale="log", xlabel="people", ylabel=unit, title=title)
    axes.set_xticks(people, [f"{count / 1e6:.0f} M" for count in people])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.grid(color="0.92")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)


if __name__ == "__main__":
    source = Path(sys.argv[1])
    plot(json.loads(source.read_text(encoding="utf-8"))["figures"], source.with_suffix(".png"))
