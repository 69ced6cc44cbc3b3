"""Bodies that exist only on the wire; those that mean something beyond HTTP live in ``bureau.model``.

Imports ``bureau.model`` only. Deliberately absent: behaviour.
"""
