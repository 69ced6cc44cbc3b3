"""Text as people type it → canonical values: names, companies, tax ids, dates, phones, e-mails, addresses.

Pure functions, each with a columnar twin over ``pyarrow`` arrays that gives the same answer. What cannot be read is
a value (a ``Problem``), never an exception; every change made to what was sent is named as a repair. May import
``errors``, ``compiled`` and ``reference``. Deliberately absent: I/O, comparison of two values (``matching``) and
verdicts on whether a contact works (``deliverability``).
"""
