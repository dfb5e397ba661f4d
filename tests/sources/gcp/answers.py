"""Answers of BigQuery, the Budget API and the Recommender in the shapes that their references give."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest

Answer = Callable[[httpx.Request], httpx.Response]


@dataclass
class Asked:
    """What has been asked of a service that answers as a test tells it to."""

    script: Answer
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.script(request)

    def bodies(self) -> list[Any]:
        """Return what was asked in the bodies of requests."""
        return [json.loads(request.content) for request in self.requests if request.content]


def answering(monkeypatch: pytest.MonkeyPatch, script: Answer) -> Asked:
    """Answer every request over httpx."""
    asked = Asked(script)
    client = partial(httpx.AsyncClient, transport=httpx.MockTransport(asked))
    monkeypatch.setattr(httpx, "AsyncClient", client)
    return asked


class Fixed:
    """A token that is good, unless it is refused: the next one is another."""

    def __init__(self) -> None:
        self.forgotten = 0

    async def token(self) -> str:
        return "ya29.open-sesame" + "-again" * self.forgotten

    def forget(self) -> None:
        self.forgotten += 1


COLUMNS = (
    "day", "invoice_month", "kind", "currency_code", "account", "service_name", "region_id", "pricing", "machine",
    "label_0", "account_name", "billed", "effective", "discounts", "gifts", "listed",
)  # fmt: skip
WHOLE = {
    "day": "2026-11-19",
    "invoice_month": "202611",
    "kind": "regular",
    "currency_code": "USD",
    "account": "ml-prod",
    "service_name": "Compute Engine",
    "region_id": "us-central1",
    "pricing": "",
    "machine": "a3-highgpu-8g",
    "label_0": "nlp",
    "account_name": "ML production",
    "billed": "100.5",
    "effective": "80.5",
    "discounts": "-20",
    "gifts": "-5.25",
    "listed": "120",
}


def row(**more: str | None) -> dict[str, str | None]:
    return {**WHOLE, **more}


def table(*rows: dict[str, str | None], complete: bool = True, **more: Any) -> dict[str, Any]:
    """Return the answer of `jobs.query` or `jobs.getQueryResults`."""
    columns = (*COLUMNS, "resource") if any("resource" in each for each in rows) else COLUMNS
    answer = {
        "kind": "bigquery#queryResponse",
        "jobReference": {"projectId": "finops", "jobId": "job_1", "location": "US"},
        "jobComplete": complete,
    }
    if complete:
        answer |= {
            "schema": {"fields": [{"name": name, "type": "STRING", "mode": "NULLABLE"} for name in columns]},
            "totalRows": str(len(rows)),
            "totalBytesProcessed": str(2 * 2**30),
            "cacheHit": False,
            "rows": [{"f": [{"v": each.get(name)} for name in columns]} for each in rows],
        }
    return answer | more


BUDGETS = {
    "budgets": [
        {
            "name": "billingAccounts/010101-F0FFF0-61C528/budgets/1",
            "displayName": "ML",
            "budgetFilter": {
                "projects": ["projects/123"],
                "labels": {"team": ["nlp"]},
                "calendarPeriod": "MONTH",
                "creditTypesTreatment": "INCLUDE_ALL_CREDITS",
            },
            "amount": {"specifiedAmount": {"currencyCode": "EUR", "units": "1000", "nanos": 500_000_000}},
            "thresholdRules": [
                {"thresholdPercent": 0.9, "spendBasis": "CURRENT_SPEND"},
                {"thresholdPercent": 0.5, "spendBasis": "CURRENT_SPEND"},
            ],
            "etag": "x",
        }
    ],
    "nextPageToken": "two",
}
MORE_BUDGETS = {"budgets": [{"name": "b/2", "displayName": "as last month", "amount": {"lastPeriodAmount": {}}}]}


def advised(
    name: str, resource: str, *, units: str = "-120", duration: str = "2592000s", state: str = "ACTIVE", **more: Any
) -> dict[str, Any]:
    """Return one recommendation about a resource of the project 323016592286."""
    step = {"action": "replace", "path": "/status", "resource": f"//compute.googleapis.com/{resource}", "value": "x"}
    return {
        "name": f"projects/323016592286/locations/l/recommenders/r/recommendations/{name}",
        "description": f"Save cost by changing '{resource.rpartition('/')[2]}'.",
        "primaryImpact": {
            "category": "COST",
            "costProjection": {
                "cost": {"currencyCode": "EUR", "units": units, "nanos": -500_000_000},
                "duration": duration,
            },
        },
        "content": {"operationGroups": [{"operations": [{**step, "action": "test"}, step]}]},
        "stateInfo": {"state": state},
        "etag": '"9f58395697934a1a"',
        "recommenderSubtype": "STOP_VM",
        **more,
    }


@dataclass
class Recommender:
    """A project with recommendations, by location and recommender; all else as `rest` answers it."""

    rest: Answer
    told: dict[tuple[str, str], list[dict[str, Any]]]
    refusal: httpx.Response | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not request.url.host.startswith("recommender"):
            return self.rest(request)
        if self.refusal is not None:
            return self.refusal
        parts = request.url.path.strip("/").split("/")
        if parts[-1] == "locations":
            names = sorted({location for location, _ in self.told})
            page = request.url.params.get("pageToken")
            shown = names[1:] if page else names[:1]
            more = {"nextPageToken": "two"} if not page and len(names) > 1 else {}
            listed = [{"name": f"projects/p/locations/{each}", "locationId": each} for each in shown]
            return httpx.Response(200, json={"locations": listed, **more})
        location, recommender = parts[4], parts[6]
        found = self.told.get((location, recommender), [])
        return httpx.Response(200, json={"recommendations": found} if found else {})
