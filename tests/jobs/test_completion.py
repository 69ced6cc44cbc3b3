"""What a job costs: every match once, inside its window, wherever in the file it is there again."""

from typing import Any

import pytest

from bureau.intake.rows import CHUNK_ROWS

EVERYWHERE = pytest.mark.parametrize(
    "files_url", ["local", pytest.param("bucket", marks=pytest.mark.acceptance)], indirect=True
)


async def test_the_same_record_twice_is_asked_once_and_charged_once_on_its_first_row(bench: Any) -> None:
    asked: list[int] = []

    def counting(*arguments: Any) -> Any:
        asked.append(arguments[4].num_rows)
        return bench.answer(*arguments)

    submitted = await bench.submit("nome;conta\nHIT ÁNA;1\nHIT BIA;2\nHIT-ANA;3\nHIT BIA;4\n")
    await bench.work(answer=counting)
    job = await bench.job(submitted.job.id)
    assert [3] == asked  # ÁNA and ANA are one record, but answered as each was typed
    assert ["1", "1", "0", "0"] == bench.cells(job, "bureau_charge")
    assert 2 == await bench.units()
    assert {"units": 2, "repeated": 2, "requeried": 0} == (await bench.report(job))["charge"]


async def test_a_record_repeated_in_another_chunk_shows_its_charge_on_the_first_row(bench: Any) -> None:
    text = bench.names(CHUNK_ROWS) + "HIT 000001;again\nHIT LAST;x\n"
    job = await bench.done(text)
    charges = bench.cells(job, "bureau_charge")
    assert (["1", "0", "1"], CHUNK_ROWS + 1) == (charges[-3:], charges.count("1"))
    assert CHUNK_ROWS + 1 == await bench.units()


async def test_a_record_asked_again_inside_its_window_is_free(bench: Any) -> None:
    await bench.done(bench.FILE)
    again = await bench.done(bench.FILE + "HIT CAIO;5\n")
    assert ["0", "0", "0", "1"] == bench.cells(again, "bureau_charge")
    assert {"units": 1, "repeated": 0, "requeried": 2} == (await bench.report(again))["charge"]
    assert 3 == await bench.units()
    await bench.rows("UPDATE charged_record SET charged_at = now() - interval '31 days'")
    later = await bench.done(bench.FILE)
    assert ["1", "0", "1"] == bench.cells(later, "bureau_charge")


async def test_another_clients_window_is_its_own(bench: Any) -> None:
    await bench.done(bench.FILE)
    await bench.done(bench.FILE, bench.other)
    assert 4 == await bench.units()


async def test_nothing_of_a_person_is_kept_in_the_table_of_charges(bench: Any) -> None:
    await bench.done(bench.FILE)
    kept = await bench.rows("SELECT record FROM charged_record")
    assert {16} == {len(row["record"]) for row in kept}
    assert not any(b"ANA" in row["record"] for row in kept)


@EVERYWHERE
async def test_a_dry_run_tells_the_price_and_charges_nothing(bench: Any) -> None:
    text = bench.names(CHUNK_ROWS) + "HIT 000001;again\nHIT LAST;x\n"
    job = await bench.done(text, dry_run=True)
    report = await bench.report(job)
    assert (True, CHUNK_ROWS + 1, 1) == (report["dry_run"], report["charge"]["units"], report["charge"]["repeated"])
    assert 0 == await bench.units()
    assert [] == [name for name in bench.listed(job) if name.startswith(("results", "parts"))]
    await bench.done(text)
    assert CHUNK_ROWS + 1 == await bench.units()
