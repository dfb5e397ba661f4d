from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from finops_tui.model import fleet as fleet_module
from finops_tui.model.change import Change, ChangeKind
from finops_tui.model.fleet import Fleet
from finops_tui.model.gpu import GpuError, GpuReading, GpuScope
from finops_tui.model.health import HealthState
from finops_tui.model.inventory import Namespace, Node, Placement, Workload
from finops_tui.model.money import Price, PriceKind
from finops_tui.model.observations import (
    ChangeSeen,
    GpuErrorsSeen,
    GpuReadings,
    NamespacesSeen,
    NodesSeen,
    Observation,
    PricesSeen,
    SliReadings,
    SlosSeen,
    SourceHealth,
    UsageReadings,
    WorkloadsSeen,
)
from finops_tui.model.slo import SliReading, Slo
from finops_tui.model.usage import UsageReading
from tests.samples import NOON


def node(name: str, pool: str = "p") -> Node:
    return Node(cluster="a", name=name, uid=f"uid-{name}", pool=pool)


def nodes(*names: str, minute: int = 0, complete: bool = False, gone: tuple[str, ...] = ()) -> NodesSeen:
    return NodesSeen(
        at=NOON + timedelta(minutes=minute),
        source="k",
        cluster="a",
        nodes=tuple(node(name) for name in names),
        gone=gone,
        complete=complete,
    )


def folded(*observations: Observation) -> Fleet:
    fleet = Fleet()
    for observation in observations:
        fleet.fold(observation)
    return fleet


def names(fleet: Fleet) -> set[str]:
    return set(fleet.cluster("a").nodes)


def test_deltas_add_and_remove_and_a_complete_list_replaces() -> None:
    assert names(folded(nodes("x", "y"), nodes("z", minute=1))) == {"x", "y", "z"}
    assert names(folded(nodes("x", "y"), nodes(minute=1, gone=("x", "never-there")))) == {"y"}
    assert names(folded(nodes("x", "y"), nodes("z", minute=1, complete=True))) == {"z"}


def test_late_news_does_not_undo_newer() -> None:
    assert names(folded(nodes("new", minute=2, complete=True), nodes("old", minute=1, complete=True))) == {"new"}


def test_workloads_and_namespaces_go_by_their_identity() -> None:
    workload = Workload(
        cluster="a", kind="Job", namespace="ns", name="j", placements=(Placement("n1", 2, 4.0), Placement("n2", 1, 2.0))
    )
    fleet = folded(
        WorkloadsSeen(at=NOON, source="k", cluster="a", workloads=(workload,)),
        NamespacesSeen(at=NOON, source="k", cluster="a", namespaces=(Namespace(cluster="a", name="ns"),)),
    )
    assert fleet.cluster("a").workloads == {"a/Job/ns/j": workload}
    assert (workload.pods, workload.gpus) == (3, 6.0)
    fleet.fold(WorkloadsSeen(at=NOON, source="k", cluster="a", gone=("a/Job/ns/j",)))
    fleet.fold(NamespacesSeen(at=NOON, source="k", cluster="a", complete=True))
    assert not fleet.cluster("a").workloads
    assert not fleet.cluster("a").namespaces


def jobs(*places: str, minute: int = 0, source: str = "k", **more: Any) -> WorkloadsSeen:
    """Return the word that there are jobs, each named `namespace/name`."""
    told = tuple(
        Workload(cluster="a", kind="Job", namespace=namespace, name=name, labels={"by": source})
        for namespace, name in (place.split("/") for place in places)
    )
    return WorkloadsSeen(at=NOON + timedelta(minutes=minute), source=source, cluster="a", workloads=told, **more)


def namespaces(*names: str, minute: int = 0, **more: Any) -> NamespacesSeen:
    told = tuple(Namespace(cluster="a", name=name) for name in names)
    return NamespacesSeen(at=NOON + timedelta(minutes=minute), source="k", cluster="a", namespaces=told, **more)


def work(fleet: Fleet) -> dict[str, str]:
    return {f"{one.namespace}/{one.name}": one.labels["by"] for one in fleet.cluster("a").workloads.values()}


