from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from finops_tui.actions.kinds import Pausable
from finops_tui.actions.objects import shown_path
from finops_tui.actions.pause import Pause
from finops_tui.actions.planning import Hands
from finops_tui.actions.registry import kubernetes_actions
from finops_tui.actions.resolve import KINDS
from finops_tui.actions.scale import Scale
from finops_tui.model.plan import Outcome, Reverter
from tests.actions.make import fleet, hands, snapshot, target, workload
from tests.actions.patch_double import PatchDouble, patch_double
from tests.actions.real import plan
from tests.samples import NOON

JOB = "/apis/batch/v1/namespaces/nlp/jobs/train"
OF = target("Job", "nlp", "train")


@pytest.fixture
def double() -> Iterator[PatchDouble]:
    with patch_double() as running:
        yield running


@pytest.fixture
def ana(double: PatchDouble, tmp_path: Path) -> Hands:
    return hands(double.kubeconfig(tmp_path))


async def reverts(double: PatchDouble, ana: Hands, metadata: dict[str, Any], **spec: Any) -> tuple[Reverter, ...]:
    double.put(JOB, {"metadata": metadata, "spec": {"suspend": False} | spec})
    return (await plan(Pause(ana), OF)).reverts


async def test_nobody_reverts_what_nobody_manages(double: PatchDouble, ana: Hands) -> None:
    assert await reverts(double, ana, {}) == ()


async def test_flux_is_named_with_the_command_that_stops_it(double: PatchDouble, ana: Hands) -> None:
    labels = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
    (flux,) = await reverts(double, ana, {"labels": labels})
    assert flux.words == "the next reconciliation of Flux Kustomization flux-system/apps"
    assert flux.advice == "`flux suspend kustomization apps -n flux-system` stops it"
    stopped = {"kustomize.toolkit.fluxcd.io/reconcile": "disabled"}
    assert await reverts(double, ana, {"labels": labels, "annotations": stopped}) == ()


async def test_helm_by_flux_is_named_too(double: PatchDouble, ana: Hands) -> None:
    labels = {"helm.toolkit.fluxcd.io/name": "vllm", "helm.toolkit.fluxcd.io/namespace": "serving"}
    (flux,) = await reverts(double, ana, {"labels": labels})
    assert flux.words == "the next upgrade, or the drift detection, of Flux HelmRelease serving/vllm"


async def test_argo_cd_is_known_by_its_label_and_by_its_writes(double: PatchDouble, ana: Hands) -> None:
    (argo,) = await reverts(double, ana, {"labels": {"argocd.argoproj.io/instance": "nlp"}})
    assert argo.words == "Argo CD app nlp"
    labels = {"app.kubernetes.io/instance": "nlp"}
    assert await reverts(double, ana, {"labels": labels}) == (), "Helm sets the same label"
    writes = [{"manager": "argocd-controller", "fieldsV1": {}}]
    (argo,) = await reverts(double, ana, {"labels": labels, "managedFields": writes})
    assert argo.who == "argocd"


async def test_an_owner_and_another_controller_are_named(double: PatchDouble, ana: Hands) -> None:
    above = [{"kind": "JobSet", "name": "llm", "uid": "u", "controller": True}]
    found = await reverts(double, ana, {"ownerReferences": above}, managedBy="kueue.x-k8s.io/multikueue")
    assert [(each.who, each.words) for each in found] == [
        ("jobset", "JobSet llm owns it and may set it again"),
        ("multikueue", "kueue.x-k8s.io/multikueue runs it and may not heed spec.suspend"),
    ]


async def test_an_hpa_that_may_go_to_zero_itself_also_comes_back_from_zero(double: PatchDouble, ana: Hands) -> None:
    double.put("/apis/apps/v1/namespaces/nlp/deployments/web", {"spec": {"replicas": 3}})
    aim = {"kind": "Deployment", "name": "web"}
    hpas = "/apis/autoscaling/v2/namespaces/nlp/horizontalpodautoscalers"
    double.put(f"{hpas}/web", {"spec": {"scaleTargetRef": aim, "minReplicas": 0, "maxReplicas": 6}})
    (hpa,) = (await plan(Pause(ana), target("Deployment", "nlp", "web"))).reverts
    assert hpa.words == "horizontalpodautoscaler/web sets it again within seconds, min 0, max 6"


