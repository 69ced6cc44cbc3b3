from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from loaders.synthetic import SyntheticOptions, SyntheticSummary, generate

SMALL = {"people": 400, "queries": 60}


@dataclass
class Progress:
    calls: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, done: int, total: int) -> None:
        self.calls.append((done, total))


def _hashes(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): blake2b(path.read_bytes()).hexdigest() for path in paths}


def test_the_same_seed_gives_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        generate(tmp_path / name, SyntheticOptions(**SMALL, seed=seed))
    one, again, other = (_hashes(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert set(one) == set(other)
    same = {name for name in one if one[name] == other[name]}
    assert all("F.K03200$Z" in name for name in same), "only the code lists do not depend on the seed"


def test_the_summary_counts_what_was_written(
    summary: SyntheticSummary, truth: list[dict[str, object]], records: dict[tuple[str, int], dict[str, str]]
) -> None:
    assert 6_000 == summary.people == len(truth)
    assert (1_200, 300) == (summary.queries, summary.absent_queries)
    rows = {name: sum(source == name for source, _ in records) for name in summary.source_rows}
    assert rows == summary.source_rows
    assert 1.5 < sum(rows.values()) / summary.people < 1.9


def test_everything_says_that_it_is_synthetic(folder: Path, records: dict[tuple[str, int], dict[str, str]]) -> None:
    assert (folder / "README.txt").read_text().startswith("SYNTHETIC DATA.")
    assert all(record["source"] == source for (source, _), record in records.items())
    assert all(source.startswith("synthetic_") for source, _ in records)


def test_options_choose_sources_format_and_sizes(tmp_path: Path) -> None:
    progress = Progress()
    options = SyntheticOptions(people=50, companies=0, sources=5, queries=0, people_format="parquet", progress=progress)
    summary = generate(tmp_path, options)
    assert 5 == len(list((tmp_path / "people").glob("*.parquet"))) == len(summary.source_rows)
    assert (0, 0) == (summary.companies, summary.queries)
    assert [(50, 50)] == progress.calls


def test_one_person_is_a_population(tmp_path: Path) -> None:
    summary = generate(tmp_path, SyntheticOptions(people=1, companies=3, queries=1, absent_share=0.0))
    assert (1, 3, 1) == (summary.people, summary.companies, summary.queries)


def test_a_second_run_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    generate(tmp_path, SyntheticOptions(people=50, queries=0, sources=5))
    generate(tmp_path, SyntheticOptions(people=60, queries=0, sources=1, people_format="parquet"))
    assert ["synthetic_utility.parquet"] == [path.name for path in (tmp_path / "people").iterdir()]
