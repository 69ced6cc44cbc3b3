"""The use case: a customer record in, the right entity with its contacts, verdicts and evidence out.

One record (``single``) or a table of them (``batch``) through the same steps: ``finder`` (who is it), ``contacts``
(how to reach them), ``verdicts`` (can it be delivered); ``column_*`` make the flat columns of a table's answers without
a Python object a row; ``files`` is the whole file on one machine. Imports everything
below it but ``store``, ``access`` and ``privacy``: whether an answer may leave is its callers' question. Absent: HTTP.
"""
