"""``truth/people.parquet``: who everybody of the population is, and which rows of which source are theirs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.synthetic.chance import Ints, Mask
from loaders.synthetic.population import Block, World

_ROWS = pa.struct([("source", pa.string()), ("row", pa.int64())])
SCHEMA = pa.schema([
    ("person_id", pa.int64()),
    ("tax_id", pa.int64()),
    ("name", pa.string()),  # as of the reference date
    ("birth_name", pa.string()),
    ("birth_date", pa.date32()),
    ("sex", pa.uint8()),  # 1 male, 2 female
    ("mother_name", pa.string()),
    ("household_id", pa.int64()),
    ("mother_id", pa.int64()),  # of the population, else null; likewise the father
    ("father_id", pa.int64()),
    ("rows", pa.list_(_ROWS)),
])  # fmt: skip
_HOUSEHOLDS_A_BLOCK = 10_000_000  # more than any block has


class TruthFile:
    """The truth of one run; ``write`` adds the people of a block."""

    def __init__(self, folder: Path, world: World, sources: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._world, self._sources = world, pa.array(sources)
        self._file = pq.ParquetWriter(folder / "people.parquet", SCHEMA)

    def write(self, block: Block, member: Mask, numbers: Ints) -> None:
        """``member`` and ``numbers`` are (people, sources): whether a source holds a person, and in which row."""
        families, rows, stock = block.families, block.people, self._world.stock
        self._file.write_table(pa.table([
            pa.array(block.person_id[rows]),
            pa.array(block.tax_id[rows]),
            stock.written(families.names(rows, np.full(len(rows), self._world.today))),
            stock.written(families.names(rows, families.birth[rows])),
            pa.array(families.birth[rows].astype(np.int32)).cast(pa.date32()),
            pa.array(families.sex[rows].astype(np.uint8)),
            stock.written(families.mother_names(rows)),
            pa.array(block.number * _HOUSEHOLDS_A_BLOCK + families.home[rows]),
            _parent_ids(block, families.mother),
            _parent_ids(block, families.father),
            self._row_lists(member, numbers),
        ], schema=SCHEMA))  # fmt: skip

    def _row_lists(self, member: Mask, numbers: Ints) -> pa.ListArray:
        offsets = np.concatenate([[0], np.cumsum(member.sum(axis=1))]).astype(np.int32)
        source = self._sources.take(pa.array(np.nonzero(member)[1]))
        pairs = pa.StructArray.from_arrays([source, pa.array(numbers[member])], fields=list(_ROWS))
        return pa.ListArray.from_arrays(pa.array(offsets), pairs, type=pa.list_(_ROWS))

    def __enter__(self) -> "TruthFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _parent_ids(block: Block, parent: Ints) -> pa.Array:
    """Person ids of parents, null for those outside the population or withheld from it."""
    known = np.zeros(len(parent) + 1, dtype=np.bool_)  # the last entry answers for -1
    known[block.people] = True
    row = parent[block.people]
    return pa.array(block.person_id[row], mask=~known[row])
