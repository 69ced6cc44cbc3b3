"""``<home>/secret``: the key that makes entity ids opaque. Losing it changes every id; it never leaves the machine."""

import os
import secrets
from pathlib import Path

from bureau.errors import PopulationUnavailable

LENGTH = 32


def home_secret(home: Path) -> bytes:
    """The home's key, made on first use; two processes that start together get the same one.

    Raises PopulationUnavailable when the file is there but is not a key.
    """
    path = home / "secret"
    if not path.exists():
        _create(path)
    key = path.read_bytes()
    if len(key) != LENGTH:
        raise PopulationUnavailable(f"{path} must hold exactly {LENGTH} bytes; restore it from a backup.")
    return key


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".secret-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(LENGTH))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        path.hardlink_to(draft)  # unlike a rename, never replaces a key that another process made meanwhile
    except FileExistsError:
        pass
    finally:
        draft.unlink()
