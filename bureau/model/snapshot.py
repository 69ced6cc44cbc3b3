"""Row layouts of the snapshot's fact tables (see docs/architecture.md); little-endian, days since 1970-01-01."""

import numpy as np

CLAIM = np.dtype(
    [("value", "<i8"), ("first_seen", "<i4"), ("last_seen", "<i4"), ("sources", "<u4"), ("shared_by", "<u4")]
)
"""One entity's claim to one phone (``value``: national number) or e-mail (``value``: row of ``texts``).
``sources`` has bit i set when source i of the manifest holds it; ``shared_by`` counts the claiming entities of
both registers. An unknown date is 0."""

ADDRESS = np.dtype(
    [
        ("street", "<u4"),
        ("number", "<u4"),
        ("complement", "<u4"),
        ("district", "<u4"),
        ("postal_code", "<i4"),
        ("municipality", "<u2"),
        ("first_seen", "<i4"),
        ("last_seen", "<i4"),
        ("sources", "<u4"),
    ]
)
"""One address of an entity; texts are rows of ``texts``, 0 is absent; an entity's rows are latest first."""

OWNER, PARTNER = 1, 2

AFFILIATION = np.dtype([("company", "<u4"), ("probability", "<f4"), ("kind", "u1")])
"""A person's part in a company (its head office): ``kind`` is OWNER of an individual enterprise, or PARTNER."""

COMPANY_FACTS = np.dtype(
    [
        ("legal_nature", "<i2"),
        ("size", "u1"),
        ("registration_status", "u1"),
        ("opened_on", "<i4"),
        ("activity", "<i4"),
        ("head_office", "u1"),
        ("owner_tax_id", "<i8"),
    ]
)
"""What the company register says of one establishment; -1 or 0 where unknown."""
