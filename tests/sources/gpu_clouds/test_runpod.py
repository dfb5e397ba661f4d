from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from finops_tui.model.health import HealthState
from finops_tui.sources.gpu_clouds.runpod_records import NOISE, WHOLE, Told
from finops_tui.sources.gpu_clouds.settings import RunPodSettings
from finops_tui.sources.gpu_clouds.source import GpuCloud
from tests.servers.scripted import Reply, Request, Scripted, scripted
from tests.sources.billing.following import Following, billed, charged, following, hurried, ledger_at

KEY = "rpa_open_sesame"
SPAN = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)


def record(day: int, total: float, **more: Any) -> dict[str, Any]:
    """Return one bucket as the reference's example has it."""
    start = datetime(2026, 11, day, tzinfo=UTC)
    end = start + timedelta(days=1)
    return {"startTime": f"{start:%FT%TZ}", "endTime": f"{end:%FT%TZ}", "totalAmount": total, **more}


def answer(*records: dict[str, Any]) -> Reply:
    metadata = {"recordCount": len(records), "totals": {"totalAmount": sum(each["totalAmount"] for each in records)}}
    return Reply(body=json.dumps({"records": records, "metadata": metadata}).encode())


@asynccontextmanager
async def asking(
    folder: Path, script: Callable[[str], Reply], **more: Any
) -> AsyncIterator[tuple[Following, Scripted]]:
    """Answer what is asked by the path below `/v2/billing`."""

    def by_path(request: Request) -> Reply:
        return script(request.path.removeprefix("/v2/billing"))

    with scripted(by_path) as server:
        facts = {"url": server.url, "every_hours": 24, "api_key": KEY, "name": "acme"}
        async with following(GpuCloud(RunPodSettings(**{**facts, **more}), ledger_at(folder), hurried())) as one:
            yield one, server


BILL: dict[str, Reply] = {
    "": answer(
        record(18, 42.34, podGpuAmount=18.2, podDiskAmount=1.1, serverlessGpuAmount=12.6, clusterGpuAmount=10),
        record(19, 0, podGpuAmount=0),
    ),
    "/pods": answer(record(18, 19.3, podId="pod_abc", gpuAmount=18.2, cpuAmount=0, diskAmount=1.1)),
    "/serverless": answer(record(18, 12.6, serverlessId="ep_1", gpuAmount=12.6)),
    "/clusters": answer(record(18, 10, clusterId="c_1", gpuAmount=10)),
}


async def test_the_bill_is_told_whole_and_by_resource_but_counts_once(tmp_path: Path) -> None:
    async with asking(tmp_path, lambda path: BILL.get(path, answer())) as (one, server):
        assert (await one.answered()).state is HealthState.POLLED
        assert billed(tmp_path) == {(): Decimal("42.34")}
        assert billed(tmp_path, "account", "service", "description") == {
            ("acme", "Clusters", "GPU"): Decimal(10),
            ("acme", "Other", "Other"): Decimal("0.44"),
            ("acme", "Pods", "Disk"): Decimal("1.1"),
            ("acme", "Pods", "GPU"): Decimal("18.2"),
            ("acme", "Serverless", "GPU"): Decimal("12.6"),
        }
        assert billed(tmp_path, "resource") == {
            ("c_1",): Decimal(10), ("ep_1",): Decimal("12.6"), ("pod_abc",): Decimal("19.3"),
        }  # fmt: skip
        assert not any(row.final for row in charged(tmp_path).values())
        first = server.requests[0]
        assert first.headers["Authorization"] == f"Bearer {KEY}"
        assert first.params == {
            "startTime": "2026-10-17T00:00:00Z", "endTime": "2026-11-21T00:00:00Z", "bucketSize": "day",
        }  # fmt: skip
        assert one.bills is not None
        assert {day.provider for day in one.bills.days} == {"RunPod"}


async def test_without_resources_there_is_still_the_bill(tmp_path: Path) -> None:
    async with asking(tmp_path, lambda path: Reply(403, b"{}") if path else BILL[""]) as (one, _):
        health = await one.answered()
        assert health.state is HealthState.PARTIAL
        assert health.missing == ("cost by resource: 403 Forbidden",)
        assert billed(tmp_path) == {(): Decimal("42.34")}


