"""E-mail verdicts: clean-up and syntax, domain facts, DNS, and a verdict that is a pure function of them.

Imports what ``deliverability`` may, plus email-validator and aiodns. Deliberately absent: any lasting cache, and a
"deliverable" that nobody proved: without a mailbox check or a confirmed delivery a fine address is ``unknown``.
"""
