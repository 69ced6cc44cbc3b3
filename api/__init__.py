"""HTTP transport: a Litestar application that puts ``bureau`` on the network, and the server that runs it.

May import ``bureau`` and, alone in the project, Litestar and uvicorn. Deliberately absent: any judgement about
people or contacts (that is ``bureau.enrich``), SQL (``bureau.store``), and anything from ``loaders``.
"""