def test_a_list_that_was_asked_for_before_another_was_told_comes_too_late() -> None:
    """Prometheus asks, Kubernetes may list again and tells, and only then Prometheus answers."""
    told = folded(jobs("ml/x", minute=2, complete=True), jobs("ml/x", "ml/y", minute=1, source="p", complete=True))
    assert work(told) == {"ml/x": "k"}
    assert set(
        folded(namespaces("new", minute=2, complete=True), namespaces("old", minute=1, complete=True))
        .cluster("a")
        .namespaces
    ) == {"new"}


def test_of_two_who_tell_of_everything_the_last_wins_whole() -> None:
    told = folded(jobs("ml/x", "ml/y", minute=1, complete=True), jobs("ml/x", minute=2, source="p", complete=True))
    assert work(told) == {"ml/x": "p"}


def test_what_changes_now_and_then_does_not_outdate_a_slow_answer() -> None:
    told = folded(
        jobs("ml/x", minute=1, complete=True, within=("ml",)),
        jobs("ml/y", minute=5),
        jobs("web/z", minute=4, source="p", complete=True, beside=("ml",)),
    )
    assert work(told) == {"ml/x": "k", "ml/y": "k", "web/z": "p"}


def test_a_list_replaces_only_what_it_is_about() -> None:
    told = folded(
        jobs("ml/x", minute=1, complete=True, within=("ml",)),
        jobs("web/y", "lab/z", minute=2, source="p", complete=True, beside=("ml",)),
        jobs("lab/z", minute=3, source="p", complete=True, beside=("ml",)),
        jobs("ml/v", minute=4, complete=True, within=("ml",)),
    )
    assert work(told) == {"ml/v": "k", "lab/z": "p"}
    names = folded(
        namespaces("ml", complete=True, within=("ml", "web")),
        namespaces("lab", "gone", minute=1, complete=True, beside=("ml", "web")),
        namespaces("lab", minute=2, complete=True, beside=("ml", "web")),
        namespaces("web", minute=3, complete=True, within=("ml", "web")),
    )
    assert set(names.cluster("a").namespaces) == {"lab", "web"}


def test_gpu_readings_replace_their_scope_only() -> None:
    def readings(scope: GpuScope, name: str, minute: int) -> GpuReadings:
        return GpuReadings(
            at=NOON + timedelta(minutes=minute),
            source="p",
            cluster="a",
            scope=scope,
            readings=(GpuReading(name=name, gpus=8),),
        )

    fleet = folded(readings(GpuScope.NODE, "n1", 0), readings(GpuScope.WORKLOAD, "ns/Job/j", 0))
    fleet.fold(readings(GpuScope.NODE, "n2", 1))
    fleet.fold(readings(GpuScope.NODE, "late", 0))
    gpu = fleet.cluster("a").gpu
    assert set(gpu[GpuScope.NODE].value) == {"n2"}
    assert set(gpu[GpuScope.WORKLOAD].value) == {"ns/Job/j"}


def test_an_objective_that_its_source_no_longer_knows_takes_its_readings_along() -> None:
    def slos(*ids: str, source: str = "p") -> SlosSeen:
        known = tuple(Slo(id=i, name=i, cluster="a", service="s", objective=0.99) for i in ids)
        return SlosSeen(at=NOON, source=source, cluster="a", slos=known)

    reading = SliReading(slo_id="x", window_seconds=300, error_ratio=0.1)
    fleet = folded(slos("x", "y"), slos("z", source="other"))
    fleet.fold(SliReadings(at=NOON, source="p", cluster="a", readings=(reading,)))
    fleet.fold(slos("y"))
    assert set(fleet.slos) == {"y", "z"}
    assert not fleet.slis


def test_events_count_once_and_only_the_recent_are_kept() -> None:
    def change(index: int, days: float = 0) -> ChangeSeen:
        what = Change(id=f"c{index}", kind=ChangeKind.SCALE, who="hpa", subject="s", what="w")
        return ChangeSeen(at=NOON + timedelta(days=days), source="k", cluster="a", change=what)

    fleet = folded(change(1), change(1))
    assert len(fleet.changes) == 1
    for index in range(100, 300):
        fleet.fold(change(index, days=30))
    assert "c1" not in fleet.changes
    for index in range(1_000, 1_000 + 2 * fleet_module.EVENTS_KEPT):
        fleet.fold(change(index, days=30))
    assert len(fleet.changes) <= fleet_module.EVENTS_KEPT


