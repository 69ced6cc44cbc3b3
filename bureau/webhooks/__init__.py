"""Telling clients what happened: signed messages to addresses of their own (Standard Webhooks 1.0).

A message is written in the transaction that makes it true (:func:`messages.tell`) and sent by a worker
(``delivery``) until it is accepted or the ladder of retries ends. Imports ``errors``, ``ids``, ``settings`` and
``store``, and alone in the project httpcore. Deliberately absent: personal data in messages (they name what can be
fetched with a key), redirects, and proxies.
"""
