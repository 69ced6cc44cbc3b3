"""A seeded generator of a Brazilian population, its companies and labelled queries, in the files real loaders read.

Nobody it writes exists: names, places and rates are public statistics, everything else is drawn. It may import
``bureau.errors``, ``bureau.reference``, NumPy and pyarrow. Deliberately absent: normalisation, matching and every
other part of ``bureau`` (it must not share their mistakes), the network, and real people's rows.

``people/<source>.csv`` are overlapping sources with noise of their own, ``cnpj/`` the register in its published layout,
``queries/queries.csv`` with ``queries/truth.csv`` what a client would ask and the answers, ``truth/people.parquet``
who everybody is and which rows are theirs (``row`` is the line of a CSV file counted from 1, header included, or
the row of a Parquet file counted from 1).
"""

from loaders.synthetic.options import SyntheticOptions, SyntheticSummary
from loaders.synthetic.writer import generate

__all__ = ["SyntheticOptions", "SyntheticSummary", "generate"]
