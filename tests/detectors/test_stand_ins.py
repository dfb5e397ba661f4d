"""What pools pay on demand because spot could not be had."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from finops_tui.detectors.base import Scene
from finops_tui.detectors.stand_ins import dearer, explained
from finops_tui.model.inventory import Node, Placement
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow
from tests.detectors.spot_scenes import HOUR, MINUTE, pool_spend, scene, spot_row, standing, taken
from tests.engine.fleets import workload, workloads_seen
from tests.samples import NOON

POOL = "prod/a100-spot"
LOST_AT = NOON - 30 * MINUTE
ONE, SECOND = "prod/Job/ml/night", "prod/Job/ml/day"


def after(*nodes: Sequence[Node], lost: int = 1, usd: float | None = 16.0) -> Scene:
    """Half an hour after a loss for which one node stands in at so many $/h more."""
    here = [node for some in nodes for node in some]
    return scene(NOON, taken(lost, LOST_AT), here, spot=[spot_row(usd=usd)], pools=[pool_spend()])


def test_whatever_joins_while_spot_cannot_be_had_is_dearer_not_only_what_replaces_a_loss() -> None:
    """One node was taken, and the jobs of the night asked for four: all came on demand."""
    found = dearer(after(standing(4, spot=False, at=LOST_AT + 10 * MINUTE)))[POOL]
    assert (len(found.nodes), found.usd_per_hour, found.total) == (4, 16.0, 64.0)


def test_what_joins_on_demand_after_spot_came_again_did_so_for_another_reason() -> None:
    first, spot = standing(1, spot=False, at=LOST_AT + 2 * MINUTE), standing(1, at=LOST_AT + 5 * MINUTE)
    later = standing(3, spot=False, at=LOST_AT + 9 * MINUTE)
    assert dearer(after(first, spot, later))[POOL].total == 16.0


def test_what_joined_before_a_loss_or_an_hour_after_it_is_not_dearer_for_it() -> None:
    first = standing(1, spot=False, at=LOST_AT + 2 * MINUTE)
    before = standing(2, spot=False, at=LOST_AT - MINUTE)
    assert dearer(after(first, before))[POOL].total == 16.0
    late = standing(2, spot=False, at=LOST_AT + HOUR + MINUTE)
    assert dearer(after(first, late))[POOL].total == 16.0


@pytest.mark.parametrize("usd", [None, 0.0, float("nan"), -3.0])
def test_where_nothing_is_paid_more_nothing_is_explained(usd: float | None) -> None:
    told = after(standing(4, spot=False, at=LOST_AT + 10 * MINUTE), usd=usd)
    assert dearer(told) == {}
    assert explained(told, Scope(ScopeKind.POOL, POOL), LOST_AT, dearer(told)) == 0.0


def test_a_loss_that_nothing_stands_in_for_explains_nothing() -> None:
    assert dearer(after(standing(4))) == {}


def test_it_is_told_of_every_scope_by_its_part() -> None:
    nodes = standing(4, spot=False, at=LOST_AT + 10 * MINUTE)
    told = after(nodes)
    jobs = (
        workload("night", Placement(nodes[0].name, 1, 8.0), Placement(nodes[1].name, 1, 4.0)),
        workload("day", Placement("elsewhere", 1, 8.0)),
    )
    told.fleet.fold(workloads_seen(*jobs))
    rows = [
        SpendRow(
            key=job.key, kind=ScopeKind.WORKLOAD, name=job.name, cluster="prod", owner="nlp", namespace="ml",
            usd_per_hour=90.0,
        )
        for job in jobs
    ]  # fmt: skip
    team = SpendRow(key="nlp", kind=ScopeKind.TEAM, name="nlp", cluster="prod", owner="nlp", usd_per_hour=180.0)
    told.snapshot.spend[ScopeKind.WORKLOAD], told.snapshot.spend[ScopeKind.TEAM] = tuple(rows), (team,)
    found = dearer(told)

    def of(kind: ScopeKind, name: str) -> float:
        return explained(told, Scope(kind, name), LOST_AT, found)

    assert of(ScopeKind.POOL, POOL) == of(ScopeKind.CLUSTER, "prod") == explained(told, TOTAL, LOST_AT, found) == 64.0
    assert of(ScopeKind.POOL, "prod/other") == of(ScopeKind.CLUSTER, "other") == 0.0
    assert of(ScopeKind.WORKLOAD, ONE) == 24.0, "one and a half of these nodes"
    assert of(ScopeKind.WORKLOAD, SECOND) == 0.0
    assert of(ScopeKind.TEAM, "nlp") == 24.0


def test_what_stood_in_long_before_an_onset_is_no_part_of_what_began_then() -> None:
    told = after(standing(4, spot=False, at=LOST_AT + 10 * MINUTE))
    pool = Scope(ScopeKind.POOL, POOL)
    assert explained(told, pool, LOST_AT + 40 * MINUTE, dearer(told)) == 64.0
    assert explained(told, pool, LOST_AT + 41 * MINUTE, dearer(told)) == 0.0
