"""Who may ask, how much, and what they were given: keys, quotas, repeated requests, and the ledger of usage.

Imports ``store`` and what is below it. Deliberately absent: HTTP (headers are made here, but as plain text), and
prices: the ledger counts units, what a unit costs is another system's affair.
"""
