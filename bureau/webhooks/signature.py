"""Signatures of Standard Webhooks 1.0.0 (https://github.com/standard-webhooks/standard-webhooks): symmetric, ``v1``."""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence

SECRET_PREFIX = "whsec_"  # noqa: S105  # lets secret scanners find a leaked one


def new_secret() -> str:
    """``whsec_`` and 256 random bits in base64 (the standard wants 24 to 64 bytes)."""
    return SECRET_PREFIX + base64.b64encode(os.urandom(32)).decode()


def signed_headers(message: str, at: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers of a message sent ``at`` (seconds since 1970). Several secrets sign while one is rotated: the
    receiver accepts any."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(_signature(secret, message, at, body) for secret in secrets),
    }


def _signature(secret: str, message: str, at: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.digest(key, f"{message}.{at}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"
