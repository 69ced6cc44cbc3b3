"""The mailbox check: EHLO, STARTTLS, MAIL, RCPT, QUIT with a server, and what its replies mean.

Imports what ``deliverability`` may; opens sockets, and only to addresses that were checked to be public. Deliberately
absent: DATA (no mail is ever sent), VRFY and EXPN, and any storage of what was heard.
"""
