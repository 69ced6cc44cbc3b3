"""A client's file enriched in the background: received, cut into tasks, done by any number of processes, put together.

PostgreSQL holds what is to be done and what was charged; the files lie in one folder a job, in a directory or a
bucket. A task is claimed, kept by a heartbeat, and counts when its usage rows commit (``completion``); whoever is
killed at whatever moment, it is done again by another and nothing is lost, repeated or charged twice. The queue is
written here and not pgqueuer's, because a claim has to be fair among clients and its end has to share a transaction
with the ledger. Imports everything below it. Deliberately absent: HTTP, and how files are read, matched and written
(``intake``, ``enrich``).
"""
