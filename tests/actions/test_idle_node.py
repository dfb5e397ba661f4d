"""Deleting an idle node: only that one, only while it is idle, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from finops_tui.actions.idle_node import DeleteNode
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome
from tests.actions.make import fleet, hands, node, node_target, snapshot
from tests.actions.patch_double import PatchDouble, Reply, fails, patch_double
from tests.actions.pods import NODE, NODE_PATH, put_node, put_pod
from tests.actions.real import plan
from tests.samples import NOON

CLAIM = "/apis/karpenter.sh/v1/nodeclaims/h100-x1"
OF = node_target(NODE)
KNOWN = fleet([node(NODE)])


@pytest.fixture
def double() -> Iterator[PatchDouble]:
    with patch_double() as running:
        put_node(running, metadata={"ownerReferences": [{"kind": "NodeClaim", "name": "h100-x1", "uid": "uid-claim"}]})
        running.put(CLAIM, {"spec": {}, "status": {"nodeName": NODE}}, uid="uid-claim")
        put_pod(running, "exporter", "DaemonSet/exporter")
        yield running


@pytest.fixture
def delete(double: PatchDouble, tmp_path: Path) -> DeleteNode:
    return DeleteNode(hands(double.kubeconfig(tmp_path)))


def deletions(double: PatchDouble) -> list[Any]:
    return [seen.body["preconditions"] for seen in double.seen if seen.method == "DELETE" and not seen.on_trial]


async def test_its_claim_goes_that_one_and_that_version(double: PatchDouble, delete: DeleteNode) -> None:
    made = await plan(delete, OF, KNOWN)
    assert (made.dry_run, made.undo, made.reversible) == ("accepted by prod", "", False)
    assert (made.saves_usd_per_hour, made.saves_when) == (10.0, "once 1 h100 node is gone, about 12:00Z")
    assert [(each.object, each.after) for each in made.changes] == [("nodeclaim/h100-x1", "deleted")]
    assert CLAIM in double.objects, "a plan changes nothing"
    assert made.reverts[0].who == "karpenter"
    assert "delete karpenter.sh/nodeclaims" in made.permissions
    double.touch(CLAIM)
    assert (await delete.apply(made)).outcome is Outcome.APPLIED
    assert deletions(double) == [{"uid": "uid-claim", "resourceVersion": "2"}]
    seen = await delete.verify(made)
    assert (seen.outcome, seen.words) == (Outcome.DONE, "nodeclaim/h100-x1 is gone.")
    assert (await delete.apply(made)).words == "nodeclaim/h100-x1 is gone already."
    assert len(deletions(double)) == 1
    with pytest.raises(ActionError, match="cannot be taken back"):
        await delete.undo_plan(made, snapshot(KNOWN), KNOWN, NOON)


async def test_a_node_with_work_on_it_is_not_deleted(double: PatchDouble, delete: DeleteNode) -> None:
    made = await plan(delete, OF, KNOWN)
    put_pod(double, "train-0")
    with pytest.raises(ActionError, match="is not idle") as refused:
        await plan(delete, OF)
    assert "1 pod (nlp/train-0)" in refused.value.detail
    result = await delete.apply(made)
    assert result.outcome is Outcome.FAILED
    assert result.words == f"{NODE} is not idle any more: 1 pod (nlp/train-0) came to it. Nothing is different."
    assert deletions(double) == []
    assert (await delete.verify(made)).words == "nodeclaim/h100-x1 is there: this was not done."


@pytest.mark.parametrize(
    "answer", [fails(404), fails(500), lambda _double, _path: (200, {}), lambda _double, _path: (200, {"items": None})]
)
async def test_a_node_whose_pods_are_not_told_is_not_idle(double: PatchDouble, delete: DeleteNode, answer: Any) -> None:
    made = await plan(delete, OF)
    double.faults["GET"] = [lambda _double, _path: None, answer]
    result = await delete.apply(made)
    assert result.outcome is not Outcome.APPLIED
    assert deletions(double) == []
    double.faults["GET"] = [lambda _double, _path: None, answer]
    with pytest.raises(ActionError):
        await plan(delete, OF)


async def test_a_claim_that_karpenter_empties_is_waited_for(double: PatchDouble, delete: DeleteNode) -> None:
    made = await plan(delete, OF)

    def finalizes(double: PatchDouble, path: str) -> Reply:
        double.objects[path]["metadata"] |= {"deletionTimestamp": "x", "finalizers": ["karpenter.sh/termination"]}
        return 200, {}

    double.faults["DELETE"] = [finalizes]
    assert (await delete.apply(made)).outcome is Outcome.APPLIED
    seen = await delete.verify(made)
    assert (seen.outcome, seen.words) == (
        Outcome.APPLIED, "nodeclaim/h100-x1 is being deleted. karpenter.sh/termination holds it.",
    )  # fmt: skip
    assert (await delete.apply(made)).words == "nodeclaim/h100-x1 is being deleted already."
    assert len(deletions(double)) == 1


async def test_another_claim_of_that_name_is_left_alone(double: PatchDouble, delete: DeleteNode) -> None:
    made = await plan(delete, OF)
    double.put(CLAIM, {"spec": {}, "status": {"nodeName": NODE}}, uid="another")
    result = await delete.apply(made)
    assert (result.outcome, "is another one now" in result.words) == (Outcome.FAILED, True)
    assert (await delete.verify(made)).words == "nodeclaim/h100-x1 is gone; another has its name."


async def test_a_claim_that_changes_all_the_time_is_left_alone(double: PatchDouble, delete: DeleteNode) -> None:
    made = await plan(delete, OF)

    def touched(double: PatchDouble, path: str) -> None:
        double.touch(path)

    double.faults["DELETE"] = [touched, touched, touched]
    result = await delete.apply(made)
    assert (result.outcome, "changes faster" in result.words) == (Outcome.FAILED, True)
    double.faults["DELETE"] = [touched, touched]
    assert (await delete.apply(made)).outcome is Outcome.APPLIED


@pytest.mark.parametrize(("fault", "outcome"), [(fails(403), Outcome.FAILED), (fails(504), Outcome.UNKNOWN)])
async def test_what_an_answer_means(double: PatchDouble, delete: DeleteNode, fault: Any, outcome: Outcome) -> None:
    made = await plan(delete, OF)
    double.faults["DELETE"] = [fault]
    assert (await delete.apply(made)).outcome is outcome
    assert len(deletions(double)) == 1, "it is not sent again blindly"


async def test_a_node_that_karpenter_did_not_start_is_refused(double: PatchDouble, delete: DeleteNode) -> None:
    put_node(double)
    with pytest.raises(ActionError, match="no node of Karpenter's") as refused:
        await plan(delete, OF)
    assert "would leave its machine running" in refused.value.detail


@pytest.mark.parametrize("path", [NODE_PATH, CLAIM])
async def test_what_is_to_be_left_alone_is_refused(double: PatchDouble, delete: DeleteNode, path: str) -> None:
    double.objects[path]["metadata"]["annotations"] = {"karpenter.sh/do-not-disrupt": "true"}
    with pytest.raises(ActionError, match="is to be left alone"):
        await plan(delete, OF)


async def test_a_claim_of_another_node_is_refused(double: PatchDouble, delete: DeleteNode) -> None:
    double.objects[CLAIM]["status"]["nodeName"] = "gpu-2"
    with pytest.raises(ActionError, match="is not that of node/gpu-1"):
        await plan(delete, OF)
