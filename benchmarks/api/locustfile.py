"""The mix a client sends: single records, batches, misses and look-alikes, from the labelled synthetic queries.

Run by ``run.py``, or by hand: ``BENCH_QUERIES=…/queries.csv BENCH_KEY=… locust -f locustfile.py --host http://…``.
"""

import csv
import os
import random
from typing import Any

from locust import FastHttpUser, constant, task

from bureau.cli.demo_population import record_of

RANDOM = random.Random(20261122)


def _records() -> list[dict[str, Any]]:
    with open(os.environ["BENCH_QUERIES"], encoding="utf-8", newline="") as file:  # noqa: PTH123 - locust patches it
        return [record_of(row) for row in csv.DictReader(file)]


class Client(FastHttpUser):
    """Asks again as soon as it is answered."""

    wait_time = constant(0)
    records = _records()
    key = os.environ["BENCH_KEY"]

    def _post(self, path: str, body: Any) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        with self.client.post(path, json=body, headers=headers, catch_response=True) as response:
            if response.status_code == 200:
                response.success()
            else:
                response.failure(f"status {response.status_code}")

    def _record(self) -> dict[str, Any]:
        return RANDOM.choice(self.records)

    @task(70)
    def enrich(self) -> None:
        """A quarter of the queries are for people who are not in the population: misses."""
        self._post("/v1/enrich", {"record": self._record(), "purpose": "collection"})

    @task(10)
    def match_by_name(self) -> None:
        """A name alone is usually ambiguous."""
        record = {"name": self._record().get("name", "Maria da Silva")}
        self._post("/v1/match", {"record": record, "purpose": "collection", "options": {"candidates": 5}})

    @task(10)
    def batch(self) -> None:
        records = [self._record() for _ in range(50)]
        self._post("/v1/enrich/batch", {"records": records, "purpose": "collection"})

    @task(5)
    def verify_emails(self) -> None:
        emails = [email for _ in range(20) for email in self._record().get("emails", [])]
        self._post("/v1/emails/verify", {"emails": emails or ["ana@exemplo.com.br"], "purpose": "collection"})

    @task(5)
    def verify_phones(self) -> None:
        phones = [phone for _ in range(20) for phone in self._record().get("phones", [])]
        self._post("/v1/phones/verify", {"phones": phones or ["11 98765-4321"], "purpose": "collection"})