async def test_a_restated_day_replaces_and_an_answer_of_nothing_takes_nothing_back(tmp_path: Path) -> None:
    now = {"": answer(record(5, 3, podGpuAmount=3), record(19, 8, podGpuAmount=8))}
    async with asking(tmp_path, lambda path: now.get(path, answer()), every_hours=1) as (one, server):
        await one.answered()
        now[""] = answer(record(19, 9, podGpuAmount=9))
        await one.until(lambda: billed(tmp_path) == {(): Decimal(12)})
        now[""] = answer()
        await one.until(lambda: one.health.warnings)
        assert one.health.warnings == ("RunPod tells nothing since 2026-11-14",)
        assert billed(tmp_path) == {(): Decimal(12)}
        assert server.requests[-1].params["startTime"] == "2026-11-14T00:00:00Z", "the last days alone are read again"


@pytest.mark.parametrize(
    ("reply", "reason", "hint"),
    [
        (Reply(401, b'{"error": "Unauthorized rpa_open_sesame"}'), "401 Unauthorized: Unauthorized ***", "API key"),
        (Reply(403, b"{}"), "403 Forbidden", "may not read billing"),
        (Reply(body=b"<html>"), "it answers something other than JSON", "Check the address"),
        (Reply(body=b"{}"), "the answer makes no sense (KeyError)", "Check the address"),
    ],
)
async def test_a_refusal_names_what_is_missing_and_no_key(tmp_path: Path, reply: Reply, reason: str, hint: str) -> None:
    async with asking(tmp_path, lambda _: reply) as (one, _):
        health = await one.answered()
        assert (health.state, health.reason) == (HealthState.DOWN, reason)
        assert hint in health.hint


async def test_what_makes_no_sense_is_left_out_and_counted(tmp_path: Path) -> None:
    late = {**record(18, 1), "endTime": "2026-11-25T00:00:00Z"}
    bill = answer(record(18, 5, podGpuAmount=5), {**record(18, 5), "startTime": "soon"}, late)
    async with asking(tmp_path, lambda path: answer() if path else bill) as (one, _):
        health = await one.answered()
        assert health.warnings == ("2 records left out: no usable figure, or of other days",)
        assert billed(tmp_path) == {(): Decimal(5)}


async def test_the_doctor_asks_and_writes_nothing_down(tmp_path: Path) -> None:
    with scripted(lambda request: BILL.get(request.path.removeprefix("/v2/billing"), answer())) as server:
        settings = RunPodSettings(url=server.url, api_key_file=tmp_path / "key")
        source = GpuCloud(settings, ledger_at(tmp_path), hurried())
        (check,) = await source.diagnose()
        assert (check.state, check.hint) == ("fail", "Check `api_key_file`.")
        (tmp_path / "key").write_text(f"{KEY}\n")
        (check,) = await source.diagnose()
        assert (check.state, check.detail) == ("ok", "1 charge yesterday and today")
    assert not billed(tmp_path)


@given(st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=13), st.floats(-10, 1e6))
def test_parts_add_up_to_the_total_to_a_millionth(amounts: list[float], total: float) -> None:
    told = Told()
    parts = dict(zip(WHOLE.parts, map(Decimal, amounts), strict=False))
    told.add({**record(18, 0), "totalAmount": Decimal(total), **parts}, WHOLE, SPAN)
    assert abs(sum(line.amount for line in told.lines) - Decimal(total)) <= NOISE


@pytest.mark.parametrize("wrong", [{}, {"api_key": "a", "api_key_file": "b"}, {"api_key": "a", "url": "runpod"}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RunPodSettings(**wrong)


@pytest.mark.parametrize("key", ["", " "])
def test_an_empty_key_is_told_by_the_config(key: str) -> None:
    with pytest.raises(ValidationError, match="api_key is empty"):
        RunPodSettings(api_key=SecretStr(key))
