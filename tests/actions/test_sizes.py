"""Sizes of kinds without a scale subresource: worker groups of Ray, bounds of KServe."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.actions.managers import by_whom
from finops_tui.actions.objects import merge_patch, shown_path, value
from finops_tui.actions.pause import Pause
from finops_tui.actions.scale import Scale
from finops_tui.actions.sizes import PREDICTOR, WORKER_GROUPS
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome
from tests.actions.make import fleet, hands, node, snapshot, target, workload
from tests.actions.patch_double import PatchDouble, Reply, merge, patch_double
from tests.actions.real import plan
from tests.samples import NOON

RAY = "/apis/ray.io/v1/namespaces/nlp"
CLUSTER = f"{RAY}/rayclusters/llm"
ISVC = "/apis/serving.kserve.io/v1beta1/namespaces/nlp/inferenceservices/rerank"
OF, OF_ISVC = target("RayCluster", "nlp", "llm"), target("InferenceService", "nlp", "rerank")


def group(name: str, replicas: int, low: int = 0, high: int = 8, **more: Any) -> dict[str, Any]:
    bounds = {"replicas": replicas, "minReplicas": low, "maxReplicas": high}
    return {"groupName": name, "template": {"spec": {"containers": [{"name": "ray"}]}}} | bounds | more


@pytest.fixture
def double() -> Iterator[PatchDouble]:
    with patch_double() as running:
        groups = [group("cpu", 2), group("gpu", 4, 2, 6)]
        running.put(CLUSTER, {"spec": {"workerGroupSpecs": groups}, "status": {"desiredWorkerReplicas": 6}})
        running.put(ISVC, {"spec": {"predictor": {"minReplicas": 2, "maxReplicas": 6, "model": {"runtime": "vllm"}}}})
        yield running


@pytest.fixture
def scale(double: PatchDouble, tmp_path: Path) -> Scale:
    return Scale(hands(double.kubeconfig(tmp_path)))


def groups(double: PatchDouble) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = double.objects[CLUSTER]["spec"]["workerGroupSpecs"]
    return found


async def test_one_group_gets_another_size_and_the_others_stay_as_they_are(double: PatchDouble, scale: Scale) -> None:
    before = deepcopy(groups(double))
    made = await plan(scale, OF, group="gpu", replicas="1")
    assert made.title == "Scale llm/gpu 4→1"
    assert [(each.path, each.before, each.after) for each in made.changes if "annotation" not in each.path] == [
        ("spec.workerGroupSpecs[gpu].replicas", "4", "1"),
        ("spec.workerGroupSpecs[gpu].minReplicas", "2", "1"),
    ]
    assert (await scale.apply(made)).outcome is Outcome.APPLIED
    assert groups(double) == [before[0], before[1] | {"replicas": 1, "minReplicas": 1}]
    (write,) = double.writes()
    assert write.body["metadata"]["resourceVersion"] == "1", "a whole list is only sent with the version that was read"
    assert (await scale.verify(made)).outcome is Outcome.APPLIED
    double.objects[CLUSTER]["status"]["desiredWorkerReplicas"] = 3
    assert (await scale.verify(made)).outcome is Outcome.DONE
    await scale.apply(await scale.undo_plan(OF, snapshot(fleet()), fleet(), NOON))
    assert groups(double) == before


async def test_what_others_change_in_the_list_meanwhile_is_kept(double: PatchDouble, scale: Scale) -> None:
    made = await plan(scale, OF, group="gpu", replicas="1")

    def grows_the_other(double: PatchDouble, path: str) -> Reply | None:
        groups(double)[0]["replicas"] = 3
        double.touch(path)
        return None

    double.faults["PATCH"] = [grows_the_other]
    assert (await scale.apply(made)).outcome is Outcome.APPLIED
    assert [each["replicas"] for each in groups(double)] == [3, 1]


async def test_a_group_that_was_taken_away_is_not_written(double: PatchDouble, scale: Scale) -> None:
    made = await plan(scale, OF, group="gpu", replicas="1")
    groups(double).pop()
    result = await scale.apply(made)
    assert result.outcome is Outcome.FAILED
    assert "spec.workerGroupSpecs[gpu].replicas 4 → –" in result.words
    assert len(groups(double)) == 1


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"replicas": "1"}, "It has several groups"),
        ({"replicas": "1", "group": "tpu"}, "There is no group tpu"),
        ({"replicas": "4", "group": "gpu"}, "has 4 in gpu already"),
        ({"replicas": "x", "group": "gpu"}, "is no number of replicas"),
        ({"autoscaler": "min=5,max=2", "group": "gpu"}, "are no bounds"),
        ({"autoscaler": "fast", "group": "gpu"}, "names no bounds"),
    ],
)
async def test_a_size_that_is_none_is_refused(scale: Scale, parameters: dict[str, str], words: str) -> None:
    with pytest.raises(ActionError, match=words):
        await plan(scale, OF, None, **parameters)


async def test_the_only_group_needs_no_name_and_the_head_stays(double: PatchDouble, scale: Scale) -> None:
    double.put(CLUSTER, {"spec": {"workerGroupSpecs": [group("gpu", 2, numOfHosts=2)]}})
    nodes = [node(f"n{number}") for number in range(5)]
    known = fleet(nodes, [workload("RayCluster", "nlp", "llm", [each.name for each in nodes])])
    made = await plan(scale, OF, known, replicas="1")
    assert (made.title, made.pods) == ("Scale llm/gpu 2→1", 2), "each replica is two pods"
    grown = await plan(scale, OF, known, replicas="3")
    assert (grown.pods, grown.saves_usd_per_hour) == (2, -20.0)


async def test_a_bound_that_is_not_said_stays_so(double: PatchDouble, scale: Scale) -> None:
    double.put(CLUSTER, {"spec": {"workerGroupSpecs": [{"groupName": "gpu"}]}})
    made = await plan(scale, OF, replicas="2")
    assert [each.path for each in made.changes if "annotation" not in each.path] == [
        "spec.workerGroupSpecs[gpu].replicas"
    ]


async def test_an_autoscaler_of_ray_is_named_and_its_bounds_are_moved_instead(
    double: PatchDouble, scale: Scale
) -> None:
    double.objects[CLUSTER]["spec"]["enableInTreeAutoscaling"] = True
    fought = await plan(scale, OF, group="gpu", replicas="1")
    assert [(each.who, each.words) for each in fought.reverts] == [
        ("ray", "the autoscaler of Ray sets it again as its work asks for it, min 1, max 6")
    ]
    moved = await plan(scale, OF, group="gpu", autoscaler="min=0,max=2")
    assert [(each.path.rpartition(".")[2], each.after) for each in moved.changes[:3]] == [
        ("replicas", "2"), ("minReplicas", "0"), ("maxReplicas", "2"),
    ]  # fmt: skip
    assert moved.reverts == ()
    await scale.apply(moved)
    assert (await scale.verify(moved)).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("RayJob", {"rayClusterName": "llm"}),
        ("RayService", {"activeServiceStatus": {"rayClusterName": "llm"}}),
    ],
)
async def test_a_ray_job_and_service_are_scaled_by_their_cluster(
    double: PatchDouble, scale: Scale, kind: str, status: dict[str, Any]
) -> None:
    double.put(f"{RAY}/{kind.lower()}s/x", {"spec": {}, "status": status})
    above = [{"kind": kind, "name": "x", "uid": "u", "controller": True}]
    double.objects[CLUSTER]["metadata"]["ownerReferences"] = above
    of = target(kind, "nlp", "x")
    made = await plan(scale, of, group="gpu", replicas="3")
    assert {each.object for each in made.changes} == {"raycluster/llm"}
    assert [each.who for each in made.reverts] == [kind.lower()]
    await scale.apply(made)
    assert groups(double)[1]["replicas"] == 3
    await scale.apply(await scale.undo_plan(of, snapshot(fleet()), fleet(), NOON))
    assert groups(double)[1]["replicas"] == 4
    assert [str(each) for each in scale.permissions(of, fleet())][:1] == ["patch ray.io/rayclusters in nlp"]
    del double.objects[CLUSTER]
    with pytest.raises(ActionError, match="has no Ray cluster now"):
        await plan(scale, of, group="gpu", replicas="3")


async def test_an_inference_service_is_held_at_a_number_or_within_bounds(double: PatchDouble, scale: Scale) -> None:
    held = await plan(scale, OF_ISVC, replicas="1")
    assert [(each.path, each.before, each.after) for each in held.changes[:2]] == [
        ("spec.predictor.minReplicas", "2", "1"),
        ("spec.predictor.maxReplicas", "6", "1"),
    ]
    await scale.apply(held)
    assert double.objects[ISVC]["spec"]["predictor"] == {
        "minReplicas": 1,
        "maxReplicas": 1,
        "model": {"runtime": "vllm"},
    }
    await scale.apply(await scale.undo_plan(OF_ISVC, snapshot(fleet()), fleet(), NOON))
    bounded = await plan(scale, OF_ISVC, autoscaler="min=0,max=3")
    assert [each.after for each in bounded.changes[:2]] == ["0", "3"]
    with pytest.raises(ActionError, match="cannot be held at 0"):
        await plan(scale, OF_ISVC, replicas="0")
    with pytest.raises(ActionError, match="has these bounds already"):
        await plan(scale, OF_ISVC, autoscaler="min=2,max=6")
    with pytest.raises(ActionError, match="There is no group gpu"):
        PREDICTOR.group(double.objects[ISVC], "gpu")


async def test_what_it_saves_is_by_how_many_run_within_the_new_bounds(scale: Scale) -> None:
    nodes = [node(f"n{number}") for number in range(5)]
    known = fleet(nodes, [workload("InferenceService", "nlp", "rerank", [each.name for each in nodes])])
    made = await plan(scale, OF_ISVC, known, autoscaler="max=3")
    assert (made.title, made.pods, made.saves_usd_per_hour) == ("Scale rerank 5→3", 2, 20.0)


async def test_a_recipe_may_name_sizes_of_groups_and_nothing_else_in_them(double: PatchDouble, scale: Scale) -> None:
    await scale.apply(await plan(scale, OF, group="gpu", replicas="1"))
    annotations = double.objects[CLUSTER]["metadata"]["annotations"]
    annotations["finops-tui/undo"] = annotations["finops-tui/undo"].replace("/replicas", "/template")
    with pytest.raises(ActionError, match="is not one of this program's"):
        await scale.undo_plan(OF, snapshot(fleet()), fleet(), NOON)
    assert not WORKER_GROUPS.holds(("spec", "workerGroupSpecs"))
    assert not WORKER_GROUPS.holds(("spec", "workerGroupSpecs", "type", "replicas"))
    assert not WORKER_GROUPS.holds(("spec", "workerGroupSpecs", "groupName=gpu"))
    assert not PREDICTOR.holds(())


async def test_pausing_a_ray_cluster_is_as_it_was(double: PatchDouble, scale: Scale) -> None:
    pause = Pause(scale.hands)
    await pause.apply(await plan(pause, OF))
    assert double.objects[CLUSTER]["spec"]["suspend"] is True


NAMES = st.lists(st.text("abcdef", min_size=1, max_size=3), min_size=1, max_size=4, unique=True)


@given(NAMES, st.data())
def test_setting_a_field_of_one_item_leaves_all_others(names: list[str], data: st.DataObject) -> None:
    items = [{"groupName": name, "replicas": index, "deep": {"x": [index]}} for index, name in enumerate(names)]
    before = {"spec": {"workerGroupSpecs": items, "other": 1}}
    chosen = data.draw(st.sampled_from(names))
    path = ("spec", "workerGroupSpecs", f"groupName={chosen}", "replicas")
    kept = deepcopy(before)
    wanted = data.draw(st.none() | st.integers(0, 9))
    after = merge(before, merge_patch({path: wanted}, before))
    assert value(after, path) == wanted
    assert before == kept, "what was read is not written into"
    for name in names:
        other = ("spec", "workerGroupSpecs", f"groupName={name}")
        if name != chosen:
            assert value(after, other) == value(before, other)
    assert merge(after, merge_patch({path: value(before, path)}, after)) == before


def test_a_path_into_a_list_is_written_for_people_and_its_writer_is_that_of_the_list() -> None:
    path = ("spec", "workerGroupSpecs", "groupName=gpu", "replicas")
    assert shown_path(path) == "spec.workerGroupSpecs[gpu].replicas"
    entry = {
        "manager": "kubectl-edit",
        "time": "2026-03-10T11:00:00Z",
        "fieldsV1": {"f:spec": {"f:workerGroupSpecs": {}}},
    }
    assert by_whom({"metadata": {"managedFields": [entry]}}, path, NOON) == "by kubectl-edit at 11:00Z"
