import pytest

from bureau.errors import InvalidArgument
from loaders.synthetic import SyntheticOptions


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": 0},
        {"people": 20_000_001},
        {"companies": -1},
        {"sources": 0},
        {"sources": 6},
        {"people": 10, "queries": 11},
        {"absent_share": 1.5},
        {"seed": -1},
    ],
)
def test_what_cannot_be_generated_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidArgument, match=next(reversed(wrong))):
        SyntheticOptions(**wrong).check()  # type: ignore[arg-type]


def test_companies_are_three_for_ten_people_unless_given() -> None:
    SyntheticOptions().check()
    assert 60_000 == SyntheticOptions().company_count
    assert 0 == SyntheticOptions(companies=0).company_count
