"""The text of an XID error is a label: the next error of the same GPU stands in another series."""

from __future__ import annotations

import json

from finops_tui.model.observations import GpuErrorsSeen, SourceHealth
from tests.servers.scripted import Reply, Request, scripted, vector
from tests.sources.prometheus.collect import of, source, until

METRIC = "DCGM_FI_DEV_XID_ERRORS"
PAGE_FAULT = {"Hostname": "n-1", "UUID": "GPU-1", "gpu": "0", "err_msg": "GPU memory page fault"}
FALLEN = {"Hostname": "n-1", "UUID": "GPU-1", "gpu": "0", "err_msg": "GPU has fallen off the bus"}
ROUNDS = 4


def about_xids(request: Request) -> bool:
    return METRIC in request.query and not request.query.startswith("group")


def held(request: Request) -> Reply:
    return vector(({"__name__": METRIC}, 1)) if request.query.startswith("group by (__name__)") else vector()


def ranged(*series: tuple[dict[str, str], list[tuple[float, str]]]) -> Reply:
    result = [{"metric": labels, "values": points} for labels, points in series]
    return Reply(body=json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode())


async def told(url: str) -> list[tuple[float, int]]:
    """Return what a source says in its first rounds: when, in minutes since it began to look back, and which error."""
    seen = await until(source(url, interval_seconds=1), lambda seen: len(of(seen, SourceHealth)) >= ROUNDS)
    return [(one.at.timestamp() // 60, error.xid) for one in of(seen, GpuErrorsSeen) for error in one.errors]


async def test_errors_of_the_past_come_in_the_order_of_time_and_only_once() -> None:
    starts: list[float] = []

    def script(request: Request) -> Reply:
        if not about_xids(request):
            return held(request)
        if not request.path.endswith("query_range"):
            return vector((FALLEN, 79))
        start = float(request.params["start"])
        starts.append(start)
        fallen = [(start + minute * 60, "79") for minute in range(40, 61)]
        fault = [(start + minute * 60, "31") for minute in range(20, 41)]
        return ranged((FALLEN, fallen), (PAGE_FAULT, fault))  # as a server sorts them

    with scripted(script) as server:
        errors = await told(server.url)
    begun = starts[0] // 60
    assert errors == [(begun + 20, 31), (begun + 40, 79)]


async def test_two_servers_of_which_one_lags_tell_of_an_error_once() -> None:
    def script(request: Request) -> Reply:
        if not about_xids(request):
            return held(request)
        if request.path.endswith("query_range"):
            return ranged()
        return vector((FALLEN, 79), (PAGE_FAULT, 31))

    with scripted(script) as server:
        errors = await told(server.url)
    assert sorted(xid for _, xid in errors) == [31, 79]
