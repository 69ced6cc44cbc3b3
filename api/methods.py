"""Routes that are read: by GET, and by HEAD (RFC 9110 §9.1), with which probes and programs that fetch files begin.

The server below leaves a HEAD's body out, whatever the handler sends; a stream without end stays with GET alone.
"""

from typing import Any

from litestar import HttpMethod, route
from litestar.handlers import HTTPRouteHandler

READ = (HttpMethod.GET, HttpMethod.HEAD)


def get(path: str, **options: Any) -> HTTPRouteHandler:
    """As Litestar's own, for both methods."""
    handler: HTTPRouteHandler = route(path, http_method=READ, **options)
    return handler
