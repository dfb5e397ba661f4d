from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from finops_tui.model.cloud import Recommendation, RecommendationsSeen
from finops_tui.model.health import HealthState
from finops_tui.sources.gcp.recommender import KINDS
from finops_tui.sources.gcp.source import Gcp
from tests.sources.billing.following import NOW, Following, following, hurried, ledger_at
from tests.sources.gcp.answers import Asked, Fixed, Recommender, advised, answering, row, table
from tests.sources.gcp.test_gcp import answers, settings

IDLE_VM, MACHINE, IDLE_DISK, COMMITMENT = (kind.id for kind in KINDS)
ZONE, REGION = "us-central1-a", "us-central1"
PROJECT = "ml-prod"
VM = f"projects/{PROJECT}/zones/{ZONE}/instances/gpu-1"


def source(folder: Path, hours: float = 0, **more: Any) -> Gcp:
    clock = hurried(NOW + timedelta(hours=hours))
    return Gcp(settings(recommendations=(PROJECT,), **more), ledger_at(folder), clock, Fixed())


def told(one: Following) -> tuple[Recommendation, ...]:
    (seen,) = [each for each in one.seen if isinstance(each, RecommendationsSeen)]
    assert (seen.account, seen.by) == (PROJECT, "Recommender")
    return seen.recommendations


def reads(asked: Asked) -> list[str]:
    return [each.url.path for each in asked.requests if each.url.path.endswith("/recommendations")]


async def test_each_kind_is_asked_where_it_lives_and_told_by_the_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resized = advised("two", VM)
    steps = resized["content"]["operationGroups"][0]["operations"]
    steps.append({**steps[-1], "path": "/machineType", "value": f"zones/{ZONE}/machineTypes/n1-standard-4"})
    year = advised("four", "", units="-1200", duration="31104000s")
    google = Recommender(
        answers(table(row())),
        {
            (ZONE, IDLE_VM): [advised("one", VM), advised("done", VM, state="SUCCEEDED")],
            (ZONE, MACHINE): [resized],
            (ZONE, IDLE_DISK): [advised("three", f"projects/p/zones/{ZONE}/disks/old", duration="")],
            (REGION, COMMITMENT): [year],
        },
    )
    asked = answering(monkeypatch, google)
    async with following(source(tmp_path)) as one:
        assert (await one.answered()).state is HealthState.POLLED
        found = {each.id: each for each in told(one)}
    assert set(found) == {"one", "two", "three", "four"}, "what is done or dismissed is not advice"
    stop = found["one"]
    assert (stop.action, stop.resource, stop.region) == ("Stop", "gpu-1", ZONE)
    assert (stop.monthly_savings, stop.currency) == (Decimal("120.5"), "EUR")
    assert (found["two"].then, found["two"].needs_restart) == ("n1-standard-4", True)
    assert (found["three"].monthly_savings, found["three"].can_be_undone) == (None, False), "of how long is not said"
    assert found["four"].monthly_savings == Decimal("1200.5") / 12
    assert found["four"].resource == REGION
    places = [path.split("/")[5:8:2] for path in reads(asked)]
    assert places == [[REGION, IDLE_DISK], [REGION, COMMITMENT], [ZONE, IDLE_VM], [ZONE, MACHINE], [ZONE, IDLE_DISK]]
    assert asked.requests[-1].headers["x-goog-user-project"] == "finops"


async def test_whose_it_is_says_the_bill_by_resource(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (row(gifts="0", discounts="0"),)
    split = table(row(resource="gpu-1", gifts="0", discounts="0"))
    google = Recommender(answers(table(*lines), split), {(ZONE, IDLE_VM): [advised("one", VM)]})
    answering(monkeypatch, google)
    async with following(source(tmp_path, format="detailed", resources=True)) as one:
        await one.answered()
        (stop,) = told(one)
    assert stop.owner == "nlp"


async def test_answers_are_kept_for_a_day_over_restarts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    google = Recommender(answers(table(row())), {(ZONE, IDLE_VM): [advised("one", VM)]})
    first = answering(monkeypatch, google)
    async with following(source(tmp_path)) as one:
        await one.answered()
        before = told(one)
    assert len(reads(first)) == 3
    again = answering(monkeypatch, google)
    async with following(source(tmp_path, hours=20)) as one:
        await one.answered()
        assert told(one) == before
    assert reads(again) == [], "an organization may read it 100 times a day"
    google.told[ZONE, IDLE_VM] = []
    async with following(source(tmp_path, hours=26)) as one:
        await one.answered()
        assert told(one) == ()


async def test_without_the_recommendations_there_is_still_the_bill_and_what_was_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    google = Recommender(answers(table(row())), {(ZONE, IDLE_VM): [advised("one", VM)]})
    answering(monkeypatch, google)
    async with following(source(tmp_path)) as one:
        await one.answered()
    google.refusal = httpx.Response(403, json={"error": {"message": "Recommender API is disabled"}})
    async with following(source(tmp_path, hours=30)) as one:
        health = await one.answered()
        assert health.state is HealthState.PARTIAL
        assert health.missing == ("recommendations of ml-prod: 403 Forbidden: Recommender API is disabled",)
        assert "recommender.locations.list" in health.hint
        assert [each.id for each in told(one)] == ["one"]
        assert one.bills is not None


async def test_an_answer_of_another_shape_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    google = Recommender(answers(table(row())), {(ZONE, IDLE_VM): [{"stateInfo": {"state": "ACTIVE"}}]})
    answering(monkeypatch, google)
    async with following(source(tmp_path)) as one:
        health = await one.answered()
        assert health.missing == ("recommendations of ml-prod: the answer makes no sense (KeyError)",)
        assert one.bills is not None


async def test_the_doctor_asks_where_there_is_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = {"jobComplete": True, "totalBytesProcessed": "1"}
    google = Recommender(lambda _: httpx.Response(200, json=plan), {(ZONE, IDLE_VM): [], (REGION, COMMITMENT): []})
    asked = answering(monkeypatch, google)
    checks = await source(tmp_path, budgets=False).diagnose()
    assert [(check.subject, check.state) for check in checks] == [("billing export", "ok"), ("recommendations", "ok")]
    assert checks[1].detail == "ml-prod: 2 locations with advice"
    assert reads(asked) == []


def test_a_project_is_an_id_and_no_path() -> None:
    with pytest.raises(ValidationError):
        settings(recommendations=("p/locations",))
