"""Answers from a process of their own: a server's worker reads, charges and replies, and asks this process who it is.

Two processes and not one, because each then finds its code and tables in the caches of a core of its own: a request
costs less processor time in both together than it did in one, and nobody's connection waits while a group of records
is looked for. May import what answers (``enrich``, ``population`` and below) and ``privacy.holdings``. Deliberately
absent: HTTP, keys, the ledger, and whatever changes while a population is served (reports, calling hours).
"""
