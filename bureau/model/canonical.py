"""A customer record after normalisation: what matching compares and what repairs were made on the way."""

import msgspec

from bureau.model.answer import Repair
from bureau.model.query import Kind


class TaxEvidence(msgspec.Struct, frozen=True):
    """What the tax id sent is good for. Exactly one of the members speaks.

    ``valid`` is a number with right check digits (CPF, or the CNPJ's base in base 36); ``near`` the valid numbers one
    error away from a broken one (perhaps none); ``visible`` the six digits of a masked CPF.
    """

    valid: int | None = None
    near: tuple[int, ...] | None = None
    visible: int | None = None


class CanonicalRecord(msgspec.Struct, frozen=True):
    """``name`` and ``mother`` are content tokens; ``suffix`` the generation suffix or legal form; dates are yyyymmdd
    and 0 is unknown everywhere. ``phones`` are (index in the record, national number), ``emails`` likewise."""

    kind: Kind
    name: tuple[str, ...] = ()
    suffix: int = 0
    display: str = ""
    mother: tuple[str, ...] = ()
    mother_display: str = ""
    date: int = 0
    sex: int = 0
    municipality: int = 0
    postal_code: int = 0
    house: int = 0
    tax: TaxEvidence | None = None
    phones: tuple[tuple[int, int], ...] = ()
    emails: tuple[tuple[int, str], ...] = ()
    repairs: tuple[Repair, ...] = ()
