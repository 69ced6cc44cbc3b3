"""The report's plots, one question each, small enough to commit."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from numpy.typing import NDArray

mpl.use("Agg")

DOTS = 80  # per inch: below 100 kB a plot


def plot_reliability(path: Path, title: str, systems: Mapping[str, Sequence[tuple[float, float, int]]]) -> None:
    """What was said against what was true, a line a system that answers probabilities."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color="0.8", linewidth=1)
        for name, rows in systems.items():
            axes.plot(
                [said for said, _, _ in rows], [true for _, true, _ in rows], marker="o", markersize=3, label=name
            )
        axes.set(xlabel="probability said", ylabel="share that was right", title=title)

    _save(path, draw)


def plot_curves(path: Path, title: str, systems: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]]) -> None:
    """Precision over recall, a line a system, as its threshold falls."""

    def draw(axes: Axes) -> None:
        for name, (precision, recall) in systems.items():
            axes.plot(recall, precision, linewidth=1.2, label=name)
        axes.set(xlabel="recall", ylabel="precision", title=title, xlim=(0.8, 1.002), ylim=(0.95, 1.002))

    _save(path, draw)


def plot_damage(path: Path, title: str, systems: Mapping[str, Mapping[str, float]]) -> None:
    """Recall by kind of damage, a row of points a kind; kinds in the order of the first system."""
    first = next(iter(systems.values()))
    kinds = sorted(first, key=first.__getitem__)

    def draw(axes: Axes) -> None:
        for name, recall in systems.items():
            axes.plot([recall[kind] for kind in kinds], range(len(kinds)), "o", markersize=4, label=name)
        axes.set_yticks(range(len(kinds)), kinds, fontsize=7)
        axes.grid(axis="y", color="0.92")
        axes.set(xlabel="recall", title=title)

    _save(path, draw)


def _save(path: Path, draw: Callable[[Axes], None]) -> None:
    figure, axes = plt.subplots(figsize=(8, 6))
    draw(axes)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=DOTS)
    plt.close(figure)
