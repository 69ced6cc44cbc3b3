"""Tables of companies as a firm holds them (CSV or Parquet) → the normalised source table ``companies``.

Imports the shared parts of ``loaders``, ``bureau.model`` and ``bureau.normalise``. Deliberately absent: the public
register's own files (``loaders.cnpj``), and the register's codes, which such tables do not carry.
"""

from loaders.companies.load import load_companies

__all__ = ["load_companies"]
