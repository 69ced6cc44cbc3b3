"""Notices out of files: messages (``.eml``), mailboxes (mbox), and what was posted by SES or SendGrid, kept as JSON."""

import mailbox
import re
from collections.abc import Iterator
from pathlib import Path

from bureau.errors import UnreadableInput
from bureau.overlay.events import Event
from bureau.overlay.notices.reports import read_report
from bureau.overlay.notices.sendgrid import read_sendgrid
from bureau.overlay.notices.ses import read_ses

LARGEST = 64 << 20  # bytes of one message or JSON document; a mailbox may be larger, it is read message by message

_HEADER_FIELD = re.compile(rb"[!-9;-~]+:")  # RFC 5322 §2.2: what every message begins with


def read_file(path: Path) -> Iterator[Event]:
    """The events of a file, by its content whatever its name. Raises ``UnreadableInput``."""
    try:
        with path.open("rb") as file:
            start = file.read(256).lstrip(b"\xef\xbb\xbf \t\r\n")
        if start.startswith(b"From "):
            return _of_mailbox(path)
        if path.stat().st_size > LARGEST:
            raise UnreadableInput(f"{path.name} is larger than {LARGEST >> 20} MB and no mailbox.")
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{path.name} cannot be read: {error.strerror or 'unknown reason'}.") from None
    if start[:1] in (b"{", b"["):
        return _of_json(path, content)
    if start and not _HEADER_FIELD.match(start):
        raise UnreadableInput(f"{path.name} is neither a mailbox or message, nor notices of Amazon SES or SendGrid.")
    return iter(read_report(content))


def _of_mailbox(path: Path) -> Iterator[Event]:
    found = mailbox.mbox(path, create=False)
    try:
        for key in found.iterkeys():
            yield from read_report(found.get_bytes(key))
    finally:
        found.close()


def _of_json(path: Path, content: bytes) -> Iterator[Event]:
    """One document, or one a line."""
    try:
        return iter(_posted(content))
    except UnreadableInput:
        pass
    try:
        return iter([event for line in content.splitlines() for event in _posted(line)])
    except UnreadableInput:
        raise UnreadableInput(f"{path.name} holds neither notices of Amazon SES nor events of SendGrid.") from None


def _posted(document: bytes) -> list[Event]:
    document = document.strip().removeprefix(b"\xef\xbb\xbf")
    if not document:
        return []
    return read_sendgrid(document) if document.startswith(b"[") else read_ses(document).events
