"""Whole answers for a form that shows them (JSON Lines, Parquet), of a job whose own form does not.

A job keeps what its own form shows: whole answers cost six times as much and are seldom wanted afterwards. Who does
want them has the chunks asked once more, of the same population and for the same moment, so the answers are those that
were charged, but for what people have objected to since. Every chunk is kept when it is done, so that nobody who is
killed, or who lets others have their turn, begins again.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Mapping

import numpy as np

from bureau.enrich.parts import read_part, write_part
from bureau.errors import OutputFailed
from bureau.jobs.answering import ChunkWork, answer_chunk
from bureau.jobs.files import PARTS, part_name
from bureau.jobs.finish import DonePart
from bureau.storage.folder import Folder

TURN_SECONDS = 2.0
"""After that other tasks have their turn; a chunk takes about as long."""


def answer_some(work: Callable[[int], ChunkWork], folder: Folder, parts: Mapping[int, DonePart], claim: str) -> bool:
    """Answer chunks wholly that are not yet, in order, one at least, until the turn is over; True when none is left."""
    chunks = sorted(parts)

    def missing(chunk: int) -> bool:
        return folder.found(f"{PARTS}/{part_name(chunk, parts[chunk].claim, whole=True)}") is None

    until = time.monotonic() + TURN_SECONDS
    for chunk in chunks[bisect_left(chunks, True, key=missing) :]:
        _answer(work(chunk), folder, parts[chunk], claim)
        if time.monotonic() > until:
            return chunk == chunks[-1]
    return True


def _answer(work: ChunkWork, folder: Folder, done: DonePart, claim: str) -> None:
    part, _ = answer_chunk(work)
    charged = read_part(folder, f"{PARTS}/{part_name(work.chunk, done.claim)}")
    if not np.array_equal(charged.rows, part.rows):
        raise OutputFailed(f"Chunk {work.chunk} is not answered as it was.")
    with folder.written(PARTS) as directory:
        mine = directory / f"{claim}.arrow"  # another, who thinks the task theirs, may be at the same chunk
        write_part(part, mine)
        mine.rename(directory / part_name(work.chunk, done.claim, whole=True))
