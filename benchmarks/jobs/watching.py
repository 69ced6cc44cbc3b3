"""What processes hold in memory while they work, sampled from outside.

``anonymous`` is what is a process's own (RssAnon): arrays, objects, buffers. ``rss`` counts the pages of the mapped
population too, which are the page cache's and the same for all; ``pss`` shares them out. The kernel walks all pages to
tell the last, so it is asked seldom.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.25
WALK_EVERY = 40  # samples
TENTHS = 10


class Watched:
    """The most that any process of one kind held, in megabytes: over all, and of ``anonymous`` by tenth of the work."""

    def __init__(self) -> None:
        self.peak: dict[str, dict[str, int]] = {}
        self.by_tenth = [0] * TENTHS

    def note(self, kind: str, found: dict[str, int], share: float) -> None:
        peak = self.peak.setdefault(kind, {})
        for name, megabytes in found.items():
            peak[name] = max(peak.get(name, 0), megabytes)
        tenth = min(int(share * TENTHS), TENTHS - 1)
        self.by_tenth[tenth] = max(self.by_tenth[tenth], found.get("anonymous", 0))

    def told(self) -> dict[str, object]:
        return {"peak_megabytes": self.peak, "anonymous_megabytes_by_tenth": self.by_tenth}


@contextmanager
def watched(root: psutil.Process, share: Callable[[], float]) -> Iterator[Watched]:
    """``root`` and its worker processes while the block lasts; ``share`` says how much of the work is done."""
    found, stop = Watched(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(root, share, found, stop))
    watcher.start()
    try:
        yield found
    finally:
        stop.set()
        watcher.join()


def _watch(root: psutil.Process, share: Callable[[], float], found: Watched, stop: threading.Event) -> None:
    sample = 0
    while not stop.wait(SAMPLE_SECONDS):
        sample += 1
        with suppress(psutil.Error):
            workers = [one for one in root.children() if "spawn_main" in " ".join(one.cmdline())]
            for kind, process in (("parent", root), *(("worker", one) for one in workers)):
                found.note(kind, _memory(process.pid, walk=sample % WALK_EVERY == 0), share())


def _memory(pid: int, walk: bool) -> dict[str, int]:
    with suppress(OSError):
        found = _megabytes(Path(f"/proc/{pid}/status"), {"RssAnon": "anonymous", "VmRSS": "rss"})
        return found | (_megabytes(Path(f"/proc/{pid}/smaps_rollup"), {"Pss": "pss"}) if walk else {})
    return {}


def _megabytes(path: Path, wanted: dict[str, str]) -> dict[str, int]:
    lines = (line.split() for line in path.read_text().splitlines())
    return {wanted[words[0][:-1]]: int(words[1]) >> 10 for words in lines if words and words[0][:-1] in wanted}
