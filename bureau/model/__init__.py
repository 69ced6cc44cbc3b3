"""Canonical shapes: what a customer record, an answer, a source table and a contact are.

Imports only ``errors``, ``ids`` and ``evidence``. Deliberately absent: behaviour beyond trivial derivations, and
any knowledge of HTTP or files.
"""
