"""Rows of what stands outside clusters: each thing once, priced or with the reason why not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from finops_tui.analysis.clouds import cloud_facts
from finops_tui.model.cloud import (
    JobQueue,
    JobQueuesSeen,
    Machine,
    MachineGroup,
    MachineGroupsSeen,
    MachinesSeen,
    TrainingJob,
    TrainingJobsSeen,
)
from finops_tui.model.fleet import Fleet
from finops_tui.model.health import HealthState
from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType, Price, PriceKind
from finops_tui.model.observations import NodesSeen, Observation, PricesSeen, SourceHealth
from finops_tui.model.outside import OutsideKind, OutsideRow
from tests.samples import NOON

ACCOUNT, EAST, WEST, GPU = "111111111111", "us-east-1", "us-west-2", "p5.48xlarge"
PLACE = f"aws/{ACCOUNT}/{EAST}"
SAID: dict[str, Any] = {"source": "aws main", "cluster": "", "account": ACCOUNT, "region": EAST}
PRICES = PricesSeen(
    at=NOON, source="prices", cluster="",
    prices=(
        Price(kind=PriceKind.LIST, usd_per_hour=50.0, source="list", instance_type=GPU, region=EAST,
              capacity_type=CapacityType.ON_DEMAND),
        Price(kind=PriceKind.SPOT_MARKET, usd_per_hour=20.0, source="market", instance_type=GPU, region=EAST,
              capacity_type=CapacityType.SPOT),
        Price(kind=PriceKind.OVERRIDE_INSTANCE_TYPE, usd_per_hour=60.0, source="config.yaml",
              instance_type=f"ml.{GPU}"),
    ),
)  # fmt: skip


def rows(*seen: Observation) -> dict[str, OutsideRow]:
    fleet = Fleet()
    for each in (PRICES, *seen):
        fleet.fold(each)
    return {row.name: row for row in cloud_facts(fleet).outside}


def job(**given: Any) -> TrainingJobsSeen:
    fields: dict[str, Any] = {
        "account": ACCOUNT, "region": EAST, "name": "llm", "instance_types": (f"ml.{GPU}",), "machines": 4,
        "spot": False, "state": "Training", "checkpoints": True, "started_at": NOON - timedelta(hours=2), **given,
    }  # fmt: skip
    return TrainingJobsSeen(at=NOON, **SAID, jobs=(TrainingJob(**fields),))


def group(kind: str = "asg", name: str = "sweeps", **given: Any) -> MachineGroupsSeen:
    fields: dict[str, Any] = {"instance_types": (GPU,), "running": 3, **given}
    made = MachineGroup(kind=kind, account=ACCOUNT, region=EAST, name=name, **fields)
    return MachineGroupsSeen(at=NOON, **SAID, kinds=(kind,), groups=(made,))


def machine(id_: str = "i-1", **given: Any) -> Machine:
    fields: dict[str, Any] = {"instance_type": GPU, "state": "running", "started_at": NOON, **given}
    return Machine(account=ACCOUNT, region=EAST, id=id_, **fields)


def machines(*given: Machine) -> MachinesSeen:
    return MachinesSeen(at=NOON, **SAID, machines=given)


def queue(*, is_open: bool = True) -> JobQueuesSeen:
    made = JobQueue(account=ACCOUNT, region=EAST, name="sweeps-q", open=is_open, environments=("gpu", "cpu"))
    return JobQueuesSeen(at=NOON, **SAID, queues=(made,))


def node(cluster: str, pool: str, region: str = EAST) -> NodesSeen:
    made = Node(cluster=cluster, name=f"{pool}-1", uid="u", pool=pool, region=region)
    return NodesSeen(at=NOON, source="k8s", cluster=cluster, nodes=(made,), complete=True)


def test_nothing_is_outside_where_no_cloud_is_read() -> None:
    assert rows() == {}


def test_a_training_job_is_told_with_its_cost_and_whether_it_saves_its_work() -> None:
    (row,) = rows(job()).values()
    assert row.key == f"{PLACE}/TrainingJob/sagemaker/llm"
    assert (row.cluster, row.kind, row.machines) == (PLACE, OutsideKind.TRAINING_JOB, 4)
    assert (row.usd_per_hour, row.priced_by, row.checkpoints) == (240.0, "config.yaml", True)
    assert row.since == NOON - timedelta(hours=2)


def test_a_job_that_has_not_begun_is_not_billed_yet_and_warm_machines_are() -> None:
    (waiting,) = rows(job(started_at=None, state="Pending")).values()
    assert (waiting.usd_per_hour, waiting.missing) == (None, "it has not begun to train; from then on it is billed")
    (warm,) = rows(job(started_at=None, state="Completed", warm_pool="Available")).values()
    assert warm.usd_per_hour == 240.0
    assert "kept warm" in warm.note


def test_what_has_no_price_says_why_and_stands_below_what_has() -> None:
    found = rows(job(instance_types=("ml.g5.xlarge",)), group(), queue())
    assert [*found] == ["sweeps", "llm", "sweeps-q"]
    assert found["llm"].missing.startswith("no price of ml.g5.xlarge in us-east-1 is known")
    assert (found["llm"].usd_per_hour, found["sweeps-q"].usd_per_hour) == (None, None)


def test_an_endpoint_is_a_row_for_each_variant() -> None:
    (row,) = rows(group("sagemaker-endpoint", "blue", cluster="chat", instance_types=(f"ml.{GPU}",))).values()
    assert (row.name, row.key) == ("chat/blue", f"{PLACE}/Endpoint/sagemaker/chat/blue")
    assert (row.kind, row.usd_per_hour) == (OutsideKind.ENDPOINT, 180.0)


@pytest.mark.parametrize(("is_open", "state"), [(True, "open"), (False, "closed")])
def test_a_queue_says_whether_it_takes_jobs_and_where_they_run(*, is_open: bool, state: str) -> None:
    (row,) = rows(queue(is_open=is_open)).values()
    assert (row.key, row.state) == (f"{PLACE}/JobQueue/batch/sweeps-q", state)
    assert row.note == "its jobs run in gpu, cpu"


def test_an_environment_is_counted_in_vcpus_and_costs_nothing_only_without_any() -> None:
    environment = {"unit": "vCPUs", "running": None, "state": "ENABLED VALID"}
    (busy,) = rows(group("batch-environment", "gpu", desired=96, **environment)).values()
    assert (busy.vcpus, busy.machines, busy.usd_per_hour) == (96, None, None)
    assert busy.missing.startswith("AWS tells its vCPUs")
    (empty,) = rows(group("batch-environment", "gpu", desired=0, **environment)).values()
    assert empty.usd_per_hour == 0.0


def test_a_group_is_outside_unless_a_pool_that_is_watched_stands_before_it() -> None:
    assert rows(group()).keys() == {"sweeps"}
    assert rows(group(cluster="prod"), node("prod", "gpu")) == {}
    renamed = group(cluster="prod", node_group="gpu")
    assert rows(renamed, node("prod-us", "gpu")) == {}, "the cluster bears another name here, its pool does not"
    assert rows(renamed, node("prod-us", "gpu", WEST)).keys() == {"sweeps"}, "in another region it is another pool"
    (unseen,) = rows(group(cluster="prod", node_group=""), node("dev", "")).values()
    assert "of cluster prod, which is not watched" in unseen.note
    assert unseen.key == f"{PLACE}/sweeps"
    assert rows(group("eks-nodegroup", cluster="prod")) == {}


@pytest.mark.parametrize(("kind", "cloud"), [("mig", "gcp"), ("vmss", "azure")])
def test_sets_of_machines_of_other_clouds_are_groups_too(kind: str, cloud: str) -> None:
    (row,) = rows(group(kind, running=None, desired=2)).values()
    assert (row.kind, row.key) == (OutsideKind.GROUP, f"{cloud}/{ACCOUNT}/{EAST}/sweeps")
    assert (row.machines, row.usd_per_hour) == (2, 100.0), "as many as it is to have, where nobody tells how many run"
    (with_gpus,) = rows(group(kind, accelerators="4 nvidia-tesla-t4")).values()
    assert with_gpus.missing == "each machine has 4 nvidia-tesla-t4, priced apart from its type"
    assert rows(group(kind, running=0, accelerators="4 nvidia-tesla-t4"))["sweeps"].usd_per_hour == 0.0


@pytest.mark.parametrize(("kind", "cloud"), [("gke-nodepool", "gcp"), ("aks-agentpool", "azure")])
def test_a_pool_of_a_cluster_that_is_not_watched_is_a_row_that_names_its_cluster(kind: str, cloud: str) -> None:
    pool = group(kind, cluster="prod", running=None, desired=2, minimum=1)
    assert rows(pool, node("prod", "cpu")) == {}
    (row,) = rows(pool, node("dev", "sweeps")).values()
    assert (row.kind, row.name, row.cluster) == (OutsideKind.GROUP, "sweeps", f"{cloud}/{ACCOUNT}/{EAST}/prod")
    assert (row.key, row.machines, row.usd_per_hour) == (f"{cloud}/{ACCOUNT}/{EAST}/prod/sweeps", 2, 100.0)
    assert row.note == "min 1, desired 2; of cluster prod, which is not watched"


def test_what_autopilot_bills_is_not_the_price_of_its_machines() -> None:
    (row,) = rows(group("gke-autopilot", cluster="auto")).values()
    assert (row.machines, row.usd_per_hour, row.missing.partition(":")[0]) == (
        3, None, "Autopilot bills what pods ask for, or a premium on machines",
    )  # fmt: skip
    assert rows(group("gke-autopilot", cluster="auto", running=0))["sweeps"].usd_per_hour == 0.0


def test_groups_of_one_name_in_two_zones_of_a_region_are_two_rows() -> None:
    (one,) = group("mig").groups
    both = MachineGroupsSeen(at=NOON, **SAID, kinds=("mig",), groups=(one, replace(one, running=1)))
    fleet = Fleet()
    for word in (PRICES, both, replace(both, source="another reader")):
        fleet.fold(word)
    place = f"gcp/{ACCOUNT}/{EAST}/sweeps"
    assert {row.key: row.machines for row in cloud_facts(fleet).outside} == {place: 3, f"{place}/2": 1}


def test_a_machine_counts_in_the_row_of_its_group_or_else_by_itself() -> None:
    of_group = machine("i-2", group="sweeps")
    found = rows(group(running=1), machines(machine(), of_group))
    assert found.keys() == {"sweeps", "i-1"}
    assert rows(machines(of_group)).keys() == {"i-2"}, "where its group is not read, it is not lost"


def test_a_group_costs_what_its_machines_do_where_all_of_them_are_known() -> None:
    members = (machine("i-1", group="sweeps", spot=True), machine("i-2", group="sweeps"))
    mixed = group(running=2, instance_types=(GPU, "g5.xlarge"))
    assert rows(mixed, machines(*members))["sweeps"].usd_per_hour == 70.0
    assert rows(mixed, machines(members[0]))["sweeps"].missing == "it has machines of several types"
    stopped = machine("i-2", group="sweeps", state="stopped")
    assert rows(group(running=1), machines(members[0], stopped))["sweeps"].usd_per_hour == 20.0


def test_a_stopped_machine_costs_no_machine_and_says_what_it_does_cost() -> None:
    (row,) = rows(machines(machine(state="stopped", allowed=True, name="ana"))).values()
    assert (row.key, row.machines, row.usd_per_hour) == (f"{PLACE}/Instance/ec2/i-1", 0, 0.0)
    assert row.note == "called ana; its volumes are billed on"
    (running,) = rows(machines(machine())).values()
    assert running.usd_per_hour == 50.0
    assert "not tagged finops-tui: allowed" in running.note


def test_two_sources_that_read_one_account_tell_of_a_thing_once() -> None:
    later = NOON + timedelta(minutes=5)
    again = TrainingJobsSeen(at=later, **{**SAID, "source": "aws too"}, jobs=job(state="Uploading").jobs)
    (row,) = rows(again, job()).values()
    assert (row.state, row.at) == ("Uploading", later)


def test_old_bills_do_not_make_it_stale() -> None:
    told = replace(health(HealthState.POLLED, 5), answered_at=NOON - timedelta(days=9))
    (row,) = rows(job(), told).values()
    assert not row.stale


def health(state: HealthState, minutes: int) -> SourceHealth:
    at = NOON + timedelta(minutes=minutes)
    return SourceHealth(
        at=at, source="aws main", cluster="", short="aws", state=state, since=NOON, answered_at=at,
        stale_after_seconds=900,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "minutes", "stale"),
    [(HealthState.POLLED, 5, False), (HealthState.POLLED, 20, True), (HealthState.DOWN, 5, True)],
)
def test_what_its_source_no_longer_tells_is_stale(state: HealthState, minutes: int, *, stale: bool) -> None:
    (row,) = rows(job(), health(state, minutes)).values()
    assert row.stale is stale
