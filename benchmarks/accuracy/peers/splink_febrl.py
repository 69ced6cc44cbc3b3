"""Splink's set-up for registers without families: its own demonstration of linking FEBRL 4."""

import pyarrow as pa
import splink.comparison_library as cl
from splink import SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.internals.blocking_rule_creator import BlockingRuleCreator

_BLOCKS = (
    ("given_name", "surname"), ("birth_date",), ("tax_id",), ("phone",), ("email",), ("postal_code",),
    ("state", "street"), ("number", "street"),
)  # fmt: skip
TRAINING = (("birth_date",), ("given_name", "surname"))


def prepared(records: pa.Table, columns: set[str]) -> pa.Table:
    return records.select(sorted(columns))


def settings(columns: set[str], known: int) -> SettingsCreator:
    comparisons = {
        "given_name": cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        "surname": cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        "birth_date": cl.DateOfBirthComparison(
            "birth_date", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True
        ),
        "tax_id": cl.DamerauLevenshteinAtThresholds("tax_id", [1, 2]),
        "number": cl.ExactMatch("number").configure(term_frequency_adjustments=True),
        "postal_code": cl.DamerauLevenshteinAtThresholds("postal_code", [1, 2]).configure(
            term_frequency_adjustments=True
        ),
        "phone": cl.ExactMatch("phone"),
        "email": cl.EmailComparison("email"),
    }
    return SettingsCreator(
        link_type="link_only",
        probability_two_random_records_match=1 / known,  # one to one, which its demonstration says may be set
        blocking_rules_to_generate_predictions=_rules(columns),
        comparisons=[comparison for column, comparison in comparisons.items() if column in columns],
        retain_matching_columns=False,
    )


def _rules(columns: set[str]) -> list[BlockingRuleCreator | dict[str, str]]:
    swapped = CustomRule("l.given_name = r.surname and l.surname = r.given_name")
    return [*(block_on(*block) for block in _BLOCKS if columns.issuperset(block)), swapped]
