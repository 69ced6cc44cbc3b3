"""Splink's set-up for Brazilian registers, where people have families: the best of those tried (README).

What its documents recommend and what paid here: full names with term frequencies, names that are part of each other
as a level (surnames are added, dropped and replaced), Filho and Junior as a comparison of its own, dates with day and
month exchanged or one part wrong, an address as *one* comparison (correlated columns count twice otherwise), contacts
by equality alone (mailboxes are made of names, so that similar ones are a family's), many strict blocking rules.
"""

import pyarrow as pa
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.internals.blocking_rule_creator import BlockingRuleCreator
from splink.internals.comparison_creator import ComparisonCreator
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from benchmarks.accuracy.peers.derived import derived

_BLOCKS = (
    ("tax_id",), ("phone",), ("email",), ("full_name",),
    ("birth_date", "given_name"), ("birth_date", "last_name"), ("birth_date", "postal_code"),
    ("mother_name", "given_name"), ("mother_name", "birth_date"),
    ("postal_code", "given_name"), ("postal_code", "number"),
    ("given_name", "last_name", "year"), ("given_name", "last_name", "month", "day"),
    ("given_name", "last_name", "city"), ("tax_head", "given_name"), ("tax_tail", "given_name"),
)  # fmt: skip
_SAME = ("given_name", "last_name", "year")
_EXCHANGED = " and ".join((*(f"l.{column} = r.{column}" for column in _SAME), "l.month = r.day", "l.day = r.month"))
# Among the pairs of a rule EM must find two classes, and those must be people: pairs of one address are households, and
# EM then learns to recognise relatives.
TRAINING = (("birth_date",), ("given_name", "surname"))


def prepared(records: pa.Table, columns: set[str]) -> pa.Table:
    found = derived(records)
    return found.drop_columns([column for column in records.column_names if column not in columns])


def settings(_: set[str], known: int) -> SettingsCreator:
    return SettingsCreator(
        link_type="link_only",
        probability_two_random_records_match=1 / known,
        blocking_rules_to_generate_predictions=_rules(),
        comparisons=[
            _name(),
            _suffix(),
            _birth_date(),
            _mother(),
            cl.DamerauLevenshteinAtThresholds("tax_id", [1, 2]),
            _home(),
            cl.ExactMatch("phone"),
            cl.ExactMatch("email"),
        ],
        retain_matching_columns=False,
    )


def _rules() -> list[BlockingRuleCreator | dict[str, str]]:
    return [*(block_on(*block) for block in _BLOCKS), CustomRule(_EXCHANGED)]


def _compared(column: str, *levels: ComparisonLevelCreator) -> ComparisonCreator:
    return cl.CustomComparison([cll.NullLevel(column), *levels, cll.ElseLevel()], output_column_name=column)


def _exact(column: str) -> ComparisonLevelCreator:
    return cll.ExactMatchLevel(column).configure(tf_adjustment_column=column)


def _name() -> ComparisonCreator:
    return _compared(
        "full_name",
        _exact("full_name"),
        cll.DamerauLevenshteinLevel("full_name", 1),
        cll.ArraySubsetLevel("tokens"),
        cll.JaroWinklerLevel("full_name", 0.92),
        cll.CustomLevel("given_name_l = given_name_r and last_name_l = last_name_r"),
        cll.JaroWinklerLevel("full_name", 0.8),
    )


def _suffix() -> ComparisonCreator:
    levels = [
        cll.CustomLevel("suffix_l = '' and suffix_r = ''"),
        cll.ExactMatchLevel("suffix"),
        cll.CustomLevel("suffix_l = '' or suffix_r = ''"),
    ]
    return cl.CustomComparison([cll.NullLevel("full_name"), *levels, cll.ElseLevel()], output_column_name="suffix")


def _birth_date() -> ComparisonCreator:
    parts = "(year_l = year_r)::int + (month_l = month_r)::int + (day_l = day_r)::int = 2"
    return _compared(
        "birth_date",
        cll.ExactMatchLevel("birth_date"),
        cll.CustomLevel("year_l = year_r and month_l = day_r and day_l = month_r"),
        cll.DamerauLevenshteinLevel("birth_date", 1),
        cll.CustomLevel(parts),
    )


def _mother() -> ComparisonCreator:
    return _compared(
        "mother_name",
        _exact("mother_name"),
        cll.DamerauLevenshteinLevel("mother_name", 2),
        cll.ArraySubsetLevel("mother_tokens"),
        cll.JaroWinklerLevel("mother_name", 0.9),
        _exact("mother_first"),
    )


def _home() -> ComparisonCreator:
    """A postal code of eight digits, of which three are a region and five a town or a part of a city."""
    return _compared(
        "postal_code",
        cll.CustomLevel("postal_code_l = postal_code_r and number_l = number_r"),
        _exact("postal_code"),
        cll.DamerauLevenshteinLevel("postal_code", 1),
        cll.CustomLevel("substr(postal_code_l, 1, 5) = substr(postal_code_r, 1, 5)"),
        cll.CustomLevel("substr(postal_code_l, 1, 3) = substr(postal_code_r, 1, 3)"),
    )
