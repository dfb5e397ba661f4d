"""Answers of BigQuery and the Budget API in the shapes that their references give."""

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
    """A token that is good."""

    async def token(self) -> str:
        return "ya29.open-sesame"


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
