from pathlib import Path

from bureau.cli.demo_population import DemoPopulation, record_of

HEADER = "query_id,name,tax_id,birth_date,sex,mother_name,street,city,phones,emails"


def population(tmp_path: Path, rows: list[str], truth: list[str]) -> DemoPopulation:
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "queries.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    names = "query_id,person_id,damage,aged"
    (tmp_path / "queries" / "truth.csv").write_text("\n".join([names, *truth]) + "\n")
    return DemoPopulation(tmp_path)


def test_a_row_becomes_a_record_without_what_is_empty() -> None:
    row = dict(zip(HEADER.split(","), ["q1", "ANA", "", "1980-01-02", "", "", "RUA A", "RIO", "1|2", ""], strict=True))
    expected = {
        "reference": "q1",
        "name": "ANA",
        "birth_date": "1980-01-02",
        "phones": ["1", "2"],
        "address": {"street": "RUA A", "city": "RIO"},
    }
    assert expected == record_of(row)


def test_absent_people_are_left_out_and_stale_records_come_first(tmp_path: Path) -> None:
    rows = [f"q{number},ANA,{tax_id},,,,,,," for number, tax_id in enumerate(["", "1", "", "", ""])]
    truth = [
        "q0,,typo_surname,",
        "q1,7,moved,phone|email",
        "q2,8,clean,",
        "q3,9,moved,email|phone",
        "q4,9,clean,email|phone",
    ]
    found = population(tmp_path, rows, truth).queries(10)
    assert ["q3", "q4", "q1", "q2"] == [query.record["reference"] for query in found]
