"""Writes everything a run produces, block by block, so that memory does not grow with the population."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from loaders.synthetic.options import SyntheticOptions, SyntheticSummary
from loaders.synthetic.people_files import PeopleFile, open_people_file
from loaders.synthetic.population import Block, World
from loaders.synthetic.queries import QueryFiles
from loaders.synthetic.register import RegisterFiles
from loaders.synthetic.sources import PLANS, SourcePlan, memberships, render
from loaders.synthetic.truth import TruthFile

_README = """SYNTHETIC DATA. Nobody in these files exists.

Names, addresses, documents, phones and e-mails were drawn at random by loaders/synthetic from public statistics.
A drawn CPF, CNPJ, phone or mailbox may by chance be somebody's: never write to or call any of them.
Every row of people/ names its source, and every source's name begins with synthetic_.
seed={0.seed} people={0.people} companies={0.company_count} reference_date={0.reference_date}
"""
_PEOPLE_STREAM = 10  # of World.rng: one for each source from here on


def _clear(out: Path) -> None:
    """Remove an earlier run's files that this one may not overwrite, so that two populations never mix."""
    for pattern in ("people/synthetic_*", "cnpj/*.zip"):
        for path in out.glob(pattern):
            path.unlink()


class _Held(NamedTuple):
    """Who of a block is in which source: by person and source, and the row they have there; whose tax id any knows."""

    member: NDArray[np.bool_]
    numbers: NDArray[np.int64]
    tax_id_known: NDArray[np.bool_]


def _write_people(world: World, block: Block, plans: tuple[SourcePlan, ...], files: Sequence[PeopleFile]) -> _Held:
    member = memberships(world.rng(block.number, 1), block, plans, world.today)
    held = _Held(member, np.zeros(member.shape, dtype=np.int64), np.zeros(len(member), dtype=np.bool_))
    for column, (plan, file) in enumerate(zip(plans, files, strict=True)):
        here = member[:, column]
        columns = render(world.rng(block.number, _PEOPLE_STREAM + column), world, block, block.people[here], plan)
        held.numbers[here, column] = file.write(columns)
        held.tax_id_known[here] |= np.asarray(columns["tax_id"].is_valid())
    return held


def generate(out: Path, options: SyntheticOptions) -> SyntheticSummary:
    """Write a synthetic population below ``out``; the same options give the same files.

    Raises :class:`~bureau.errors.InvalidArgument` for options that cannot be used.
    """
    options.check()
    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    (out / "README.txt").write_text(_README.format(options), encoding="utf-8")
    _clear(out)
    world, plans = World(options), PLANS[: options.sources]
    with ExitStack() as files:
        people = [files.enter_context(open_people_file(out / "people", plan, options.people_format)) for plan in plans]
        truth = files.enter_context(TruthFile(out / "truth", world, [plan.name for plan in plans]))
        register = files.enter_context(RegisterFiles(out / "cnpj", world))
        queries = files.enter_context(QueryFiles(out / "queries", world))
        for block in world.generate():
            held = _write_people(world, block, plans, people)
            truth.write(block, held.member, held.numbers)
            register.write(block)
            queries.write(block, held.tax_id_known)
            if options.progress is not None:
                options.progress(int(block.person_id.max()), options.people + options.absent)
        queries.finish()
    return SyntheticSummary(
        people=options.people,
        source_rows={plan.name: file.rows for plan, file in zip(plans, people, strict=True)},
        companies=register.companies,
        establishments=register.establishments,
        partners=register.partners,
        queries=queries.count,
        absent_queries=queries.absent,
        seconds=round(time.monotonic() - started, 1),
    )
