"""Public reference tables that travel inside the package: places, names, e-mail domains, the register's code lists.

May import ``errors`` and the standard library plus msgspec. Deliberately absent: personal data, anything fetched at
run time, and any rule of normalisation (tables hold what their origin says; see ``SOURCES.md``). Every loader reads
its file once per process and answers frozen values.
"""
