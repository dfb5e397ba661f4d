"""What serves an objective is found in the inventory, and looked for again only when that changed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from finops_tui.analysis import slo_serving
from finops_tui.analysis.burn_rate import BurnRules, worst_burn
from finops_tui.analysis.slos import SloTable
from finops_tui.model.fleet import Fleet, Held
from finops_tui.model.inventory import Node, Placement, Workload
from finops_tui.model.scope import ScopeKind
from finops_tui.model.slo import SliReading, Slo
from finops_tui.model.snapshot import SloRow, SpendRow
from tests.samples import NOON


class Estate:
    """A cluster with some workloads, each on pools of its own."""

    def __init__(self) -> None:
        self.fleet = Fleet()
        self.spend: dict[str, dict[str, SpendRow]] = {"c": {}}
        self.table = SloTable(BurnRules())

    def add(self, path: str, *pools: str, model: str = "", usd: float | None = 10.0) -> None:
        kind, namespace, name = path.split("/")
        cluster = self.fleet.cluster("c")
        for pool in pools:
            cluster.nodes[pool] = Node(cluster="c", name=pool, uid=pool, pool=pool)
        placements = tuple(Placement(pool, len(pools) - place, 1.0) for place, pool in enumerate(pools))
        workload = Workload(cluster="c", kind=kind, namespace=namespace, name=name, placements=placements)
        cluster.workloads[workload.key] = workload
        row = SpendRow(
            key=workload.key,
            kind=ScopeKind.WORKLOAD,
            name=name,
            cluster="c",
            owner="",
            namespace=namespace,
            model=model,
            usd_per_hour=usd,
        )
        self.spend["c"] = {**self.spend["c"], workload.key: row}

    def row(self, *, workload: str = "", namespace: str = "", service: str = "rerank") -> SloRow:
        slo = Slo(
            id="c/s/x", name="x", cluster="c", service=service, objective=0.99, namespace=namespace, workload=workload
        )
        self.fleet.slos[slo.id] = Held(slo, NOON, "p")
        (row,) = self.table.rows(self.fleet, NOON, self.spend)
        return row


def test_the_workload_that_the_objective_names() -> None:
    estate = Estate()
    estate.add("Deployment/search/rerank", "l40s", model="rerank-2", usd=57.2)
    estate.add("Deployment/other/rerank", "a10")
    row = estate.row(workload="deployment/rerank", namespace="search")
    assert (row.workload, row.model, row.pool, row.usd_per_hour) == ("Deployment/rerank", "rerank-2", "l40s", 57.2)


def test_the_workload_that_is_called_as_the_service() -> None:
    estate = Estate()
    estate.add("StatefulSet/search/rerank", "h100", "l40s")
    estate.add("Job/search/rerank", "a100")
    row = estate.row()
    assert (row.workload, row.pool) == ("StatefulSet/rerank", "h100, l40s"), "the pool with most pods comes first"


def test_all_workloads_of_the_model_that_is_called_as_the_service() -> None:
    estate = Estate()
    estate.add("Deployment/search/prefill", "h100", model="rerank", usd=40.0)
    estate.add("Deployment/search/decode", "l40s", model="rerank", usd=20.0)
    estate.add("PyTorchJob/search/tune", "a100", model="rerank", usd=500.0)
    row = estate.row()
    assert (row.workload, row.model, row.pool, row.usd_per_hour) == ("", "rerank", "h100, l40s", 60.0)


@pytest.mark.parametrize("said", [{}, {"workload": "Deployment/rerank"}])
def test_what_could_be_either_is_not_guessed(said: dict[str, str]) -> None:
    estate = Estate()
    estate.add("Deployment/search/rerank", "l40s")
    estate.add("Deployment/staging/rerank", "a10")
    row = estate.row(**said)
    assert (row.model, row.pool, row.usd_per_hour) == ("", "", None)
    assert row.workload == said.get("workload", "")


def test_without_the_spend_nothing_is_linked_and_the_row_stays() -> None:
    estate = Estate()
    estate.add("Deployment/search/rerank", "l40s")
    estate.row(workload="Deployment/rerank")
    (row,) = estate.table.rows(estate.fleet, NOON)
    assert (row.workload, row.pool, row.usd_per_hour) == ("Deployment/rerank", "", None)


def test_a_row_is_made_again_when_what_serves_it_costs_something_else() -> None:
    estate = Estate()
    estate.add("Deployment/search/rerank", "l40s")
    first = estate.row()
    assert estate.row() is first
    key = "c/Deployment/search/rerank"
    estate.spend["c"] = {key: replace(estate.spend["c"][key], usd_per_hour=20.0)}
    assert estate.row().usd_per_hour == 20.0


def test_a_pool_that_is_named_later_is_seen() -> None:
    estate = Estate()
    estate.add("Deployment/search/rerank", "l40s")
    node = estate.fleet.clusters["c"].nodes.pop("l40s")
    assert estate.row().pool == ""
    estate.fleet.clusters["c"].nodes["l40s"] = node
    estate.fleet.clusters["c"].inventory_at = NOON
    assert estate.row().pool == "l40s"


def test_names_are_looked_up_again_only_when_rows_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    estate = Estate()
    estate.add("Deployment/search/rerank", "l40s")
    looked = 0
    among = slo_serving._Names.among

    def counted(*given: object) -> object:
        nonlocal looked
        looked += 1
        return among(*given)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr(slo_serving._Names, "among", counted)
    for _ in range(3):
        estate.row()
    assert looked == 1
    estate.add("Deployment/search/embed", "l40s")
    estate.row()
    assert looked == 2


def test_the_worst_burn_is_of_figures_that_mean_something() -> None:
    estate = Estate()
    assert worst_burn([]) is None
    for window, ratio, events in ((300, 0.2, 10_000.0), (3_600, 0.164, None)):
        reading = SliReading(slo_id="c/s/x", window_seconds=window, error_ratio=ratio, events=events)
        estate.fleet.slis["c/s/x", window] = Held(reading, NOON, "p")
    burning = estate.row()
    calm = replace(burning, windows=())
    assert worst_burn([calm, burning]) == pytest.approx(16.4)
    assert worst_burn([replace(burning, stale=True)]) is None
    assert worst_burn([replace(burning, low_traffic=True)]) is None
