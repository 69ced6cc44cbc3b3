"""What operators see: one JSON line an event, and counters. Imports ``errors``.

Deliberately absent: request and answer bodies, and every label or field that could hold personal data.
"""
