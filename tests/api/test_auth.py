"""The gate: no ``/v1`` route without a key, and no more than the key may."""

from typing import Any

import pytest
from litestar.routes import HTTPRoute

from bureau.settings import Settings


async def test_every_v1_route_wants_a_key(worker: Any) -> None:
    routes = [route for route in worker.app.routes if isinstance(route, HTTPRoute) and route.path.startswith("/v1")]
    assert 7 <= len(routes)
    for route in routes:
        for method in route.methods:
            reply = await worker.client.request(method, route.path, headers={"Authorization": ""})
            assert 401 == reply.status_code, (method, route.path)
            assert method == "HEAD" or "access_denied" == reply.json()["code"]
            assert reply.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer nobody", "Basic bur_live_test", "bur_live_test", "Bearer \xff"]
)
async def test_keys_that_are_none(worker: Any, header: str) -> None:
    reply = await worker.client.get("/v1/population", headers={"Authorization": header.encode("latin-1")})
    assert 401 == reply.status_code
    assert "bur_live" not in reply.text


async def test_the_scheme_is_case_insensitive(worker: Any) -> None:
    reply = await worker.client.get("/v1/population", headers={"Authorization": "bearer bur_live_test"})
    assert 200 == reply.status_code


async def test_a_revoked_key_is_refused_at_once(worker: Any) -> None:
    worker.ring.keys.clear()
    assert 401 == (await worker.client.get("/v1/population")).status_code


async def test_every_reply_tells_the_allowance(worker: Any) -> None:
    good = await worker.enrich(record={"name": "Ana"})
    bad = await worker.enrich(record={"nmae": "Ana"})
    for reply in (good, bad):
        assert "requests" in reply.headers["ratelimit"]
        assert "q=1000" in reply.headers["ratelimit-policy"]


class TestAllowance:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(requests_per_second=0.5, burst_requests=2)

    async def test_who_asks_too_often_must_wait(self, worker: Any) -> None:
        replies = [await worker.enrich(record={"name": "Ana"}) for _ in range(3)]
        assert [200, 200, 429] == [reply.status_code for reply in replies]
        assert "rate_limited" == replies[2].json()["code"]
        assert 1 <= int(replies[2].headers["retry-after"]) <= 2
        assert "r=0" in replies[2].headers["ratelimit"]
        assert 2 == len(worker.ledger.rows)
