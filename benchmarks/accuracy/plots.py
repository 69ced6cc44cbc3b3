"""The report's plots, one question each, small enough to commit."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from numpy.typing import NDArray

from benchmarks.accuracy import measures

mpl.use("Agg")

DOTS = 80  # per inch: below 100 kB a plot
LEAST = 2e-4  # shares below are drawn here: a few records of ten thousand
SPREAD = 0.1  # rows apart, so that no system hides another
COLOURS = {
    "Bureau": "#c1272d",
    "Bureau trained, on FEBRL": "#c1272d",
    "Bureau on FEBRL": "#e8a0a3",
    "Splink": "#1f5fa8",
    "Record Linkage Toolkit": "#2e8b57",
    "logic-v2": "#8a5fb0",
    "pg_trgm": "#d98e04",
    "RapidFuzz loop": "#6b6b6b",
}
"""The same for a system in every plot."""


def plot_reliability(path: Path, title: str, systems: Mapping[str, Sequence[tuple[float, float, int]]]) -> None:
    """What was said against what was true, a line a system that answers probabilities."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color="0.75", linewidth=1, linestyle="--", label="as said")
        for name, rows in systems.items():
            said, true, _ = np.array(measures.joined(rows)).T
            axes.plot(said, true, "o-", color=COLOURS[name], markersize=5, linewidth=1.2, label=name)
        axes.set(xlabel=f"probability said (bins of at least {measures.FEW} answers)", ylabel="share that was right")
        axes.set(title=f"Does a probability mean what it says?\n{title}")
        axes.legend(fontsize=9, frameon=False, loc="upper left")

    _save(path, draw)


def plot_curves(path: Path, title: str, systems: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]]) -> None:
    """Errors against misses, a line a system, as its threshold falls; logarithmic, for what matters is the last per
    cent."""

    def draw(axes: Axes) -> None:
        for name, (precision, recall) in systems.items():
            wrong, missed = np.maximum(1 - precision, LEAST), np.maximum(1 - recall, LEAST)
            axes.plot(missed, wrong, color=COLOURS[name], linewidth=1.6, label=name)
        axes.set(xscale="log", yscale="log", xlim=(LEAST, 0.6), ylim=(LEAST * 0.8, 0.6))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_ticks([1e-3, 1e-2, 1e-1, 0.5], ["0.1 %", "1 %", "10 %", "50 %"])
        axes.set(
            xlabel="missed, of those who are known (1 - recall)", ylabel="wrong, of what was answered (1 - precision)"
        )
        axes.set(title=f"Wrong against missed as the threshold falls: lower left is better\n{title}")
        axes.legend(fontsize=9, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0))

    _save(path, draw)


def plot_damage(path: Path, title: str, systems: Mapping[str, Mapping[str, float]]) -> None:
    """Recall by kind of damage, a row of points a kind; kinds in the order of the first system."""
    first = next(iter(systems.values()))
    kinds = sorted(first, key=first.__getitem__)

    def draw(axes: Axes) -> None:
        axes.set_yticks(range(len(kinds)), [kind.replace("_", " ") for kind in kinds], fontsize=9)
        axes.grid(axis="y", color="0.92")
        for place, (name, recall) in enumerate(systems.items()):
            rows = np.arange(len(kinds)) + 1.5 * SPREAD * (len(systems) / 2 - place)
            axes.plot([recall[kind] for kind in kinds], rows, "o", color=COLOURS[name], markersize=5, label=name)
        axes.set(xlabel="recall", title=f"Recall by what was done to the record\n{title}")
        axes.legend(fontsize=9, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0))

    _save(path, draw)


def plot_f1(path: Path, tasks: Mapping[str, Mapping[str, dict[str, Any]]]) -> None:
    """F1 of every system on every task: filled at its own threshold, hollow at the best one found with the labels."""

    def draw(axes: Axes) -> None:
        axes.set_yticks(range(len(tasks)), list(tasks)[::-1], fontsize=10)
        axes.grid(axis="y", color="0.92")
        for row, systems in enumerate(reversed(tasks.values())):
            answered = {name: figures for name, figures in systems.items() if "failed" not in figures}
            for place, (name, figures) in enumerate(answered.items()):
                _f1(axes, row + SPREAD * (len(answered) / 2 - place), COLOURS[name], figures)
        for name in dict.fromkeys(name for systems in tasks.values() for name in systems):
            axes.plot([], [], "o", color=COLOURS[name], label=name)
        axes.set(xscale="log", xlim=(0.35, LEAST / 4 * 0.8), ylim=(-0.6, len(tasks) - 0.4))
        axes.set_xticks(
            [0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4],
            ["0.7", "0.9", "0.97", "0.99", "0.997", "0.999", "0.9997", "0.9999"],
        )
        axes.minorticks_off()
        axes.set(
            xlabel="F1 (hollow: at the threshold that is best, found with the labels)", title="Who is right more often?"
        )
        axes.legend(fontsize=9, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0))

    _save(path, draw)


def _f1(axes: Axes, row: float, colour: str, figures: dict[str, Any]) -> None:
    own, best = (max(1 - figures[key], LEAST / 4) for key in ("f1", "best_f1_at_any_threshold"))
    axes.plot([own, best], [row, row], color=colour, linewidth=1)
    axes.plot(best, row, "o", color=colour, markerfacecolor="white", markersize=6)
    if not figures["threshold_found_with_labels"]:
        axes.plot(own, row, "o", color=colour, markersize=6)


def _save(path: Path, draw: Callable[[Axes], None]) -> None:
    figure, axes = plt.subplots(figsize=(9, 5.6), layout="constrained")
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes)
    figure.savefig(path, dpi=DOTS)
    plt.close(figure)
