"""One module per group of endpoints: read the body, call ``bureau``, reply.

May import ``api``'s transport modules and ``bureau``. Deliberately absent: authentication and rate limits (the gate
of ``api.auth`` stands before every ``/v1`` route) and the shape of errors (``api.errors``).
"""
