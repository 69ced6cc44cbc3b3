"""What changed since the population was built: evidence about contacts, in PostgreSQL and shared by all processes.

Verdicts of other processes (``domains``, ``mailboxes``), what became of messages and calls (``events``, ``standings``),
verdicts that are looked at again later (``rechecks``), and how sure all of it made us (``calibration``). Imports
``store``, ``access`` (group commit) and ``deliverability``, whose seams it fills. Deliberately absent: judging
contacts, which stays pure; answers and HTTP; and fetching anything that a notice names. An address or number is kept
as a keyed hash wherever its text is not needed.
"""
