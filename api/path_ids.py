"""Ids in paths, as far as they can be looked up at all."""

from typing import Any

from litestar import Request

from api.errors import RequestRefused

LONGEST = 200


def path_id(request: Request[Any, Any, Any], name: str) -> str:
    """The id that the path gives as ``name``.

    Raises :class:`RequestRefused` (404) for a text that is none of ours: PostgreSQL would refuse a NUL, with an error
    that says nothing of ids.
    """
    given: str = request.path_params[name]
    if len(given) > LONGEST or not given.isascii() or not given.isprintable():
        raise RequestRefused("not_found", "There is nothing of that id.")
    return given
