"""``bureau demo``: a synthetic population, built once, served until Ctrl-C, with a request ready to paste."""

import argparse
import json
import shlex
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from bureau.cli.commands import command
from bureau.cli.demo_population import DemoPopulation, prepare
from bureau.cli.demo_server import DemoServer, free_port, running
from bureau.cli.output import Console, Outcome
from bureau.settings import Settings

HOME = Path(".demo")
PURPOSE = "registration_update"
REQUESTS_TRIED = 1_000
GOOD_NEWS = 0.6


def add_to(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    demo = command(commands, "demo", "build, serve and show a synthetic population", everywhere)
    demo.add_argument("--people", type=int, default=200_000, metavar="N", help="people of the population (200,000)")
    demo.add_argument("--port", type=int, help="port to listen on; a free one if it is taken (8000)")
    demo.add_argument("--once", action="store_true", help="answer the printed request once, then stop")
    demo.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    """Worked when the printed request brings a person with an e-mail and a phone that it did not hold."""
    _end_well_on_signals()
    if settings.home == Settings().home:
        settings = msgspec.structs.replace(settings, home=HOME)
    population = prepare(settings.home, arguments.people, console)
    settings = msgspec.structs.replace(settings, port=free_port(settings.host, settings.port))
    with running(settings, console) as server:
        request, answer = _request_with_news(population, server)
        curl = _curl(server, request)
        _show(console, curl, server, population, settings)
        summary = {"url": server.url, "key": server.key, "request": request, "answer": answer, "curl": curl}
        if arguments.once:
            return Outcome(summary, worked=answer is not None)
        with suppress(KeyboardInterrupt):  # how it is meant to end, as soon as the summary is there
            console.finish(summary)
            server.wait()
    return Outcome(None)


def _end_well_on_signals() -> None:
    """Whatever ends us must end the server too. SIGINT comes as ignored from shells that start us with ``&``; SIGHUP
    comes as ignored from nohup, and then is meant so."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def _request_with_news(population: DemoPopulation, server: DemoServer) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """A labelled query whose answer brings good news of both kinds, found by asking the server itself."""
    queries = population.queries(REQUESTS_TRIED)
    body = {"records": [query.record for query in queries], "purpose": PURPOSE}
    results = server.post("/v1/enrich/batch", body)["results"]
    news = [min(_news(result, "emails"), _news(result, "phones")) for result in results]
    good = (at for at, worth in enumerate(news) if worth >= GOOD_NEWS)
    # The first good one that goes by another name today (the most telling come first), else the best there is.
    renamed = (at for at in good if results[at]["name"] != queries[at].record["name"])
    chosen = next(renamed, news.index(max(news)))
    return {"record": queries[chosen].record, "purpose": PURPOSE}, results[chosen] if news[chosen] else None


def _news(result: dict[str, Any], contacts: str) -> float:
    """How probably the best contact that the request did not hold reaches the person; 0 without one."""
    found = result.get(contacts, []) if result.get("status") == "matched" else []
    return max((contact["right_party"] for contact in found if not contact["known_to_client"]), default=0.0)


def _curl(server: DemoServer, request: dict[str, Any]) -> str:
    body = shlex.quote(json.dumps(request, ensure_ascii=False))
    headers = f"-H 'Authorization: Bearer {server.key}' -H 'Content-Type: application/json'"
    return f"curl -s {server.url}/v1/enrich {headers} -d {body}"


def _show(console: Console, curl: str, server: DemoServer, population: DemoPopulation, settings: Settings) -> None:
    bureau = Path(sys.executable).with_name("bureau")
    if bureau.is_relative_to(Path.cwd()):
        bureau = bureau.relative_to(Path.cwd())
    console.say()
    console.say("Everybody in this population is invented. A customer record gone stale, and who it is today:")
    console.say()
    console.say(f"  {curl}")
    console.say()
    console.say(f"Documentation    {server.url}/schema")
    console.say(
        f"A file as a job  curl -s '{server.url}/v1/jobs?purpose={PURPOSE}' -H 'Authorization: Bearer {server.key}' \\"
    )
    console.say(f"                 -F file=@{population.query_file}")
    console.say(f"Without a server {bureau} enrich {population.query_file} -o enriched.csv --home {settings.home}")
    console.say()
    console.say("Ctrl-C stops all of it; the next start takes seconds.")
