from pathlib import Path

import msgspec

from bureau.intake.preview import preview
from bureau.intake.tables import Reading

TEXT = """Relatório
a;cpf;fone
ANA PAULA LIMA;529.982.247-25;1133334444 / 11987654321
RUI LOPES;390.533.447-05;NAO TEM
EVA DIAS;1.23E+10;
so isto
TOTAL;;3
"""


def test_a_preview_shows_what_would_happen(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(TEXT, encoding="cp1252")
    found = preview(path)
    assert ("csv", "cp1252", ";", True) == (found.form, found.encoding, found.delimiter, found.headed)
    guesses = [(column.guess.name, column.guess.field, column.guess.why) for column in found.columns]
    assert [("a", "name", "content"), ("cpf", "tax_id", "header"), ("fone", "phones", "header")] == guesses
    assert ("ANA PAULA LIMA", "RUI LOPES", "EVA DIAS") == found.columns[0].values
    assert 3 == found.rows[0].row
    assert "1133334444|11987654321" == found.rows[0].record["phones"]
    assert ["placeholder_removed"] == [repair["rule"] for repair in found.rows[1].repairs]
    assert {"too_few_fields": 1, "total_line": 1} == found.refused
    assert [(6, "too_few_fields"), (7, "total_line")] == [(one.row, one.reason) for one in found.refusals]
    assert (5, {"several_split": 1, "placeholder_removed": 1}) == (found.rows_seen, found.repairs)


def test_the_correction_has_the_form_of_the_guess(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(TEXT)
    found = preview(path)
    assert {"name": ["a"], "tax_id": ["cpf"], "phones": ["fone"]} == found.mapping
    corrected = preview(path, Reading(mapping={**found.mapping, "name": [], "reference": ["a"]}))
    assert "ANA PAULA LIMA" == corrected.rows[0].record["reference"]
    assert "name" not in corrected.rows[0].record
    assert msgspec.json.decode(msgspec.json.encode(corrected))["columns"][0]["guess"]["why"] == "mapping"
