"""The public company register of the Receita Federal → the source tables ``companies`` and ``partners``.

Reads the monthly files in their official layout, zipped or not, all their dirt included. Imports the shared parts of
``loaders``, ``bureau.normalise`` and ``bureau.reference``; DuckDB joins companies to establishments out of memory.
Deliberately absent: downloading, the tax-regime files (another format), and the Simples and MEI options, for which no
table has a place yet.
"""

from loaders.cnpj.load import CnpjOptions, load_cnpj

__all__ = ["CnpjOptions", "load_cnpj"]
