"""Draining a node: who goes, who stays, who holds whom, and for how long it is tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from finops_tui.actions.disruption_budgets import chosen
from finops_tui.actions.drain import Drain
from finops_tui.actions.planning import Hands
from finops_tui.actions.residents import gpus_of
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Risk
from tests.actions.make import Watch, fleet, hands, later, node, node_target, slo, snapshot, workload
from tests.actions.patch_double import PatchDouble, Reply, fails, patch_double
from tests.actions.pods import NODE, NODE_PATH, SCRATCH, SHARED_MEMORY, put_budget, put_node, put_pod
from tests.actions.real import plan
from tests.samples import NOON

OF = node_target(NODE)
HELD = fails(429, "Cannot evict pod as it would violate the pod's disruption budget.")


@pytest.fixture
def double() -> Iterator[PatchDouble]:
    with patch_double() as running:
        put_node(running)
        yield running


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def ana(double: PatchDouble, tmp_path: Path, watch: Watch) -> Hands:
    return hands(double.kubeconfig(tmp_path), clock=watch)


@pytest.fixture
def drain(ana: Hands) -> Drain:
    return Drain(ana)


def evicted(double: PatchDouble) -> list[str]:
    """Return whose eviction was asked for, trials apart."""
    asked = [seen for seen in double.seen if seen.path.endswith("/eviction") and "dryRun" not in seen.query]
    return [seen.path.split("/")[-2] for seen in asked]


async def test_its_pods_go_and_its_daemons_stay(double: PatchDouble, drain: Drain) -> None:
    put_pod(double, "train-0")
    put_pod(double, "train-1", gpus=0)
    put_pod(double, "exporter", "DaemonSet/exporter", namespace="kube-system")
    put_pod(double, "proxy", "", metadata={"annotations": {"kubernetes.io/config.mirror": "x"}})
    put_pod(double, "over", status={"phase": "Succeeded"})
    made = await plan(drain, OF)
    assert made.dry_run == "accepted by prod"
    assert [
        (each.object, each.path, each.before, each.after) for each in made.changes if "annotation" not in each.path
    ] == [
        (f"node/{NODE}", "spec.unschedulable", "–", "true"),
        ("nlp/job/train", f"pods on {NODE}", "2", "0"),
    ]
    assert (made.pods, made.gpus, made.undo) == (
        2, 8, "uncordons it; pods that were evicted do not come back to it by that",
    )  # fmt: skip
    assert evicted(double) == [], "a plan changes nothing"
    result = await drain.apply(made)
    assert (result.outcome, result.words) == (Outcome.APPLIED, "prod took it. 2 of 2 pods evicted.")
    assert evicted(double) == ["train-0", "train-1"]
    assert double.objects[NODE_PATH]["spec"]["unschedulable"] is True
    assert (await drain.verify(made)).words.endswith("2 of 2 pods gone.")
    assert (await drain.verify(made)).outcome is Outcome.DONE


async def test_an_eviction_is_of_that_pod_and_no_other(double: PatchDouble, drain: Drain) -> None:
    put_pod(double, "train-0")
    made = await plan(drain, OF)
    put_pod(double, "train-0")
    double.objects["/api/v1/namespaces/nlp/pods/train-0"]["metadata"]["uid"] = "another"
    assert (await drain.apply(made)).words == "prod took it. 1 of 1 pod evicted."
    assert evicted(double) == []
    put_pod(double, "came-later")
    assert (await drain.verify(made)).outcome is Outcome.DONE, "what came since is nobody's wish"


async def test_what_a_budget_holds_is_tried_again_until_the_time_is_over(
    double: PatchDouble, drain: Drain, watch: Watch
) -> None:
    put_pod(double, "train-0")
    put_pod(double, "web-0", "ReplicaSet/web")
    put_budget(double, "pdb-x", "web", 0)
    made = await plan(drain, OF, timeout="20")
    assert made.touches == "1 node, 2 pods, 16 GPUs; nlp/pdb-x holds 1 now", "said before it is tried"
    double.faults["EVICT"] = [lambda _double, _path: None, *[HELD] * 9]
    result = await drain.apply(made)
    assert result.outcome is Outcome.APPLIED
    assert result.words == (
        "prod took it. 1 of 2 pods evicted in 20s; 1 is still there. nlp/pdb-x holds 1. Drain it again to go on."
    )
    assert watch.slept == 20
    assert evicted(double) == ["train-0", *["web-0"] * 5]
    before = len(double.seen)
    seen = await drain.verify(made)
    assert (seen.outcome, seen.words) == (Outcome.APPLIED, "1 of 2 pods gone; nlp/pdb-x holds 1.")
    assert {each.method for each in double.seen[before:]} == {"GET"}, "verifying changes nothing"


async def test_a_budget_that_gives_way_lets_it_go_on(double: PatchDouble, drain: Drain, watch: Watch) -> None:
    put_pod(double, "web-0", "ReplicaSet/web")
    put_budget(double, "pdb-x", "web", 0)
    made = await plan(drain, OF)
    double.faults["EVICT"] = [HELD, HELD]
    assert (await drain.apply(made)).words == "prod took it. 1 of 1 pod evicted."
    assert watch.slept == 10


async def test_a_drain_that_moves_nothing_is_a_failure_and_names_who_holds(double: PatchDouble, drain: Drain) -> None:
    put_node(double, spec={"unschedulable": True})
    put_pod(double, "web-0", "ReplicaSet/web")
    put_budget(double, "pdb-x", "web", 0)
    put_budget(double, "pdb-of-others", "other", 0)
    made = await plan(drain, OF, timeout="5")
    assert (made.undo, made.reversible) == ("", False), "it was cordoned before and stays so"
    double.faults["EVICT"] = [HELD] * 9
    result = await drain.apply(made)
    assert result.outcome is Outcome.FAILED
    assert result.words.startswith("0 of 1 pod evicted in 5s; 1 is still there. nlp/pdb-x holds 1.")
    with pytest.raises(ActionError, match="cannot be taken back"):
        await drain.undo_plan(made, snapshot(fleet()), fleet(), NOON)


async def test_what_may_not_be_evicted_is_not_tried_for_long(double: PatchDouble, drain: Drain, watch: Watch) -> None:
    put_pod(double, "train-0")
    made = await plan(drain, OF)
    double.faults["EVICT"] = [fails(403, "no")]
    result = await drain.apply(made)
    assert result.outcome is Outcome.APPLIED, "the cordon stands"
    assert result.words.startswith("Done in part. prod took it. But: 0 of 1 pod evicted")
    assert "You may not do this to pod/train-0" in result.words
    assert (watch.slept, len(evicted(double))) == (0, 1)
    assert (await drain.verify(made)).words == "0 of 1 pod gone."


async def test_an_eviction_without_an_answer_is_looked_at_again(double: PatchDouble, drain: Drain) -> None:
    put_pod(double, "train-0")
    made = await plan(drain, OF)

    def does_it_without_a_word(double: PatchDouble, path: str) -> Reply:
        del double.objects[path.removesuffix("/eviction")]
        return 0, {}

    double.faults["EVICT"] = [does_it_without_a_word]
    assert (await drain.apply(made)).outcome is Outcome.APPLIED
    put_pod(double, "train-1")
    again = await plan(drain, OF, timeout="5")
    double.faults["EVICT"] = [fails(500, "etcd")] * 9
    assert (await drain.apply(again)).outcome is Outcome.UNKNOWN


async def test_who_cannot_be_asked_any_more_has_not_done_nothing(double: PatchDouble, drain: Drain) -> None:
    put_pod(double, "train-0")
    made = await plan(drain, OF)
    as_usual = [lambda _double, _path: None] * 2  # the node, and its pods before the first eviction
    double.faults["GET"] = [*as_usual, fails(500, "etcd")]
    result = await drain.apply(made)
    assert result.outcome is Outcome.UNKNOWN
    assert "Pods were asked to go; how many did is not known." in result.words
    assert evicted(double) == ["train-0"]
    assert (await drain.verify(made)).outcome is Outcome.DONE


@pytest.mark.parametrize("answer", [403, 422])
async def test_a_trial_that_is_refused_says_so(double: PatchDouble, drain: Drain, answer: int) -> None:
    put_pod(double, "train-0")
    double.faults["DRY"] = [lambda _double, _path: None, fails(answer, "not here")]
    assert (await plan(drain, OF)).dry_run == f"refused by prod: {answer} not here"
    double.faults["DRY"] = [lambda _double, _path: None, HELD]
    assert (await plan(drain, OF)).dry_run == "accepted by prod", "a budget holds for now; it refuses nothing"


async def test_what_would_be_lost_for_good_has_to_be_asked_for(double: PatchDouble, drain: Drain) -> None:
    put_pod(double, "alone", "")
    put_pod(double, "cache-0", "StatefulSet/cache", spec={"volumes": SCRATCH})
    put_pod(double, "train-0", spec={"volumes": SHARED_MEMORY})
    with pytest.raises(ActionError, match="loses more than work: 2 pods") as refused:
        await plan(drain, OF)
    assert refused.value.detail == (
        "1 pod (nlp/alone) for good: nothing starts it again; the emptyDir data of 1 pod (nlp/cache-0)"
    )
    assert refused.value.hint == "force=true drains it all the same."
    made = await plan(drain, OF, force="true")
    assert made.loses == refused.value.detail
    await drain.apply(made)
    assert sorted(evicted(double)) == ["alone", "cache-0", "train-0"]


async def test_undoing_opens_the_node_and_says_that_pods_do_not_come_back(double: PatchDouble, drain: Drain) -> None:
    put_pod(double, "train-0")
    await drain.apply(await plan(drain, OF))
    back = await drain.undo_plan(OF, snapshot(fleet()), fleet(), NOON)
    assert back.title == f"Undo drain of {NODE}"
    assert "do not come back" in back.saves_when
    await drain.apply(back)
    assert "unschedulable" not in double.objects[NODE_PATH]["spec"]


async def test_a_node_without_such_pods_is_not_drained(double: PatchDouble, drain: Drain) -> None:
    put_pod(double, "exporter", "DaemonSet/exporter")
    with pytest.raises(ActionError, match="No pod has to leave"):
        await plan(drain, OF)
    put_pod(double, "train-0")
    for wrong in ("0", "soon", "601", "-5"):
        with pytest.raises(ActionError, match="is no time-out"):
            await plan(drain, OF, timeout=wrong)


async def test_what_it_saves_depends_on_whether_there_is_room_elsewhere(double: PatchDouble, drain: Drain) -> None:
    put_pod(double, "train-0")
    train = replace(workload("Job", "nlp", "train", [NODE]), checkpoint_at=later(-7))
    alone = fleet([node(NODE)], [train])
    full = await plan(drain, OF, alone)
    assert full.saves_usd_per_hour is None
    assert full.until_then == (
        "its pods need 8 GPUs, the others of its pool have 0 GPUs free: a new node for them costs the same"
    )
    assert full.loses == "job/train: 7m of work since checkpoint 11:53Z (≈$1.17 of GPU time)"
    roomy = await plan(drain, OF, fleet([node(NODE), node("gpu-2")], [train]))
    assert roomy.saves_usd_per_hour == 10.0


async def test_the_worst_of_what_it_serves_is_its_risk(double: PatchDouble, drain: Drain) -> None:
    put_pod(double, "web-0", "ReplicaSet/web")
    known = fleet([node(NODE), node("gpu-2")], [workload("Deployment", "nlp", "web", [NODE])])
    served = snapshot(known, [slo("latency", "Deployment/web")])
    made = await drain.plan(OF, {}, served, known, NOON)
    assert (made.slo_risk, made.slos) == (Risk.HIGH, ("prod/latency",))
    assert made.slo_words.endswith("until its pods run elsewhere")


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "web", "tier": "x"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "api"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Unheard"}]}, False),
    ],
)
def test_a_selector_chooses_pods_as_kubernetes_does(selector: object, *, fits: bool) -> None:
    assert chosen(selector, {"metadata": {"labels": {"app": "web"}}}) is fits


def test_a_pod_asks_for_what_its_containers_do_together() -> None:
    def container(gpus: str) -> dict[str, object]:
        return {"resources": {"limits": {"nvidia.com/gpu": gpus}}}

    assert gpus_of({"spec": {"containers": [container("2"), container("1"), {}]}}) == 3
    assert gpus_of({"spec": {"containers": [container("1")], "initContainers": [container("4")]}}) == 4
    assert gpus_of({"spec": {"containers": [container("500m")]}}) == 0
