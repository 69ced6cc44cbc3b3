"""Metrics: what several workers count comes out as one sum in Prometheus' format."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bureau.obs.metrics import Counter, Histogram, Metrics, forget

REQUESTS = Counter("requests_total", "Requests.", {"operation": ("enrich", "match"), "status": ("2xx", "5xx")})
STARTS = Counter("starts_total", "Starts.")
SECONDS = Histogram("seconds", "Time.", (0.1, 1.0), {"operation": ("enrich",)})
FAMILIES = (REQUESTS, STARTS, SECONDS)


def sample(metrics: Metrics, series: str) -> float:
    found = [line for line in metrics.exposition().splitlines() if line.startswith(series + " ")]
    assert 1 == len(found)
    return float(found[0].split()[-1])


def test_the_whole_exposition() -> None:
    metrics = Metrics([STARTS, Histogram("seconds", "Time.", (0.1, 1.0))])
    metrics.add("starts_total")
    metrics.add("starts_total", amount=2)
    for measure in (0.05, 0.1, 0.5, 7.0):
        metrics.observe("seconds", measure=measure)
    assert (
        "# HELP starts_total Starts.\n"
        "# TYPE starts_total counter\n"
        "starts_total 3\n"
        "# HELP seconds Time.\n"
        "# TYPE seconds histogram\n"
        'seconds_bucket{le="0.1"} 2\n'
        'seconds_bucket{le="1.0"} 3\n'
        'seconds_bucket{le="+Inf"} 4\n'
        "seconds_sum 7.6500000000000004\n"
        "seconds_count 4\n"
    ) == metrics.exposition()


def test_every_declared_series_is_there_from_the_start() -> None:
    assert 0 == sample(Metrics(FAMILIES), 'requests_total{operation="match",status="5xx"}')


def test_undeclared_labels_are_counted_as_other() -> None:
    metrics = Metrics(FAMILIES)
    metrics.add("requests_total", "enrich", "418")
    metrics.add("requests_total", "brew", "2xx")
    assert 1 == sample(metrics, 'requests_total{operation="enrich",status="other"}')
    assert 1 == sample(metrics, 'requests_total{operation="other",status="2xx"}')


def test_an_unknown_family_is_a_bug() -> None:
    with pytest.raises(KeyError):
        Metrics(FAMILIES).add("nothing")


COUNT = """
import sys
from pathlib import Path
from bureau.obs.metrics import Counter, Metrics
metrics = Metrics([Counter("n", "N.")], Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    metrics.add("n")
"""


@pytest.mark.acceptance
def test_workers_are_added_up_also_after_they_ended(tmp_path: Path) -> None:
    workers = [subprocess.Popen([sys.executable, "-c", COUNT, str(tmp_path), str(n)]) for n in (1000, 234)]
    assert [0, 0] == [worker.wait() for worker in workers]
    mine = Metrics([Counter("n", "N.")], tmp_path)
    mine.add("n")
    assert 1235 == sample(mine, "n")


def test_another_layout_is_not_mixed_in(tmp_path: Path) -> None:
    older = Metrics([STARTS], tmp_path)
    older.add("starts_total", amount=99)
    assert 0 == sample(Metrics(FAMILIES, tmp_path), "starts_total")


def test_a_half_written_file_is_not_read(tmp_path: Path) -> None:
    metrics = Metrics([STARTS], tmp_path)
    (file,) = tmp_path.iterdir()
    file.with_name(file.name.replace(str(os.getpid()), "1")).write_bytes(b"abc")
    metrics.add("starts_total")
    assert 1 == sample(metrics, "starts_total")


def test_forgetting_starts_anew(tmp_path: Path) -> None:
    Metrics([STARTS], tmp_path / "m").add("starts_total")
    forget(tmp_path / "m")
    assert 0 == sample(Metrics([STARTS], tmp_path / "m"), "starts_total")
