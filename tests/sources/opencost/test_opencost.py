from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from finops_tui.errors import SourceError
from finops_tui.model.health import HealthState
from finops_tui.sources.opencost.allocations import metered
from finops_tui.sources.opencost.settings import OpenCostSettings
from finops_tui.sources.opencost.source import OpenCost
from tests.servers.process import free_port
from tests.servers.scripted import Reply, Request, Scripted, scripted
from tests.sources.billing.following import NOW, Following, billed, charged, following, hurried, ledger_at
from tests.sources.opencost.allocation import allocation, answer
from tests.sources.prometheus.test_kube_proxy import kubeconfig

TODAY = NOW.replace(hour=0)
TRAIN = "prod/ml/deployment/train"
Answering = Callable[[Request], Reply]


def settings(url: str, **more: Any) -> OpenCostSettings:
    return OpenCostSettings(
        **{"url": url, "history_days": 2, "billed_elsewhere": False, "interval_seconds": 86_400, **more}
    )


@asynccontextmanager
async def asking(folder: Path, script: Answering | Reply, **more: Any) -> AsyncIterator[tuple[Following, Scripted]]:
    with scripted(script if callable(script) else lambda _: script) as server:
        source = OpenCost(settings(server.url, **more), ledger_at(folder), hurried())
        async with following(source) as one:
            yield one, server


def day_of(request: Request) -> datetime:
    return datetime.fromisoformat(request.params["window"].partition(",")[0])


async def test_what_was_metered_is_in_the_ledger_by_workload_and_component(tmp_path: Path) -> None:
    train = allocation(TRAIN, 12.5, gpuCost=10.0, cpuCost=2.0, ramCost=0.75, ramCostAdjustment=-0.25)
    idle = allocation("prod/__idle__", 3.0)
    async with asking(tmp_path, answer(train, idle), labels=("team",)) as (one, server):
        await one.answered()
        assert one.state is HealthState.POLLED
        assert [day_of(request) for request in server.requests] == [TODAY - timedelta(days=1), TODAY]
        assert server.requests[1].params["window"].partition(",")[2] < "2026-11-21", "the future is not asked for"
        first = server.requests[0].params
        assert first["aggregate"] == "cluster,namespace,controllerKind,controller,label:team"
        assert (first["step"], first["accumulate"], first["includeIdle"]) == ("1d", "false", "true")
        assert billed(tmp_path, "account", "namespace", "resource", "sku") == {
            ("prod", "", "", "GPU"): Decimal(6),
            ("prod", "ml", "ml/deployment/train", "CPU"): Decimal(4),
            ("prod", "ml", "ml/deployment/train", "GPU"): Decimal(20),
            ("prod", "ml", "ml/deployment/train", "RAM"): Decimal(1),
        }
        assert billed(tmp_path, "description") == {("",): Decimal(25), ("Idle",): Decimal(6)}
        assert one.bills is not None
        days = {day.day.day: (day.provider, day.account, day.usage, day.final) for day in one.bills.days}
        assert days == {
            19: ("OpenCost", "prod", Decimal("15.5"), True),
            20: ("OpenCost", "prod", Decimal("15.5"), False),
        }


async def test_what_another_source_bills_is_not_billed_twice(tmp_path: Path) -> None:
    async with asking(tmp_path, answer(allocation(TRAIN, 10.0)), billed_elsewhere=True) as (one, _):
        await one.answered()
        assert charged(tmp_path, "namespace") == {}, "it is in no sum beside the bill"
        for asked in ({"provider": "OpenCost"}, {"source": one.source.name}):
            (row,) = charged(tmp_path, "namespace", **asked).values()
            assert (row.billed, row.effective, row.list) == (Decimal(0), Decimal(20), Decimal(20))
        assert one.bills is not None
        assert one.bills.days == (), "the month counts no dollar twice"


async def test_the_next_look_reads_only_what_may_have_changed(tmp_path: Path) -> None:
    async with asking(tmp_path, answer(allocation(TRAIN, 10.0)), history_days=5) as (one, server):
        await one.answered()
        assert len(server.requests) == 5
        server.requests.clear()
        server.script = lambda _: answer(allocation(TRAIN, 11.0))
        await one.source.refresh()
        await one.until(lambda: len(server.requests) == 2)
        assert [day_of(request) for request in server.requests] == [TODAY - timedelta(days=1), TODAY]
        await one.until(lambda: billed(tmp_path) == {(): Decimal(52)})


