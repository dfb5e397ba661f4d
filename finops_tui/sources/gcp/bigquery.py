"""BigQuery, asked over its REST API: `jobs.query`, then `jobs.getQueryResults` until all pages are there.

https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from finops_tui.errors import SourceError
from finops_tui.sources.billing.calls import Calls
from finops_tui.sources.billing.values import stamp
from finops_tui.sources.gcp.settings import GIB, GcpSettings

ROWS = 200_000
"""A question with more rows than this is a mistake."""
PAGE_ROWS = 10_000
WAIT_MILLISECONDS = 10_000
PATIENCE = timedelta(minutes=5)
SMALLEST_BYTES = 10 * 2**20
"""BigQuery counts so many for every table that a query reads."""

Parameter = str | int | datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    rows: tuple[Mapping[str, str | None], ...]
    """By column, all as text."""
    bytes: int
    """Paid for."""


async def query(calls: Calls, settings: GcpSettings, text: str, parameters: Mapping[str, Parameter]) -> Table:
    """Return the whole answer. Raises SourceError, and others where the answer is of another shape."""
    address = _address(settings)
    page = await calls.post(address, _question(settings, text, parameters))
    job, since = page["jobReference"], calls.clock.now()
    place = f"{address}/{job['jobId']}"
    about = (("location", str(job.get("location", settings.location))), ("maxResults", str(PAGE_ROWS)))
    while not page["jobComplete"]:
        if calls.clock.now() - since > PATIENCE:
            minutes = PATIENCE // timedelta(minutes=1)
            raise SourceError(f"the query is not done after {minutes} minutes", "", "Look at BigQuery's load.")
        await calls.clock.sleep(1)
        page = await calls.get(place, (*about, ("timeoutMs", str(WAIT_MILLISECONDS))))
    columns = [str(field["name"]) for field in page["schema"]["fields"]]
    read = 0 if page.get("cacheHit") else max(SMALLEST_BYTES, int(page.get("totalBytesProcessed") or 0))
    rows = _rows(columns, page)
    while page.get("pageToken"):
        page = await calls.get(place, (*about, ("pageToken", str(page["pageToken"]))))
        rows += _rows(columns, page)
        if len(rows) > ROWS:
            raise SourceError(f"the bill has more than {ROWS:,} rows", "", "Tell it apart by fewer `labels`.")
    if len(rows) != int(page.get("totalRows", len(rows))):
        raise SourceError(
            "the bill is incomplete", f"{len(rows)} of {page['totalRows']} rows came", "It is asked again."
        )
    return Table(rows=tuple(rows), bytes=read)


async def bytes_read_by(calls: Calls, settings: GcpSettings, text: str, parameters: Mapping[str, Parameter]) -> int:
    """Return how many bytes a question would read, without asking it: free of charge. Raises as `query`."""
    page = await calls.post(_address(settings), {**_question(settings, text, parameters), "dryRun": True})
    return max(SMALLEST_BYTES, int(page["totalBytesProcessed"]))


def _address(settings: GcpSettings) -> str:
    return f"{settings.bigquery_url}/bigquery/v2/projects/{settings.project}/queries"


def _question(settings: GcpSettings, text: str, parameters: Mapping[str, Parameter]) -> Mapping[str, Any]:
    return {
        "query": text,
        "useLegacySql": False,
        "location": settings.location,
        "timeoutMs": WAIT_MILLISECONDS,
        "maxResults": PAGE_ROWS,
        "maximumBytesBilled": str(int(settings.gib_per_query * GIB)),
        "requestId": str(uuid.uuid4()),  # a question that is sent twice is answered once
        "parameterMode": "NAMED",
        "queryParameters": [_parameter(name, value) for name, value in parameters.items()],
    }


def _rows(columns: Sequence[str], page: Mapping[str, Any]) -> list[Mapping[str, str | None]]:
    return [dict(zip(columns, (cell["v"] for cell in row["f"]), strict=True)) for row in page.get("rows", ())]


def _parameter(name: str, value: Parameter) -> Mapping[str, Any]:
    if isinstance(value, datetime):
        kind, text = "TIMESTAMP", stamp(value)
    else:
        kind, text = ("INT64" if isinstance(value, int) else "STRING"), str(value)
    return {"name": name, "parameterType": {"type": kind}, "parameterValue": {"value": text}}
