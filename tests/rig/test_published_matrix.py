"""Runs after all others: the page that is published says what was found. It needs them all, so not with ``-k``."""

import os
from pathlib import Path

import pytest

from bureau.deliverability.email.reasons import Reason
from tests.rig.conftest import Rig
from tests.rig.matrix import ELSEWHERE, Findings
from tests.rig.scenarios import SCENARIOS

PAGE = Path(__file__).parents[2] / "docs" / "deliverability-matrix.md"


@pytest.mark.rig
def test_the_published_matrix_is_what_was_found(rig: Rig, findings: Findings) -> None:
    assert rig.port
    missing = {scenario.what for scenario in SCENARIOS} - findings.scenarios
    if missing:
        pytest.skip(f"{len(missing)} scenarios were not run")
    assert set(Reason) == findings.reasons | set(ELSEWHERE)
    if os.environ.get("BUREAU_RIG_PUBLISH"):
        PAGE.write_text(findings.page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == findings.page(), "publish it anew: make rig PUBLISH=1"


def test_scenarios_have_names_of_their_own() -> None:
    names = [scenario.what for scenario in SCENARIOS]
    assert sorted(set(names)) == sorted(names)


def test_every_reason_has_a_line_on_the_published_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [] == [reason for reason in Reason if f"`{reason.value}`" not in text]