async def test_volumes_that_go_with_their_pods_are_lost(double: PatchDouble, ana: Hands) -> None:
    policy = {"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}
    double.put("/apis/apps/v1/namespaces/nlp/statefulsets/db", {"spec": {"replicas": 2} | policy})
    known = fleet([], [workload("StatefulSet", "nlp", "db", ["n1", "n2"])])
    for action in (Scale(ana), Pause(ana)):
        made = await plan(action, target("StatefulSet", "nlp", "db"), known, replicas="1")
        assert made.loses == "the volumes of the pods that go"


async def test_a_kind_of_the_config_is_paused_like_any_other(double: PatchDouble, ana: Hands) -> None:
    own = Pausable(
        kind="Trainer", group="ml.example.test", plural="trainers", path=("spec", "state"), paused="Stopped",
        running="Running", how="its pods go",
    )  # fmt: skip
    path = "/apis/ml.example.test/v1/namespaces/nlp/trainers/x"
    double.put(path, {"spec": {"state": "Running"}})
    pause, of = Pause(ana, {**KINDS, "Trainer": own}), target("Trainer", "nlp", "x")
    made = await plan(pause, of)
    assert (await pause.apply(made)).outcome is Outcome.APPLIED
    assert double.objects[path]["spec"]["state"] == "Stopped"
    assert (await pause.verify(made)).outcome is Outcome.DONE


def test_the_page_names_every_kind_with_its_field() -> None:
    page = (Path(__file__).parents[2] / "docs" / "actions.md").read_text()
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    for kind in KINDS.values():
        if isinstance(kind, Pausable):
            (row,) = (row for row in rows if kind.kind in row[0].removeprefix("| ").split(", "))
            assert f"`{kind.group}`" in row[1]
            assert f"`{shown_path(kind.path).removeprefix('annotation ')}`" in row[2]
        else:
            assert kind.kind in page.partition("**Scale**: ")[2].partition("\n")[0]


def test_the_page_names_every_action_with_its_key(ana: Hands) -> None:
    page = (Path(__file__).parents[2] / "docs" / "actions.md").read_text()
    for action in kubernetes_actions(ana):
        assert f"| `{action.key}` | {action.title} |" in page


WEB = "/apis/apps/v1/namespaces/chat/deployments/api"


def sized_by(double: PatchDouble, replicas: int, manager: str, subresource: str = "") -> None:
    """Let somebody set the replicas of the deployment."""
    wrote = {
        "manager": manager,
        "subresource": subresource,
        "time": "2026-03-10T12:05:00Z",
        "fieldsV1": {"f:spec": {"f:replicas": {}}},
    }
    double.objects[WEB]["spec"]["replicas"] = replicas
    double.objects[WEB]["metadata"]["managedFields"] = [wrote]


async def test_an_autoscaler_that_sizes_again_what_was_resumed_does_not_revert_that(
    double: PatchDouble, ana: Hands
) -> None:
    double.put(WEB, {"metadata": {}, "spec": {"replicas": 5}})
    pause, of = Pause(ana), target("Deployment", "chat", "api")
    paused = await plan(pause, of)
    assert (await pause.apply(paused)).outcome is Outcome.APPLIED
    sized_by(double, 4, "kube-controller-manager", "scale")
    woken = await pause.verify(paused)
    assert (woken.outcome, "set to 4 by hpa" in woken.words) == (Outcome.FAILED, True), "a pause that does not hold"
    double.objects[WEB]["spec"]["replicas"] = 0
    back = await pause.undo_plan(paused, snapshot(fleet()), fleet(), NOON)
    assert (await pause.apply(back)).outcome is Outcome.APPLIED
    sized_by(double, 4, "kube-controller-manager", "scale")
    seen = await pause.verify(back)
    assert (seen.outcome, seen.words) == (
        Outcome.DONE,
        "deployment/api runs again; its size is hpa's again, 4 now.",
    )
    for replicas, who in ((0, "kube-controller-manager"), (4, "kubectl-edit")):
        sized_by(double, replicas, who, "scale" if replicas == 0 else "")
        assert (await pause.verify(back)).outcome is Outcome.FAILED, "that is somebody else's will, or a pause again"
