"""E-mail verdicts without the network, beside email-validator alone."""

import random
from datetime import UTC, datetime

import pyarrow as pa
from email_validator import EmailNotValidError, validate_email
from measure import rate

from bureau.deliverability.email.columnar import check_column
from bureau.deliverability.email.verdict import check_email

DOMAINS = ["gmail.com", "hotmail.com", "yahoo.com.br", "uol.com.br", "empresa.com.br", "gmal.com", "ação.com.br"]


def addresses(count: int) -> list[str]:
    """Mostly plain; two in a hundred broken, one in a hundred international."""
    draw = random.Random(7)
    found = []
    for number in range(count):
        domain = draw.choices(DOMAINS, [50, 20, 10, 5, 12, 2, 1])[0]
        found.append(f"joao.silva{number}{'..' if draw.random() < 0.02 else ''}@{domain}")
    return found


def library(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


if __name__ == "__main__":
    texts = addresses(100_000)
    column = pa.array(texts)
    at = datetime.now(UTC)
    check_column(column[:10])
    rate("e-mail verdicts, single", len(texts), lambda: [check_email(text, at) for text in texts])
    rate("e-mail verdicts, column", len(texts), lambda: check_column(column))
    rate("email-validator, syntax only", 10_000, lambda: [library(text) for text in texts[:10_000]])
