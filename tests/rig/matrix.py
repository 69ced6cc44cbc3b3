"""What was expected and what was found, counted, and as the page that is published."""

from collections import Counter

from bureau.deliverability.email.reasons import JUDGEMENTS, Fault, Reason

ROUNDS = 3
"""How often each scenario is asked."""

ELSEWHERE = {
    Reason.SPAM_TRAP_SUSPECTED: "nothing gives it yet: a trap cannot be seen by SMTP, and no source of them is loaded",
    Reason.PARKED_DOMAIN: "nothing gives it yet: it takes a list of parking hosts, and none is loaded",
}
"""Reasons the rig cannot make, and why."""

OPENING = """# Confusion matrix of the rig

Written by `make rig PUBLISH=1`, and compared with what it finds on every run: a difference fails. Each scenario
was asked {rounds} times, each time of a verifier that knew nothing. The rig is real: NSD, Postfix with one loopback
address per imagined provider, postgrey; a few small servers of our own do what no Postfix can be told to.
"""


class Findings:
    """Counts of (scenario, expected, found)."""

    def __init__(self) -> None:
        self._found: Counter[tuple[str, Reason, Reason]] = Counter()

    def note(self, what: str, expected: Reason, found: Reason) -> None:
        self._found[what, expected, found] += 1

    @property
    def reasons(self) -> set[Reason]:
        return {found for _, _, found in self._found}

    @property
    def scenarios(self) -> set[str]:
        return {what for what, _, _ in self._found}

    def page(self) -> str:
        """Markdown without anything that changes from run to run."""
        by_reason: dict[Reason, list[str]] = {reason: [] for reason in Reason}
        others: Counter[Reason] = Counter()
        right: Counter[Reason] = Counter()
        for (what, expected, found), count in self._found.items():
            by_reason[expected].append(what)
            (right if expected is found else others)[expected] += count
        lines = [OPENING.format(rounds=ROUNDS), "| status | fault | reason | asked | found | otherwise | scenarios |"]
        lines.append("|---|---|---|---|---|---|---|")
        for reason, judgement in JUDGEMENTS.items():
            fault = "" if judgement.fault is Fault.CONTACT else judgement.fault.value
            scenarios = "; ".join(sorted(set(by_reason[reason]))) or f"– ({ELSEWHERE.get(reason, 'none')})"
            asked = right[reason] + others[reason]
            counts = f"{asked} | {right[reason]} | {others[reason]}"
            lines.append(f"| {judgement.status.value} | {fault} | `{reason.value}` | {counts} | {scenarios} |")
        wrong = sum(others.values())
        asked = sum(self._found.values())
        lines.append(f"\nOff the diagonal: {wrong} of {asked} answers from {len(self.scenarios)} scenarios.")
        return "\n".join(lines) + "\n"
