"""Can this e-mail or phone be delivered to? Staged checks whose results are values, and verdicts that are pure.

Imports ``errors``, ``evidence``, ``model``, ``reference``, ``normalise`` and ``compiled``; the only user of aiodns and
of sockets. Deliberately absent: storage (callers keep verdicts), provider web pages and password-recovery tricks
(account enumeration), DATA, VRFY and EXPN, and ringing numbers to test them.
"""
