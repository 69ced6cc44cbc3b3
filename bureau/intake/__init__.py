"""Reading the tables people really send: what form a file has, which dialect, and which column holds what.

Shared by ``loaders`` (source tables) and ``bureau.enrich`` (customers' files), so that a file that loads can also
be enriched. Imports only ``errors``, ``compiled``, pyarrow and msgspec. Deliberately absent: judging the values
themselves (``bureau.normalise`` does) and any knowledge of what happens to the rows.
"""
