"""The one command ``bureau``: composition root, from arguments to exit code.

The only part of ``bureau`` that may import ``api`` and ``loaders``, and only inside functions, so that ``bureau
--help`` does not wait for a compiler or a web framework. One module a command; ``main`` turns errors into sentences.
Deliberately absent: anything a server, a test or another program would want to call.
"""

from bureau.cli.main import main

__all__ = ["main"]