async def test_a_day_without_an_answer_is_not_a_day_without_cost(tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        return answer(allocation(TRAIN, 10.0)) if day_of(request) < TODAY else answer()

    async with asking(tmp_path, script) as (one, _):
        health = await one.answered()
        assert health.warnings == ("it knows nothing of 1 day",)
        assert one.bills is not None
        assert [day.day.day for day in one.bills.days] == [19]


async def test_what_came_before_a_failure_is_kept_and_gone_on_from(tmp_path: Path) -> None:
    broken = {TODAY}

    def script(request: Request) -> Reply:
        return Reply(500) if day_of(request) in broken else answer(allocation(TRAIN, 10.0))

    async with asking(tmp_path, script) as (one, _):
        health = await one.answered()
        assert health.state is HealthState.DOWN
        await one.until(lambda: one.bills)
        assert billed(tmp_path) == {(): Decimal(10)}
        broken.clear()
        await one.until(lambda: one.state is HealthState.POLLED)
        assert billed(tmp_path) == {(): Decimal(20)}


@pytest.mark.parametrize(
    ("bad", "reason", "hint"),
    [
        (Reply(401, b'{"message":"no"}'), "401 Unauthorized: no", "bearer_token"),
        (Reply(403), "403 Forbidden", "/allocation/compute"),
        (Reply(404, b"404 page not found"), "404", "/model for Kubecost"),
        (Reply(302, headers={"Location": "https://login.example.com/"}), "302 Found", "sign-in"),
        (Reply(500, b'{"code":500,"message":"prometheus is gone"}'), "prometheus is gone", "Prometheus"),
        (Reply(body=b"<html>"), "other than JSON", "proxy"),
        (Reply(body=b'{"code":400,"data":null,"message":"bad window"}'), "bad window", "/allocation"),
        (Reply(body=b'{"code":200,"data":[{"a":[1]}]}'), "makes no sense", "right service"),
        (Reply(body=b'{"code":200', content_length=100), "cut off", "proxy"),
        (Reply(204), "answers nothing", "/allocation"),
    ],
)
async def test_every_failure_is_told_with_a_way_out(tmp_path: Path, bad: Reply, reason: str, hint: str) -> None:
    async with asking(tmp_path, bad) as (one, _):
        health = await one.answered()
        assert health.state is HealthState.DOWN
        assert reason in health.reason
        assert hint in health.hint
        assert health.hint.endswith((".", "?"))
        assert one.bills is None, "nothing is not zero"


async def test_nobody_there_is_told_and_ends_when_somebody_is(tmp_path: Path) -> None:
    source = OpenCost(settings(f"http://127.0.0.1:{free_port()}"), ledger_at(tmp_path), hurried())
    async with following(source) as one:
        assert (await one.answered()).reason == "no connection"


async def test_no_secret_is_in_what_it_says(tmp_path: Path) -> None:
    echo = Reply(401, json.dumps({"message": "bad token open-sesame"}).encode())
    async with asking(tmp_path, echo, bearer_token="open-sesame") as (one, server):
        health = await one.answered()
        assert server.requests[0].headers["Authorization"] == "Bearer open-sesame"
        assert "open-sesame" not in repr(one.seen)
        assert "***" in health.reason


async def test_through_the_api_server_with_the_permission_named(tmp_path: Path) -> None:
    proxy = "/api/v1/namespaces/opencost/services/opencost:9003/proxy/allocation/compute"
    allowed = [True]

    def api_server(request: Request) -> Reply:
        if request.headers.get("Authorization") != "Bearer cluster-token" or request.path != proxy:
            return Reply(404)
        return (
            answer(allocation(TRAIN, 1.0)) if allowed[0] else Reply(403, b'{"message":"forbidden: no services/proxy"}')
        )

    with scripted(api_server) as server:
        path = kubeconfig(tmp_path, server.url)
        chosen = settings("kube://opencost/opencost:9003", kubeconfig=path, kube_context="prod")
        source = OpenCost(chosen, ledger_at(tmp_path), hurried())
        async with following(source) as one:
            await one.answered()
            assert billed(tmp_path) == {(): Decimal(2)}
        allowed[0] = False
        (check,) = await source.diagnose()
        assert (check.state, check.hint) == ("fail", "Needs: get services/proxy in namespace opencost.")


async def test_the_doctor_says_how_much_there_is(tmp_path: Path) -> None:
    with scripted(lambda _: answer(allocation(TRAIN, 1.0))) as server:
        source = OpenCost(settings(server.url), ledger_at(tmp_path), hurried())
        (check,) = await source.diagnose()
        assert (check.state, check.detail) == ("ok", "1 charge yesterday")
        server.script = lambda _: Reply(body=b'{"code":200,"data":[null]}')
        (check,) = await source.diagnose()
        assert check.state == "warn"
        assert not billed(tmp_path), "the doctor writes nothing down"


def read(*allocations: dict[str, Any], **more: Any) -> list[tuple[str, Decimal]]:
    told = json.loads(answer(*allocations).body, parse_float=Decimal, parse_int=Decimal)
    found = metered(told, settings("http://x", **more), source="s", day=TODAY, today=TODAY, at=NOW)
    assert found is not None
    return [(row.sku_id, row.billed_cost) for row in found.rows]


amounts = st.decimals(-1_000_000, 1_000_000, places=6).map(float)


@given(gpu=amounts, cpu=amounts, adjustment=amounts, total=amounts)
def test_the_parts_add_up_to_the_total_whatever_they_are(
    gpu: float, cpu: float, adjustment: float, total: float
) -> None:
    parts = read(allocation(TRAIN, total, gpuCost=gpu, cpuCost=cpu, cpuCostAdjustment=adjustment))
    assert abs(sum((cost for _, cost in parts), Decimal(0)) - Decimal(str(total))) <= abs(Decimal(str(total))) / 10**9


def test_quantities_are_told_however_large() -> None:
    told = json.loads(
        answer(allocation(TRAIN, 5.0, gpuCost=0, ramCost=5.0, ramByteHours=3e15)).body, parse_float=Decimal
    )
    found = metered(told, settings("http://x"), source="s", day=TODAY, today=TODAY, at=NOW)
    assert found is not None
    (row,) = found.rows
    assert (row.sku_id, row.consumed_quantity, row.consumed_unit) == ("RAM", Decimal("3e15"), "byte-hours")


def test_unusable_costs_are_left_out_and_counted() -> None:
    told = {"data": [{"a": allocation("a", None), "b": {"totalCost": "much"}, "c": allocation("c", 1.0)}]}
    decoded = json.loads(json.dumps(told), parse_float=Decimal, parse_int=Decimal)
    found = metered(decoded, settings("http://x"), source="s", day=TODAY, today=TODAY, at=NOW)
    assert found is not None
    assert (len(found.rows), found.unusable) == (1, 2)


def test_names_are_one_line_and_labels_come_as_prometheus_spells_them() -> None:
    hostile = allocation("prod/ml/deployment/x", 1.0)
    hostile["properties"] |= {"controller": "x\x1b[31m\n", "labels": {"app_kubernetes_io_team": "nl\np"}}
    told = {"data": [{"x": json.loads(json.dumps(hostile), parse_float=Decimal)}]}
    chosen = settings("http://x", labels=("app.kubernetes.io/team",), cluster="mine", currency="EUR")
    found = metered(told, chosen, source="s", day=TODAY, today=TODAY, at=NOW)
    assert found is not None
    (row,) = found.rows
    assert (row.resource_name, row.billing_account_id, row.billing_currency) == ("x", "mine", "EUR")
    assert row.tags == {"app.kubernetes.io/team": "nl p", "namespace": "ml"}


@pytest.mark.parametrize(
    ("name", "labels", "tags"),
    [
        ("prod/ml/deployment/x/nlp", {}, {"team": "nlp"}),
        ("prod/ml/deployment/x/team=nlp", {}, {"team": "nlp"}),
        ("prod/ml/deployment/x/nlp", {"team": "ads"}, {"team": "ads"}),
        ("prod/ml/deployment/x/__unallocated__", {}, {}),
        ("prod/ml/deployment/x", {}, {}),
        ("prod/__idle__", {}, {}),
        ("prod/ml/deployment/x/nlp", {"team": 7}, {}),
    ],
)
def test_a_label_is_told_by_its_key_or_by_the_name(name: str, labels: dict[str, Any], tags: dict[str, str]) -> None:
    one = {"properties": {"labels": labels}, "totalCost": Decimal(1)}
    chosen = settings("http://x", labels=("team",))
    found = metered({"data": [{name: one}]}, chosen, source="s", day=TODAY, today=TODAY, at=NOW)
    assert found is not None
    assert [row.tags for row in found.rows] == [tags]


def test_an_answer_that_is_no_answer_is_an_error_not_an_empty_bill() -> None:
    wrong: tuple[object, ...] = (None, [], {"code": 200}, {"data": {}})
    for nonsense in wrong:
        with pytest.raises(SourceError):
            metered(nonsense, settings("http://x"), source="s", day=TODAY, today=TODAY, at=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://x"},
        {"url": "kube://only-namespace"},
        {"url": "http://user:pw@x"},
        {"url": "http://x?window=1d"},
        {"url": "kube://a/b:1", "bearer_token": "x"},
        {"url": "http://x", "currency": "dollars"},
        {"url": "http://x", "labels": ("a,b",)},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OpenCostSettings(**wrong)


@pytest.mark.parametrize(("elsewhere", "told"), [(False, {("ml", Decimal("12.5"))}), (True, set())])
async def test_budgets_count_what_is_metered_unless_it_is_billed_elsewhere(
    tmp_path: Path, elsewhere: bool, told: set[tuple[str, Decimal]]
) -> None:
    train = allocation(TRAIN, 12.5, gpuCost=12.5)
    with scripted(lambda _: answer(train)) as server:
        asked = settings(server.url, billed_elsewhere=elsewhere)
        source = OpenCost(asked, ledger_at(tmp_path), hurried(), scopes=(("namespace", "ml"),))
        async with following(source) as one:
            await one.answered()
            assert one.bills is not None
            assert {(each.name, each.effective) for each in one.bills.scoped} == told
