"""Whole answers and other forms, wanted with the job or after it."""

import json
from typing import Any

import pytest

from bureau.errors import PopulationUnavailable
from bureau.intake.rows import CHUNK_ROWS
from bureau.jobs.job import Format, State

EVERYWHERE = pytest.mark.parametrize(
    "files_url", ["local", pytest.param("bucket", marks=pytest.mark.acceptance)], indirect=True
)


async def test_whole_answers_in_json_carry_the_charge_too(bench: Any) -> None:
    job = await bench.done("nome;conta\nHIT ANA;1\nHIT ANA;2\n", format=Format.JSONL)
    lines = [json.loads(line) for line in bench.result(job, "jsonl").splitlines()]
    assert [1, 0] == [line["bureau_answer"]["charge"]["units"] for line in lines]
    assert "repeated_in_file" == lines[1]["bureau_answer"]["charge"]["why"]


async def test_a_result_in_another_form_is_made_when_asked_for(bench: Any) -> None:
    job = await bench.done(bench.FILE)
    await bench.registry.want_format(bench.acme.client, job.id, Format.JSONL)
    await bench.work()
    lines = [json.loads(line) for line in bench.result(job, "jsonl").splitlines()]
    assert ["matched", "not_found", "matched"] == [line["bureau_answer"]["status"] for line in lines]
    await bench.registry.want_format(bench.acme.client, job.id, Format.JSONL)
    (row,) = await bench.rows("SELECT work_left FROM job")
    assert row["work_left"] is False


@EVERYWHERE
async def test_whole_answers_asked_for_afterwards_are_those_of_a_job_that_shows_them(bench: Any) -> None:
    text = bench.names(CHUNK_ROWS) + bench.FILE.partition("\n")[2] + "HIT 000007;again\n"
    shown = await bench.done(text, bench.other, format="jsonl")
    job = await bench.done(text)
    assert await bench.registry.want_format("acme", job.id, Format.JSONL)
    await bench.work()
    lines = bench.result(job, "jsonl")
    assert bench.result(shown, "jsonl") == lines
    answers = [json.loads(line)["bureau_answer"] for line in lines.splitlines()]
    assert CHUNK_ROWS + 2 == await bench.units() // 2 == sum(answer["charge"]["units"] for answer in answers)
    assert {"units": 0, "why": "repeated_in_file"} == answers[-1]["charge"]
    assert bench.refusals(job) == bench.refusals(job, "jsonl") == [f"{CHUNK_ROWS + 4},name,unusable"]


async def test_whole_answers_are_made_in_turns_and_none_is_made_twice(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bureau.jobs.whole_answers.TURN_SECONDS", 0.0)
    job = await bench.done(bench.names(2 * CHUNK_ROWS + 5))
    await bench.registry.want_format("acme", job.id, Format.PARQUET)
    asked: list[int] = []

    def counting(*given: Any) -> Any:
        asked.append(given[4].num_rows)
        return bench.answer(*given)

    worker = bench.worker(answer=counting)
    await worker.do(await worker.claim())
    assert (1, State.COMPLETED) == (len(asked), (await bench.job(job.id)).state)
    small = await bench.submit(bench.FILE, bench.other)
    assert small.job.id == (await worker.claim()).job  # others have their turn in between
    await bench.store.fetch("jobs.release_worker", "wrk_1")
    await bench.work(answer=counting)
    assert [5, 4, CHUNK_ROWS, CHUNK_ROWS] == sorted(asked, key=lambda rows: (rows > 5, -rows))


async def test_whole_answers_of_a_population_that_is_gone_cannot_be_made(bench: Any) -> None:
    def gone(*_: Any) -> Any:
        raise PopulationUnavailable("It was removed.")

    job = await bench.done(bench.FILE)
    await bench.registry.want_format("acme", job.id, Format.JSONL)
    await bench.work(answer=gone)
    assert not await bench.registry.want_format("acme", job.id, Format.JSONL)
    assert await bench.registry.want_format("acme", job.id, Format.XLSX)
