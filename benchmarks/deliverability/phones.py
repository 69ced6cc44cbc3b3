"""Phone verdicts, beside phonenumbers alone."""

import numpy as np
import phonenumbers
import pyarrow as pa
from measure import rate

from bureau.deliverability.phone.columnar import check_numbers
from bureau.deliverability.phone.verdict import check_phone
from bureau.normalise.phones import phones


def library(text: str) -> int | None:
    try:
        found = phonenumbers.parse(text, "BR")
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.number_type(found) if phonenumbers.is_valid_number(found) else None


if __name__ == "__main__":
    draw = np.random.default_rng(7)
    areas = draw.choice([11, 19, 21, 31, 41, 51, 61, 71, 81, 85, 20], 1_000_000)
    numbers = areas * 10**9 + draw.integers(9 * 10**8, 10**9, 1_000_000)
    texts = [f"({n // 10**9}) {n // 10**4 % 10**5}-{n % 10**4:04}" for n in numbers[:200_000].tolist()]
    column = pa.array(texts)
    check_numbers(numbers[:10])
    phones(column[:10])
    check_phone(texts[0])
    rate("phone verdicts, column of numbers", len(numbers), lambda: check_numbers(numbers))
    rate("phone verdicts, column of texts", len(texts), lambda: check_numbers(phones(column).numbers))
    rate("phone verdicts, single", 50_000, lambda: [check_phone(text) for text in texts[:50_000]])
    rate("phonenumbers: parse, valid, type", 20_000, lambda: [library(text) for text in texts[:20_000]])
