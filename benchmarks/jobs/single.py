"""A client that asks ``POST /v1/enrich`` row by row, over one kept connection."""

import asyncio
import csv
import http.client
import json
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from bureau.access.keys import create_key
from bureau.cli.demo_population import record_of
from bureau.model.query import Purpose
from bureau.settings import Settings
from bureau.store import Store

WARM_UP = 50


def row_by_row(settings: Settings, file: Path, rows: int) -> dict[str, Any]:
    with file.open() as given:
        records = [record_of(row) for row, _ in zip(csv.DictReader(given), range(rows + WARM_UP), strict=False)]
    secret = asyncio.run(_key(settings))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bureau.cli", "--home", str(settings.home), "serve", "--port", str(port)]
    with (settings.home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        connection = _ready(port)
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        began = time.perf_counter()
        for number, record in enumerate(records):
            began = time.perf_counter() if number == WARM_UP else began
            connection.request("POST", "/v1/enrich", json.dumps({"record": record}), headers)
            reply = connection.getresponse()
            reply.read()
            assert reply.status in (200, 422), reply.status
        seconds = time.perf_counter() - began
        return {"rows": len(records) - WARM_UP, "rows_per_second": round((len(records) - WARM_UP) / seconds)}
    finally:
        process.terminate()
        process.wait()


async def _key(settings: Settings) -> str:
    async with await Store.open(settings) as store:
        return (await create_key(store, "single", Purpose.COLLECTION)).secret


def _ready(port: int) -> http.client.HTTPConnection:
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        with suppress(OSError):
            connection.request("GET", "/readyz")
            reply = connection.getresponse()
            reply.read()
            if reply.status == 200:
                return connection
        time.sleep(0.1)
