"""Raw files in, normalised source tables out: one package per kind of source, plus the synthetic generator.

A loader reads what a source really delivers, dirt included, and writes the Parquet tables of
``bureau.model.tables`` as one whole release. May import ``bureau`` (``model``, ``normalise``, ``reference``,
``intake``, ``errors``, ``compiled``), never ``api``. Deliberately absent: deciding who is who (``bureau build``
does), databases, and network access.
"""
