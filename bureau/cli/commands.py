"""How a command is declared."""

import argparse
from typing import Any


def command(commands: Any, name: str, about: str, everywhere: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """A parser among ``commands``; its own ``--help`` says what it does, as their list does."""
    described = f"{about[0].upper()}{about[1:]}."
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=described, parents=[everywhere])
    return parser
