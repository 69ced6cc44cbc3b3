"""Reading the tables people really send: what form a file has, which dialect, and which column holds what.

Shared by ``loaders`` (source tables) and ``bureau.enrich`` (customers' files), so that a file that loads can also
be enriched. ``tables`` opens a file, ``rows`` cuts it, ``chunks`` reads what was cut, ``staging`` keeps it for other
processes. Imports ``normalise`` and ``reference`` to know a CPF or a city when it sees one, and what is below them.
Deliberately absent: any knowledge of what happens to the rows.
"""
