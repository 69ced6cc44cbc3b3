"""What a key opens."""

from enum import StrEnum


class Role(StrEnum):
    """An ``officer`` answers data subjects for the whole bureau and may do nothing else; a ``client`` may do everything
    but see what is held without asking for it, and what others were told."""

    CLIENT = "client"
    OFFICER = "officer"
