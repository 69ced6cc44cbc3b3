"""The one tree of errors. Expected outcomes (no match, a refused row, no MX) are values, never these."""

from typing import ClassVar


class BureauError(Exception):
    """Something the caller can act on: ``code`` is stable and machine-readable, the message one clear sentence.

    Messages never carry personal data: they reach logs, terminals and API clients.
    """

    code: ClassVar[str] = "internal"


class InvalidArgument(BureauError):
    """A command-line argument, option or setting that cannot be used."""

    code = "invalid_argument"


class UnreadableInput(BureauError):
    """A whole file that cannot be read: missing, empty, not what its name says, or without a usable column."""

    code = "unreadable_input"


class InvalidRecord(BureauError):
    """A customer record that cannot be used at all; ``pointer`` is the JSON pointer of the offending member."""

    code = "invalid_record"

    def __init__(self, message: str, pointer: str, code: str | None = None) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.detail_code = code or self.code


class PopulationUnavailable(BureauError):
    """No population is published, or the one asked for is missing, damaged or of another schema version."""

    code = "population_unavailable"


class AnsweringFailed(BureauError):
    """A record or a question that an answering process failed at, by a fault of ours that it has logged."""


class StartFailed(BureauError):
    """A server that cannot start with what it was given, however often it tries."""


class LoadFailed(BureauError):
    """A source could not be written (full disk, no permission); nothing was published."""

    code = "load_failed"


class BuildFailed(BureauError):
    """A population could not be built or did not pass its verification; nothing was published."""

    code = "build_failed"


class OutputFailed(BureauError):
    """A result file could not be written (full disk, no permission); what stood under its name is still there."""

    code = "output_failed"


class StorageFull(BureauError):
    """There is no room, or no permission, to keep a client's file."""

    code = "storage_full"


class StorageUnavailable(BureauError):
    """The storage of jobs' files (BUREAU_FILES_URL) cannot be reached, or refuses us; waiting may help."""

    code = "storage_unavailable"


class UploadTooLarge(BureauError):
    """A client's file is larger than allowed."""

    code = "body_too_large"


class StoreUnavailable(BureauError):
    """PostgreSQL cannot be reached, is too old, or cannot be started."""

    code = "store_unavailable"


class AccessDenied(BureauError):
    """No key, an unknown key, or a revoked one."""

    code = "access_denied"
