"""Fast random source tables, straight in the shape loaders write: for timing the builder, not for judging matching.

Three overlapping sources of people (all with CPF; 60 % of them later, half without CPF, 3 % under another surname;
half of them as a shop knows them) and one of companies. Marginals of names are the census's.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bureau.model.tables import COMPANIES, PARTNERS, PEOPLE
from bureau.reference.names import first_names_by_sex, surnames

BATCH = 500_000


class Words:
    """Words drawn with their weights."""

    def __init__(self, words: Sequence[str], weights: Sequence[float]) -> None:
        self.words = pa.array(words)
        self._cumulated = np.cumsum(weights) / np.sum(weights)

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[np.int64]:
        return np.minimum(np.searchsorted(self._cumulated, rng.random(n)), len(self.words) - 1)


def joined(parts: Sequence[pa.Array | str]) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "", null_handling="emit_null")


def strings(numbers: NDArray[np.int64]) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def sparse(values: pa.Array, rng: np.random.Generator, share: float) -> pa.Array:
    """``values`` with null where a draw exceeds ``share``."""
    return pc.if_else(pa.array(rng.random(len(values)) < share), values, None)


class People:
    """Batches of people; the same batch number gives the same people to every source."""

    def __init__(self) -> None:
        first = first_names_by_sex()
        last = [s for s in surnames() if s.as_later_token]
        self.first = Words([n.name for n in first], [n.male + n.female for n in first])
        tail = [f"{a.token[:3]}{b.token[-4:]}" for a in last[:400] for b in last[:400]]  # rare surnames
        self.last = Words([s.token for s in last] + tail, [float(s.as_later_token) for s in last] + [0.02] * len(tail))

    def batch(self, source: str, start: int, n: int) -> pa.Table:
        same = np.random.default_rng([7, start])
        own = np.random.default_rng([8, start, len(source)])
        first, second, mother = (self.first.draw(same, n) for _ in range(3))
        one, two, three = (self.last.draw(same, n) for _ in range(3))
        days = same.integers(-12_000, 13_000, n)
        born = pa.array(days, pa.int32()).cast(pa.date32())
        married = own.random(n) < (0.03 if source == "later" else 0)
        surname = self.last.words.take(pa.array(np.where(married, three, two)))
        middle = pc.if_else(pa.array(same.random(n) < 0.4), joined([" ", self.first.words.take(pa.array(second))]), "")
        particle = pc.if_else(pa.array(same.random(n) < 0.5), " DA ", " ")
        given = self.first.words.take(pa.array(first))
        name = joined([given, middle, " ", self.last.words.take(pa.array(one)), particle, surname])
        mothers = joined([self.first.words.take(pa.array(mother)), " ", self.last.words.take(pa.array(three)), " "])
        mothers = joined([mothers, self.last.words.take(pa.array(one))])
        ids = np.arange(start, start + n, dtype=np.int64) * 97 + 1_000_000_000
        moved = own.random(n) < 0.3
        town = np.where(moved, own.integers(1, 5570, n), same.integers(1, 5570, n))
        postal = np.where(moved, own.integers(10**6, 10**8, n), same.integers(10**6, 10**8, n))
        mail = joined([pc.utf8_lower(given), ".", strings(ids + (own.random(n) < 0.6)), "@exemplo.com.br"])
        phones = 11_900_000_000 + np.where(own.random(n) < 0.5, ids % 10**8, own.integers(0, 10**8, n))
        keep = {"registry": 1.0, "later": 0.6, "shop": 0.5}[source]
        with_id = {"registry": 1.0, "later": 0.5, "shop": 1.0}[source]
        table = pa.table(
            {
                "row": pa.array(np.arange(start + 1, start + n + 1)),
                "source": pa.nulls(n, pa.string()),
                "tax_id": sparse(pa.array(ids), own, with_id),
                "name": name,
                "birth_date": sparse(born, own, 0.97),
                "sex": pa.array(same.integers(1, 3, n).astype(np.uint8)),
                "mother_name": sparse(mothers, own, 0.5 if source == "shop" else 0.95),
                "street": joined(["RUA ", self.last.words.take(pa.array(two))]),
                "number": strings(same.integers(1, 4000, n)),
                "complement": sparse(joined(["APARTAMENTO ", strings(same.integers(1, 200, n))]), own, 0.3),
                "district": joined(["VILA ", self.first.words.take(pa.array(second))]),
                "municipality": pa.array(town.astype(np.uint16)),
                "postal_code": pa.array(postal.astype(np.int32)),
                "phones": pa.ListArray.from_arrays(pa.array(np.arange(n + 1, dtype=np.int32)), pa.array(phones)),
                "emails": pa.ListArray.from_arrays(pa.array(np.arange(n + 1, dtype=np.int32)), mail),
                "seen_at": pa.array(own.integers(17_000, 20_000, n), pa.int32()).cast(pa.date32()),
            },
            schema=PEOPLE,
        )
        return table.filter(pa.array(own.random(n) < keep))


def companies(words: People, start: int, n: int) -> pa.Table:
    rng = np.random.default_rng([9, start])
    first, second = (words.last.words.take(pa.array(words.last.draw(rng, n))) for _ in range(2))
    ends = pa.array(np.arange(n + 1, dtype=np.int32))
    return pa.table(
        {
            "row": pa.array(np.arange(start + 1, start + n + 1)),
            "source": pa.nulls(n, pa.string()),
            "tax_id": pa.array(10**17 + np.arange(start, start + n) * 36**4 + 1),
            "head_office": pa.array(np.ones(n, bool)),
            "legal_name": joined([first, " E ", second, " COMERCIO DE ALIMENTOS LTDA"]),
            "trade_name": sparse(joined(["MERCADO ", second]), rng, 0.36),
            "owner_tax_id": pa.nulls(n, pa.int64()),
            "legal_nature": pa.array(np.full(n, 2062, np.int16)),
            "size": pa.array(np.ones(n, np.uint8)),
            "registration_status": pa.array(np.full(n, 2, np.uint8)),
            "opened_on": pa.array(rng.integers(5_000, 20_000, n), pa.int32()).cast(pa.date32()),
            "activity": pa.array(np.full(n, 4_712_100, np.int32)),
            "street": joined(["RUA ", first]),
            "number": strings(rng.integers(1, 4000, n)),
            "complement": pa.nulls(n, pa.string()),
            "district": pa.array(["CENTRO"] * n),
            "municipality": pa.array(rng.integers(1, 5570, n).astype(np.uint16)),
            "postal_code": pa.array(rng.integers(10**6, 10**8, n).astype(np.int32)),
            "phones": pa.ListArray.from_arrays(ends, pa.array(11_30000000 + rng.zipf(1.3, n) % 9_999_999)),
            "emails": pa.ListArray.from_arrays(ends, joined(["contato", strings(rng.zipf(1.3, n)), "@exemplo.com.br"])),
            "seen_at": pa.array(np.full(n, 20_000, np.int32)).cast(pa.date32()),
        },
        schema=COMPANIES,
    )


def partners(words: People, start: int, n: int) -> pa.Table:
    rng = np.random.default_rng([10, start])
    first, last = (kind.words.take(pa.array(kind.draw(rng, n))) for kind in (words.first, words.last))
    columns = {
        "row": pa.array(np.arange(start + 1, start + n + 1)),
        "company_root": pa.array((10**17 + np.arange(start, start + n) * 36**4 + 1) // 36**4),
        "kind": pa.array(np.full(n, 2, np.uint8)),
        "name": joined([first, " ", last]),
        "masked_cpf": pa.array(rng.integers(0, 10**6, n).astype(np.int32)),
    }
    return pa.table([columns.get(f.name, pa.nulls(n, f.type)) for f in PARTNERS], schema=PARTNERS)


def write(home: Path, people: int) -> None:
    """Tables of ``people`` people and three companies for every ten of them."""
    words = People()
    for source in ("registry", "later", "shop"):
        _write(home, source, "people", PEOPLE, people, lambda start, n, s=source: words.batch(s, start, n))
    _write(home, "cnpj", "companies", COMPANIES, people * 3 // 10, lambda start, n: companies(words, start, n))
    _write(home, "cnpj", "partners", PARTNERS, people * 3 // 10, lambda start, n: partners(words, start, n))


def _write(home: Path, source: str, table: str, schema: pa.Schema, total: int, batch) -> None:
    directory = home / "sources" / source / "2026"
    directory.mkdir(parents=True, exist_ok=True)
    for start in range(0, total, 10 * BATCH):
        with pq.ParquetWriter(directory / f"{table}-{start // BATCH:04}.parquet", schema, compression="zstd") as file:
            for part in range(start, min(total, start + 10 * BATCH), BATCH):
                file.write_table(batch(part, min(BATCH, total - part)))
