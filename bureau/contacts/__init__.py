"""Which contact to use first: freshness, sharing and provenance turned into a right-party probability.

Imports ``evidence``, ``model``, ``reference``, ``normalise`` and ``compiled``. Deliberately absent: whether a contact
can be delivered to (that is ``deliverability``), where claims are stored, and all I/O.
"""
