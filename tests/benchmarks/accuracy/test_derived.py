"""What the peers are given beside the records' own columns."""

from benchmarks.accuracy.peers.derived import derived
from benchmarks.accuracy.task import table


def test_names_dates_and_tax_ids_are_taken_apart() -> None:
    found = derived(
        table(
            {
                "given_name": ["JOSE", "ANA", ""],
                "surname": ["LIMA DA SILVA FILHO", "", ""],
                "birth_date": ["19800215", "", ""],
                "mother_name": ["MARIA LIMA", "", ""],
                "tax_id": ["12345678909", "", ""],
            }
        )
    )
    assert ["JOSE LIMA DA SILVA FILHO", "ANA", None] == found["full_name"].to_pylist()
    assert ["FILHO", "", None] == found["suffix"].to_pylist()
    assert ["SILVA", None, None] == found["last_name"].to_pylist()
    parts = ("year", "month", "day", "mother_first", "tax_head", "tax_tail")
    assert ["1980", "02", "15", "MARIA", "123456", "678909"] == [found[part][0].as_py() for part in parts]
    assert [None] * len(parts) == [found[part][1].as_py() for part in parts]
    assert ["JOSE", "LIMA", "DA", "SILVA", "FILHO"] == found["tokens"][0].as_py()
