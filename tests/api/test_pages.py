"""The documentation page in a real browser, where there is one: every operation, shape and problem is on it."""

import json
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from api.openapi import document

CHROMIUM = shutil.which("chromium")
FETCHED = 'fetch("/schema/openapi.json").then((reply) => reply.json())'


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
def test_the_page_shows_the_whole_document(worker: Any, tmp_path: Path) -> None:
    found = document(worker.app, "1.0")
    page = (Path(__file__).parents[2] / "api/pages/schema.html").read_text()
    assert FETCHED in page  # what is exchanged for the document itself, so that no server is needed
    file = tmp_path / "page.html"
    file.write_text(page.replace(FETCHED, f"Promise.resolve({json.dumps(found).replace('<', chr(92) + 'u003c')})"))
    shown = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--dump-dom",
         f"--user-data-dir={tmp_path / 'profile'}", file.as_uri()],
        capture_output=True, check=True, timeout=60, text=True,
    ).stdout  # fmt: skip
    operations = [(path, one) for path, methods in found["paths"].items() for one in methods.values()]
    for path, operation in operations:
        assert f'<details id="{operation["operationId"]}">' in shown
        assert f"<code>{path}</code>" in unescape(shown)
    for name in found["components"]["schemas"]:
        assert f'<details id="schema-{name}">' in shown
    for code in found["x-problems"]:
        assert f'<tr id="problem-{code}">' in shown
