"""The core of Bureau: entity resolution, contacts with evidence, deliverability, and what keeps them accountable.

Data flows one way: loaders → population → matching → contacts → deliverability → answer. This package may not
import ``api`` or ``loaders`` (only ``bureau.cli``, the composition root, does, inside functions). Deliberately
absent: HTTP, and the parsing of any particular source's files.
"""
