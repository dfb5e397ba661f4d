from __future__ import annotations

import pytest

from finops_tui.errors import ActionError
from finops_tui.model.change import ChangeKind
from finops_tui.model.plan import Outcome
from finops_tui.simulation.serving import Service
from tests.simulation.api.stage import Stage, target

SETS = "/apis/apps/v1/namespaces/{0.namespace}/replicasets"
DEPLOYMENT = "/apis/apps/v1/namespaces/{0.namespace}/deployments/{0.name}"


def service(stage: Stage, name: str) -> Service:
    return next(each for each in stage.world.services if each.name == name)


@pytest.mark.parametrize("seed", [7, 2])
async def test_a_bad_version_is_rolled_back_and_the_burn_ends(seed: int) -> None:
    stage = Stage(seed, "rollout-burns-slo")
    burning = stage.begin()
    assert isinstance(burning, Service)
    bad, good = burning.image, burning.revisions[-2].image
    stage.run_until(lambda: burning.amiss == 1.0)
    rollback = stage.actions()["rollback"]
    made = await stage.plan(rollback, target(burning))
    assert made.dry_run == f"accepted by {burning.cluster}"
    assert "spec.template.spec.containers[main].image" in [change.path for change in made.changes]
    assert [each.words for each in made.reverts] == [f"the next sync of Argo CD app {burning.namespace}"]
    stage.listen()
    assert (await rollback.apply(made)).outcome is Outcome.APPLIED
    (told,) = [change for change in stage.listen() if change.subject == burning.key]
    assert (told.kind, told.who) == (ChangeKind.ACTION, "you")
    assert told.details == (f"image {burning.name}:{bad}→{burning.name}:{good}",)
    stage.run_until(lambda: burning.amiss == 0.0)
    assert {pod.image for pod in burning.pods if pod.ready(stage.world.now)} == {good}
    assert burning.fault is None or burning.fault.image != burning.image
    assert (await rollback.verify(made)).outcome in (Outcome.DONE, Outcome.APPLIED)

    back = await stage.undo_plan(rollback, made)
    await rollback.apply(back)
    assert burning.image == bad


async def test_every_version_is_kept_with_its_pods_and_its_number() -> None:
    stage = Stage(7)
    stage.run(600)
    rolled = service(stage, "vision-api")
    before = (await stage.get("prod-us", DEPLOYMENT.format(rolled)))["metadata"]["annotations"]
    rolled.roll_out("8812aa0")
    stage.run_until(lambda: not rolled._outdated)
    stage.run(300)
    sets = [
        each
        for each in (await stage.get("prod-us", SETS.format(rolled)))["items"]
        if each["metadata"]["ownerReferences"][0]["name"] == rolled.name
    ]
    numbers = [int(each["metadata"]["annotations"]["deployment.kubernetes.io/revision"]) for each in sets]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert int(before["deployment.kubernetes.io/revision"]) == numbers[1]
    assert [each["status"]["replicas"] for each in sets] == [0, 0, len(rolled.pods)]
    images = [each["spec"]["template"]["spec"]["containers"][0]["image"] for each in sets]
    assert images[-1] == "registry.example/vision-api:8812aa0"
    for _ in range(12):
        rolled.roll_out("9912aa0")
    later = (await stage.get("prod-us", DEPLOYMENT.format(rolled)))["metadata"]["annotations"]
    assert int(later["deployment.kubernetes.io/revision"]) == numbers[-1] + 12
    assert len(rolled.revisions) == 11


async def test_a_restart_replaces_every_pod_by_one_of_the_same_version() -> None:
    stage = Stage(7)
    stage.run(600)
    restarted = service(stage, "tile-seg")
    image, before = restarted.image, {pod.name for pod in restarted.pods}
    again = {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-11-23T15:10:00Z"}}}
    assert (await stage.patch("prod-us", DEPLOYMENT.format(restarted), {"spec": {"template": again}}))[0] == 200
    stage.run_until(lambda: not before & {pod.name for pod in restarted.pods})
    assert restarted.image == image


async def test_what_argo_cd_synced_since_is_not_rolled_back() -> None:
    stage = Stage(7)
    stage.run(600)
    rolled = service(stage, "tile-seg")
    rollback = stage.actions()["rollback"]
    made = await stage.plan(rollback, target(rolled))
    await rollback.apply(made)
    stage.run(60)
    rolled.sync("8812aa0", stage.world.now, stage.world.scheduler)
    with pytest.raises(ActionError, match="has been changed since") as error:
        await stage.undo_plan(rollback, target(rolled))
    assert "by argocd" in error.value.detail
