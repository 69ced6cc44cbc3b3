from datetime import date
from pathlib import Path

import pytest

from bureau.deliverability.phone.live import read_answers
from bureau.deliverability.phone.reasons import Reason
from bureau.deliverability.phone.verdict import LiveAnswer
from bureau.errors import UnreadableInput


def test_the_latest_answer_counts(tmp_path: Path) -> None:
    path = tmp_path / "hlr.csv"
    path.write_text(
        "number,reason,as_of,carrier\n"
        "11 98765-4320,inactive,2026-10-01,TIM\n"
        "+5511987654320,ported,2026-11-01,Vivo\n"
        "(11) 98765-4320,active,2026-09-01,\n",
        encoding="utf-8",
    )
    source = read_answers(path)
    assert LiveAnswer(Reason.PORTED, date(2026, 11, 1), "Vivo") == source.answer(11987654320)
    assert source.answer(11987654321) is None


@pytest.mark.parametrize(
    "line", ["1,active,2026-01-01,", "11 98765-4320,too_short,2026-01-01,", "11 98765-4320,active,x,"]
)
def test_a_bad_line_fails_the_file(tmp_path: Path, line: str) -> None:
    path = tmp_path / "hlr.csv"
    path.write_text(f"number,reason,as_of,carrier\n{line}\n", encoding="utf-8")
    with pytest.raises(UnreadableInput, match="Line 2"):
        read_answers(path)
