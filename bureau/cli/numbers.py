"""Numbers as options take them."""

import argparse


def at_least_one(text: str) -> int:
    """At least one; a type for ``argparse``, which says whose value it is."""
    if text.isascii() and text.isdigit() and (number := int(text[:12])) >= 1 and len(text) <= 12:
        return number
    raise argparse.ArgumentTypeError("expected a whole number, at least 1")
