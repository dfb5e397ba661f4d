from __future__ import annotations

import dataclasses
from datetime import timedelta

from msgspec.structs import replace

from finops_tui.detectors.base import Scene
from finops_tui.engine.absorb import absorbed
from finops_tui.model.finding import WOULD_DO, Cause, Evidence, Severity
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Node, Placement, Workload
from finops_tui.model.observations import NodesSeen, WorkloadsSeen
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow
from tests.engine.findings import JOB, signal
from tests.samples import NOON, empty_snapshot

POOL = Scope(ScopeKind.POOL, "prod/spot")


def scene() -> Scene:
    fleet = Fleet()
    node = Node(cluster="prod", name="n1", uid="n1", pool="spot")
    job = Workload(cluster="prod", kind="Job", namespace="ml", name="train", placements=(Placement("n1", 1, 8.0),))
    fleet.fold(NodesSeen(at=NOON, source="k", cluster="prod", nodes=(node,)))
    fleet.fold(WorkloadsSeen(at=NOON, source="k", cluster="prod", workloads=(job,)))
    return Scene(snapshot=empty_snapshot(), fleet=fleet, now=NOON)


def test_two_views_of_one_scope_are_one_finding_as_urgent_as_the_worse() -> None:
    idle = signal(kind="idle", why="6 GPUs idle.", excess_usd_per_hour=55.0)
    (one,) = absorbed([signal(severity=Severity.PAGE), idle], scene())
    assert (one.kind, one.severity) == ("idle", Severity.PAGE)
    assert ("Spend", "3.0× normal.") in [(each.label, each.words) for each in one.evidence]


def test_a_small_waste_does_not_tell_a_large_anomaly() -> None:
    (one,) = absorbed([signal(), signal(kind="idle", excess_usd_per_hour=4.0)], scene())
    assert one.kind == "spend"


def test_a_loop_that_comes_and_goes_does_not_move_what_is_normal() -> None:
    spend = signal(usd_per_hour=440.3, normal_usd_per_hour=55.0, excess_usd_per_hour=385.3)
    loop = signal(kind="restarts", usd_per_hour=440.3, normal_usd_per_hour=0.0, excess_usd_per_hour=440.3)
    (alone,) = absorbed([spend], scene())
    (both,) = absorbed([spend, loop], scene())
    assert (alone.kind, both.kind) == ("spend", "restarts")
    assert {(one.normal_usd_per_hour, one.excess_usd_per_hour) for one in (alone, both)} == {(55.0, 385.3)}


def test_what_would_do_is_not_told_of_a_normal_that_was_learned() -> None:
    would_do = Evidence(label=WOULD_DO, words="$0.00/h would do, $440.3/h less $440.3/h; it is not what is usual.")
    pods = Evidence(label="Pods", words="8 pods on 8 nodes.")
    spend = signal(usd_per_hour=440.3, normal_usd_per_hour=55.0, excess_usd_per_hour=385.3)
    loop = signal(
        kind="restarts",
        usd_per_hour=440.3,
        normal_usd_per_hour=0.0,
        excess_usd_per_hour=440.3,
        evidence=(pods, would_do),
    )
    (both,) = absorbed([spend, loop], scene())
    assert [each.label for each in both.evidence] == ["Pods", "Spend"]
    (alone,) = absorbed([loop], scene())
    assert alone.evidence == (pods, would_do)


def test_waste_of_more_than_twice_an_anomaly_keeps_its_own_dollars() -> None:
    loop = signal(kind="restarts", usd_per_hour=440.3, normal_usd_per_hour=0.0, excess_usd_per_hour=440.3)
    (one,) = absorbed([signal(normal_usd_per_hour=380.0, excess_usd_per_hour=60.3), loop], scene())
    assert (one.normal_usd_per_hour, one.excess_usd_per_hour) == (0.0, 440.3)


def test_burn_and_dollars_of_one_scope_stay_apart() -> None:
    burn = signal(kind="slo", excess_usd_per_hour=None)
    assert {one.kind for one in absorbed([signal(), burn], scene())} == {"spend", "slo"}


def test_lost_capacity_tells_what_its_tenants_cost_more() -> None:
    storm = signal(kind="spot-storm", scope=POOL, name="pool/spot", excess_usd_per_hour=70.0)
    (one,) = absorbed([signal(severity=Severity.PAGE), storm], scene())
    assert (one.kind, one.scope, one.severity) == ("spot-storm", POOL, Severity.PAGE)


def test_an_anomaly_that_began_at_another_time_is_not_the_storm() -> None:
    storm = signal(kind="spot-storm", scope=POOL, since=NOON - timedelta(hours=2))
    assert len(absorbed([signal(), storm], scene())) == 2


def test_a_job_on_another_pool_is_not_the_storm() -> None:
    storm = signal(kind="spot-storm", scope=Scope(ScopeKind.POOL, "prod/other"))
    assert len(absorbed([signal(), storm], scene())) == 2


def test_the_causes_of_all_views_are_kept_once() -> None:
    cause = Cause(what="6 GPUs idle from 10:42Z", at=NOON, fit=0.9)
    views = [replace(signal(), causes=(cause,)), signal(kind="idle", causes=(cause,))]
    (one,) = absorbed(views, scene())
    assert one.causes == (cause,)


def test_a_pool_that_one_tenant_explains_is_told_by_the_tenant() -> None:
    row = SpendRow(key=JOB.name, kind=ScopeKind.WORKLOAD, name="train", cluster="prod", owner="nlp", usd_per_hour=90.0)
    pool_row = replace(row, key=POOL.name, kind=ScopeKind.POOL, name="pool/spot")
    told = scene()
    spend: dict[ScopeKind, tuple[SpendRow, ...]] = {ScopeKind.WORKLOAD: (row,), ScopeKind.POOL: (pool_row,)}
    told = dataclasses.replace(told, snapshot=replace(told.snapshot, spend=spend))
    pool = signal(scope=POOL, name="pool/spot", severity=Severity.PAGE, excess_usd_per_hour=70.0)
    (one,) = absorbed([pool, signal()], told)
    assert (one.scope, one.severity) == (JOB, Severity.PAGE)
    other = signal(scope=POOL, name="pool/spot", excess_usd_per_hour=300.0)
    assert len(absorbed([other, signal()], told)) == 2
