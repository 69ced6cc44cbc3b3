"""Each scenario gets its exact status and reason, every time."""

import asyncio

import pytest

from bureau.deliverability.email.mailbox.prober import ProbeSettings
from bureau.deliverability.email.memory import NOTHING_KNOWN, Known
from bureau.deliverability.email.reasons import JUDGEMENTS
from bureau.deliverability.email.verdict import EmailVerdict, Mailbox
from tests.rig.conftest import IMPATIENT, PATIENT, Rig
from tests.rig.matrix import ROUNDS, Findings
from tests.rig.scenarios import SCENARIOS, Scenario

pytestmark = pytest.mark.rig


async def asked(rig: Rig, scenario: Scenario) -> EmailVerdict:
    probing: ProbeSettings = rig.probing(PATIENT if scenario.patient else IMPATIENT)
    sightings = {scenario.address: scenario.sighting} if scenario.sighting else {}
    reported = Mailbox(scenario.reported) if scenario.reported else None
    known = Known(lambda _: reported) if reported else NOTHING_KNOWN
    async with rig.verifier(probing) as verifier:
        [verdict] = await verifier.verify([scenario.address], scenario.depth, 40.0, sightings, known=known)
    return verdict


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.what)
async def test_scenario(all_servers: Rig, findings: Findings, scenario: Scenario) -> None:
    verdicts = await asyncio.gather(*(asked(all_servers, scenario) for _ in range(ROUNDS)))
    for verdict in verdicts:
        findings.note(scenario.what, scenario.reason, verdict.reason)
    expected = (JUDGEMENTS[scenario.reason].status, scenario.reason, False)
    assert [expected] * ROUNDS == [(verdict.status, verdict.reason, verdict.pending) for verdict in verdicts]
