"""A population brought into memory before it answers, so that no client waits for a disk.

What a query reads lies on some dozens of pages among gigabytes. On a server that had just started, each of the first
thousands of queries met ten pages that were not mapped yet, some of them on disk: a request took 600 µs of processor
time in place of 400, and one in a hundred waited for a third of a second.
"""

import ctypes
import logging
import mmap
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import psutil

log = logging.getLogger(__name__)

POPULATE_READ = 22
"""``MADV_POPULATE_READ`` of Linux 5.14, which Python has no name for."""

PIECE = 1 << 22
"""Bytes asked for at once. Python keeps its lock during the call, and others want it in between."""

SHARE = 0.5
"""Of the memory that is available, the most a population may take; a larger one is left to the kernel."""


def bring_in(population: object) -> bool:
    """Map every page of the memory-mapped arrays that ``population`` holds; whether that was done. Nothing but time
    depends on it."""
    files = {id(pages): pages for value in vars(population).values() for pages in _mapped(value)}
    size = sum(map(len, files.values()))
    if size > SHARE * psutil.virtual_memory().available:
        log.warning("population left to the kernel to page in", extra={"bytes": size})
        return False
    try:
        for pages in files.values():
            for start in range(0, len(pages), PIECE):
                pages.madvise(POPULATE_READ, start, min(PIECE, len(pages) - start))
                _touch(pages, start)
            _keep(pages)
    except OSError as error:  # an older kernel
        log.warning("population not brought into memory", extra={"reason": error.strerror})
        return False
    return True


def _touch(pages: mmap.mmap, start: int) -> None:
    """Read a byte of each page of a piece. On a virtual machine a page that is mapped may still be unknown to the
    host, who makes it known at the first access: 1.6 µs each, unless it is done here. The contacts, addresses
    and name of one person took 15 µs longer to read by that."""
    np.frombuffer(pages, np.uint8)[start : start + PIECE : mmap.PAGESIZE].max()


def _keep(pages: mmap.mmap) -> None:
    """Ask the kernel never to take the pages back (``mlock``): one that reclaims early took some that nobody had met
    for half a minute, two a second. Needs ``CAP_IPC_LOCK`` or a limit (``ulimit -l``) of their size; else nothing is
    lost but that."""
    mapped = np.frombuffer(pages, np.uint8)
    ctypes.CDLL(None).mlock(ctypes.c_void_p(mapped.ctypes.data), ctypes.c_size_t(len(mapped)))


def _mapped(value: Any) -> Iterator[mmap.mmap]:
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for member in value:
            yield from _mapped(member)
    while isinstance(value, np.ndarray):
        value = value.base
    if isinstance(value, mmap.mmap):
        yield value
