"""One query that runs at Athena: begun once, waited for, counted at what it read. Its price is known when it is done.

Athena's price is $5 for each TB that a query reads, 10 MB at least (Amazon Athena pricing).
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finops_tui.sources.aws.calls import QUERY, QUERY_RESULTS, START_QUERY
from finops_tui.sources.aws.desk import Desk, Pages, Question
from finops_tui.sources.aws.faults import AwsError, masked
from finops_tui.sources.aws.settings import Athena

USD_MICRO_PER_TB = 5_000_000
TB = 10**12
LEAST_BYTES = 10_000_000
PATIENCE_SECONDS = 300.0
POLL_SECONDS = (1.0, 10.0)
"""First and longest wait between two looks at a query that runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A query and how it is run."""

    export: Athena
    text: str
    title: str
    """What is lost without it."""
    once: str
    """The same query under the same words is begun once, also where the answer to its beginning got lost."""
    fewer: str
    """What to do where it takes too long."""
    expected_micro_usd: int = 1
    sleep: Callable[[float], Awaitable[None]]


async def run(desk: Desk, query: Run) -> Pages:
    """Return what it cost and read (`micro_usd`, `bytes`) and then its results, page by page. Raises AwsError."""
    export = query.export
    await desk.afford(START_QUERY.operation, max(1, query.expected_micro_usd))
    params: dict[str, Any] = {
        "QueryString": query.text,
        "ClientRequestToken": hashlib.sha256(f"{query.once} {query.text}".encode()).hexdigest(),
        "WorkGroup": export.workgroup,
        "QueryExecutionContext": {"Database": export.database},
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}},
    }
    if export.output:
        params["ResultConfiguration"] = {"OutputLocation": export.output}
    started = await _one(desk, Question(id="query", call=START_QUERY, params=params, region=export.region))
    running = {"QueryExecutionId": started["QueryExecutionId"]}
    paid = await _finished(desk, Question(id="query", call=QUERY, params=running, region=export.region), query)
    results = Question(id="query", call=QUERY_RESULTS, params={**running, "MaxResults": 1000}, region=export.region)
    return (paid, *(await desk.ask(results)).pages)


async def _finished(desk: Desk, question: Question, query: Run) -> Mapping[str, int]:
    """Wait until the query has run; count and return what it cost. Raises AwsError."""
    pause, longest = POLL_SECONDS
    waited = 0.0
    while True:
        execution = (await _one(desk, question)).get("QueryExecution") or {}
        status = execution.get("Status") or {}
        state = status.get("State", "")
        statistics = execution.get("Statistics") or {}
        if state in {"SUCCEEDED", "FAILED", "CANCELLED"}:
            await desk.pay(START_QUERY.operation, price(statistics))
        if state == "SUCCEEDED":
            return {"micro_usd": price(statistics), "bytes": _read(statistics)}
        if state in {"FAILED", "CANCELLED"}:
            words = masked(status.get("StateChangeReason", ""))
            hint = "Check `athena`: database, table, format, workgroup and output."
            raise AwsError(f"Athena query {state.lower()}: {words}", query.title, hint)
        if waited >= PATIENCE_SECONDS:
            raise AwsError(f"Athena query runs longer than {PATIENCE_SECONDS:g}s", query.title, query.fewer)
        await query.sleep(pause)
        waited += pause
        pause = min(longest, pause * 1.5)


async def _one(desk: Desk, question: Question) -> Mapping[str, Any]:
    (page,) = (await desk.ask(question)).pages
    return page


def price(statistics: Mapping[str, Any]) -> int:
    """Return what a query cost, in millionths of a US dollar."""
    read = _read(statistics)
    return -(-max(LEAST_BYTES, read) * USD_MICRO_PER_TB // TB) if read else 0


def _read(statistics: Mapping[str, Any]) -> int:
    reused = (statistics.get("ResultReuseInformation") or {}).get("ReusedPreviousResult")
    return 0 if reused else int(statistics.get("DataScannedInBytes") or 0)


def cells(pages: Pages) -> Iterator[Sequence[str | None]]:
    """Yield every row of the results but the first, which holds the names of the columns."""
    first = True
    for page in pages:
        for row in (page.get("ResultSet") or {}).get("Rows", ()):
            if not first:
                yield [cell.get("VarCharValue") for cell in row.get("Data", ())]
            first = False
