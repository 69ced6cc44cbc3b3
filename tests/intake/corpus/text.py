"""Rows as text: what all parts of the corpus are put together with."""


def lines(*rows: str, end: str = "\n") -> str:
    return end.join([*rows, ""])


def columns(rows: str, separator: str) -> str:
    return rows.replace(";", separator)
