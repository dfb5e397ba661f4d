from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from finops_tui.analysis.clouds import CloudTable, cloud_facts
from finops_tui.model.action import ActionRow
from finops_tui.model.cloud import (
    AnomaliesSeen,
    Anomaly,
    Budget,
    BudgetsSeen,
    MachineGroup,
    MachineGroupsSeen,
    Recommendation,
    RecommendationsSeen,
)
from finops_tui.model.health import HealthState
from finops_tui.model.inventory import Node
from finops_tui.model.observations import ActionProgress, NodesSeen, Observation, PricesSeen, SourceHealth
from finops_tui.model.plan import FieldChange, Outcome, TargetKind
from tests.engine.fleets import fleet, list_price, node
from tests.samples import NOON


def budgets(account: str, *names: str, minutes: int = 0) -> BudgetsSeen:
    made = tuple(
        Budget(
            account=account, name=name, kind="COST", period="MONTHLY", unit="USD", limit=Decimal(100),
            actual=Decimal(40), forecast=None,
        )
        for name in names
    )  # fmt: skip
    at = NOON + timedelta(minutes=minutes)
    return BudgetsSeen(at=at, source="aws main", cluster="", account=account, budgets=made)


def recommended(by: str, *savings: str) -> RecommendationsSeen:
    made = tuple(
        Recommendation(
            id=f"{by}{usd}", account="1", region="r", action="Stop", resource="i-1", resource_type="Ec2Instance",
            monthly_savings=Decimal(usd) if usd else None, by=by,
        )
        for usd in savings
    )  # fmt: skip
    return RecommendationsSeen(at=NOON, source="aws main", cluster="", account="1", by=by, recommendations=made)


def test_each_account_and_tool_replaces_its_own_word_and_no_other() -> None:
    known = fleet(
        budgets("1", "old"), budgets("2", "b"), budgets("1", "a", minutes=1), budgets("1", "late", minutes=-1)
    )
    assert sorted(each.name for each in cloud_facts(known).budgets) == ["a", "b"]


def test_what_saves_most_stands_first_and_what_is_not_known_last() -> None:
    known = fleet(recommended("hub", "10", "", "300"), recommended("optimizer", "40"))
    assert [each.monthly_savings for each in cloud_facts(known).recommendations] == [
        Decimal(300), Decimal(40), Decimal(10), None,
    ]  # fmt: skip


def test_the_newest_anomaly_stands_first() -> None:
    days = [date(2026, 3, day) for day in (1, 9, 4)]
    made = tuple(
        Anomaly(
            id=str(day), account="1", start=day, end=None, subject="EC2", impact=Decimal(9), actual=None, expected=None
        )
        for day in days
    )
    known = fleet(AnomaliesSeen(at=NOON, source="aws main", cluster="", account="1", anomalies=made))
    assert [each.start.day for each in cloud_facts(known).anomalies] == [9, 4, 1]


ACCOUNT = "123456789012"


def said(minutes: int, feedback: str, outcome: Outcome = Outcome.DONE, id_: str = "an-7") -> ActionProgress:
    """Return what somebody told AWS from here, so many minutes after the clouds were asked."""
    at = NOON + timedelta(minutes=minutes)
    change = FieldChange(object=f"anomaly/{id_}", path="Feedback", before="–", after=feedback)
    row = ActionRow(
        key=f"{minutes}{feedback}{id_}", at=at, action="feedback", title="", target_kind=TargetKind.ANOMALY,
        target=f"aws/{ACCOUNT}/us-east-1/Anomaly/ce/{id_}", name="", cluster="", who="ana", outcome=outcome,
        changes=(change,),
    )  # fmt: skip
    return ActionProgress(at=at, source="actions", cluster="", row=row)


def heard(*told: ActionProgress, feedback: str = "YES", seen_after: int = 0) -> str:
    """Return the feedback that stands on the one anomaly that AWS tells of, as it was `seen_after` so many minutes."""
    anomaly = Anomaly(
        id="an-7", account=ACCOUNT, start=NOON.date(), end=None, subject="EC2", impact=Decimal(9), actual=None,
        expected=None, feedback=feedback,
    )  # fmt: skip
    at = NOON + timedelta(minutes=seen_after)
    seen = AnomaliesSeen(at=at, source="aws main", cluster="", account=ACCOUNT, anomalies=(anomaly,))
    (found,) = cloud_facts(fleet(seen, *told)).anomalies
    return found.feedback


def test_what_was_said_of_an_anomaly_stands_until_its_cloud_tells_again() -> None:
    assert heard() == "YES"
    assert heard(said(5, "NO")) == "NO"
    assert heard(said(9, "PLANNED_ACTIVITY"), said(5, "NO")) == "PLANNED_ACTIVITY"
    assert heard(said(5, "NO"), seen_after=6) == "YES"
    assert heard(said(5, "NO", id_="an-8")) == "YES"


@pytest.mark.parametrize("outcome", [Outcome.PLANNED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.UNDONE])
def test_what_did_not_take_effect_was_not_said(outcome: Outcome) -> None:
    assert heard(said(5, "NO", outcome)) == "YES"
    assert heard(said(5, "NO"), said(6, "PLANNED_ACTIVITY", outcome)) == "NO"


def groups_seen(minutes: int) -> MachineGroupsSeen:
    group = MachineGroup(
        kind="asg", account=ACCOUNT, region="here", name="gpu", cluster="other", node_group="gpu",
        instance_types=("big",), running=2,
    )  # fmt: skip
    at = NOON + timedelta(minutes=minutes)
    return MachineGroupsSeen(
        at=at, source="aws main", cluster="", account=ACCOUNT, region="here", kinds=("asg",), groups=(group,)
    )


def health(minutes: int, state: HealthState) -> SourceHealth:
    at = NOON + timedelta(minutes=minutes)
    return SourceHealth(
        at=at, source="aws main", cluster="", short="aws", state=state, since=at, answered_at=NOON,
        stale_after_seconds=600.0,
    )  # fmt: skip


def inventory(minutes: int, *nodes: Node) -> NodesSeen:
    at = NOON + timedelta(minutes=minutes)
    return NodesSeen(at=at, source="kubernetes prod", cluster="prod", nodes=nodes, complete=True)


def test_it_is_put_together_again_only_when_something_of_it_is_new() -> None:
    table, known = CloudTable(), fleet()
    anomaly = Anomaly(
        id="an-7", account=ACCOUNT, start=NOON.date(), end=None, subject="EC2", impact=Decimal(9), actual=None,
        expected=None, feedback="YES",
    )  # fmt: skip
    news: tuple[Observation, ...] = (
        budgets("1", "a"),
        groups_seen(0),
        AnomaliesSeen(at=NOON, source="aws main", cluster="", account=ACCOUNT, anomalies=(anomaly,)),
        PricesSeen(at=NOON, source="prices", cluster="", prices=(list_price("big", 10.0),)),
        inventory(1, node("a", pool="cpu")),
        inventory(2, node("a"), node("b", pool="cpu")),
        inventory(2, node("b", pool="cpu")),
        said(5, "NO"),
        said(6, "PLANNED_ACTIVITY", Outcome.FAILED),
        health(30, HealthState.POLLED),
        health(31, HealthState.DOWN),
        groups_seen(32),
    )
    for new in news:
        known.fold(new)
        assert table.facts(known) == cloud_facts(known)
        assert table.facts(known) is table.facts(known)
    assert table.facts(fleet()) == cloud_facts(fleet())