def test_gpu_errors_are_bounded() -> None:
    fleet = Fleet()
    for index in range(3 * fleet_module.GPU_ERRORS_KEPT):
        error = GpuError(node="n", device=f"GPU-{index}", xid=79)
        fleet.fold(GpuErrorsSeen(at=NOON, source="p", cluster="a", errors=(error,)))
    assert len(fleet.gpu_errors) == fleet_module.GPU_ERRORS_KEPT


def test_prices_have_a_version_that_moves_only_with_them() -> None:
    price = Price(kind=PriceKind.LIST, usd_per_hour=3.0, source="list", instance_type="x")
    seen = PricesSeen(at=NOON, source="prices", cluster="", prices=(price,))
    fleet = folded(seen, seen)
    assert fleet.prices_version == 1
    fleet.fold(PricesSeen(at=NOON, source="prices", cluster="", prices=()))
    assert fleet.prices_version == 2


def test_health_is_logged_when_its_state_changes() -> None:
    def health(state: HealthState, minute: int) -> SourceHealth:
        at = NOON + timedelta(minutes=minute)
        return SourceHealth(at=at, source="p", cluster="a", short="prom", state=state, since=at)

    fleet = folded(
        health(HealthState.POLLED, 0),
        health(HealthState.POLLED, 1),
        health(HealthState.DOWN, 2),
        health(HealthState.DOWN, 1),
    )
    assert [entry.state for entry in fleet.health_log] == [HealthState.POLLED, HealthState.DOWN]
    assert fleet.health["p"].at == NOON + timedelta(minutes=2)


some_nodes = st.builds(
    lambda seen, gone, complete, minute: nodes(*seen, minute=minute, complete=complete, gone=tuple(gone)),
    st.lists(st.sampled_from("uvwxyz"), unique=True),
    st.lists(st.sampled_from("uvwxyz"), unique=True),
    st.booleans(),
    st.integers(0, 5),
)


@given(st.lists(some_nodes, max_size=12))
def test_folding_each_observation_twice_is_folding_it_once(observations: list[NodesSeen]) -> None:
    twice = [copy for observation in observations for copy in (observation, observation)]
    assert names(folded(*observations)) == names(folded(*twice))


def told(state: HealthState, minute: int, answered: int | None) -> SourceHealth:
    at = NOON + timedelta(minutes=minute)
    answered_at = None if answered is None else NOON + timedelta(minutes=answered)
    return SourceHealth(at=at, source="k", cluster="a", short="k8s", state=state, since=at, answered_at=answered_at)


def test_a_source_that_begins_again_is_still_down_and_keeps_when_it_answered() -> None:
    down = told(HealthState.DOWN, 1, 0)
    again = folded(told(HealthState.LIVE, 0, 0), down, told(HealthState.CONNECTING, 2, None))
    assert again.health["k"] == down
    again.fold(told(HealthState.DOWN, 3, None))
    assert again.health["k"].answered_at == NOON


def test_usage_of_a_cluster_is_the_last_that_was_told() -> None:
    def told(minute: int, namespace: str) -> UsageReadings:
        at = NOON + timedelta(minutes=minute)
        return UsageReadings(at=at, source="p", cluster="a", readings=(UsageReading(namespace=namespace),))

    usage = folded(told(1, "new"), told(0, "old")).cluster("a").usage
    assert usage is not None
    assert [reading.namespace for reading in usage.readings] == ["new"]


def test_what_a_stream_stood_by_is_as_old_as_its_last_answer() -> None:
    """Nodes that have not changed for an hour were told an hour ago, and were so until the stream broke off."""

    def health(state: HealthState, minute: int, answered: int) -> SourceHealth:
        at = NOON + timedelta(minutes=minute)
        return SourceHealth(
            at=at, source="k", cluster="a", short="k8s", state=state, since=at,
            answered_at=NOON + timedelta(minutes=answered),
        )  # fmt: skip

    lost = folded(nodes("x"), health(HealthState.LIVE, 60, 60), health(HealthState.DOWN, 62, 60))
    assert lost.cluster("a").inventory_at == NOON + timedelta(minutes=60)
    polled = folded(nodes("x"), health(HealthState.POLLED, 60, 60), health(HealthState.DOWN, 62, 60))
    assert polled.cluster("a").inventory_at == NOON, "who is asked vouches only for what he answered"
