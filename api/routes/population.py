"""``GET /v1/population``: where answers come from."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request

from api.description import Described
from api.methods import get
from api.replies import Reply
from api.schemas.operation import PopulationInUse
from api.services import require_services

_encode = msgspec.json.Encoder().encode


@get(
    "/population",
    operation_id="population",
    summary="The population in use: its id, age, sources and size",
    opt=Described(answer=PopulationInUse).as_option(),
)
async def population(request: Request[Any, Any, Any]) -> Reply:
    manifest = require_services(request.scope).serving.current.manifest
    created_at = datetime.fromisoformat(manifest.created_at)
    return Reply(_encode(PopulationInUse(manifest.id, created_at, manifest.sources, manifest.counts)))
