from __future__ import annotations

import json

import pytest

from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome
from finops_tui.simulation.jobs import Notebooks
from finops_tui.simulation.serving import DOWNSCALE_AFTER, Service
from tests.simulation.api.stage import Stage, target

HPA = "/apis/autoscaling/v2/namespaces/{0.namespace}/horizontalpodautoscalers/{0.name}"
KEDA = "/apis/keda.sh/v1alpha1/namespaces/{0.namespace}/scaledobjects/{0.name}"
DEPLOYMENT = "/apis/apps/v1/namespaces/{0.namespace}/deployments/{0.name}"


def service(stage: Stage, name: str) -> Service:
    return next(each for each in stage.world.services if each.name == name)


def notebooks(stage: Stage, name: str) -> Notebooks:
    return next(each for each in stage.world.notebooks if each.name == name)


def ready(stage: Stage, of: Service) -> int:
    return sum(1 for pod in of.pods if pod.ready(stage.world.now))


async def test_an_autoscaled_service_is_cut_by_its_bounds_pays_in_latency_and_comes_back() -> None:
    stage = Stage(7)
    objective = next(each for each in stage.world.objectives if each.plan.name == "rerank-eu latency")
    cut, window = objective.service, objective.windows[0]
    stage.run(900)
    usual, calm, spend = cut.wanted, cut.p95_seconds, stage.world.spend()
    scale = stage.actions()["scale"]
    made = await stage.plan(scale, target(cut), autoscaler="min=1,max=2")
    assert made.changes[0].object == "horizontalpodautoscaler/rerank-eu"
    assert await stage.carried_out(scale, made) < DOWNSCALE_AFTER / 4, "bounds hold whatever the window"
    assert (cut.minimum, cut.maximum, cut.wanted) == (1, 2, 2)
    stage.run(1200)
    assert ready(stage, cut) == 2
    assert cut.p95_seconds > 3 * calm
    assert window.error_ratio is not None
    assert window.error_ratio > 14.4 * (1 - objective.plan.objective)
    assert stage.world.spend() < spend - 25.0

    await stage.carried_out(scale, await stage.undo_plan(scale, made))
    stage.run(1800)
    assert (cut.minimum, cut.maximum) == (cut.plan.minimum, cut.plan.maximum)
    assert cut.wanted >= usual - 1
    assert cut.p95_seconds < 2 * calm


async def test_replicas_set_by_hand_are_taken_back_by_the_hpa_as_the_plan_said() -> None:
    stage = Stage(7)
    steered = service(stage, "chat-api-70b")
    usual = steered.wanted
    scale = stage.actions()["scale"]
    made = await stage.plan(scale, target(steered), replicas="1")
    words = [each.words for each in made.reverts]
    assert words[0] == "horizontalpodautoscaler/chat-api-70b sets it again within seconds, min 3, max 14"
    assert (await scale.apply(made)).outcome is Outcome.APPLIED
    assert steered.wanted == 1
    stage.run(120)
    assert steered.wanted >= usual - 1
    result = await scale.verify(made)
    assert result.outcome is Outcome.FAILED
    assert f"spec.replicas of deployment/chat-api-70b was set to {steered.wanted} by hpa at 15:0" in result.words


async def test_a_service_without_autoscaler_keeps_its_size_until_it_is_set_back() -> None:
    stage = Stage(7)
    fixed = service(stage, "tile-seg")
    scale = stage.actions()["scale"]
    made = await stage.plan(scale, target(fixed), replicas="2")
    await stage.carried_out(scale, made)
    stage.run(1800)
    assert len(fixed.pods) == 2
    await stage.carried_out(scale, await stage.undo_plan(scale, made))
    assert len(fixed.pods) == 3


async def test_the_next_sync_from_git_sets_the_size_back() -> None:
    stage = Stage(7)
    fixed, bound = service(stage, "tile-seg"), service(stage, "chat-api-8b")
    scale = stage.actions()["scale"]
    await stage.carried_out(scale, await stage.plan(scale, target(fixed), replicas="2"))
    await stage.carried_out(scale, await stage.plan(scale, target(bound), autoscaler="max=3"))
    images = fixed.image, bound.image
    stage.run_until(lambda: fixed.image != images[0] and bound.image != images[1], 3 * 86_400)
    stage.run(120)
    assert fixed.wanted == 3
    assert bound.maximum == bound.plan.maximum


async def test_keda_holds_a_service_at_a_size_until_that_is_undone() -> None:
    stage = Stage(7)
    held = service(stage, "mod-text")
    usual = held.wanted
    pause = stage.actions()["pause"]
    made = await stage.plan(pause, target(held))
    assert [(change.object, change.path) for change in made.changes[:1]] == [
        ("scaledobject/mod-text", "annotation autoscaling.keda.sh/paused-replicas")
    ]
    await stage.carried_out(pause, made)
    stage.run(600)
    assert (held.wanted, held.pods) == (0, [])
    assert not (await stage.api(held.cluster).send("GET", HPA.format(held)))[1].get("spec"), "KEDA took it away"
    told = await stage.get(held.cluster, KEDA.format(held))
    assert json.loads(told["metadata"]["annotations"]["finops-tui/undo"])["action"] == "pause"
    await stage.carried_out(pause, await stage.undo_plan(pause, target(held)))
    stage.run(300)
    assert held.wanted >= usual - 1


async def test_keda_does_not_stand_down_at_no_replicas_as_an_hpa_does() -> None:
    stage = Stage(7)
    by_keda, by_hpa = service(stage, "mod-text"), service(stage, "vision-api")
    for each in (by_keda, by_hpa):
        status, _ = await stage.patch(each.cluster, DEPLOYMENT.format(each), {"spec": {"replicas": 0}})
        assert status == 200
    stage.run(120)
    assert by_keda.wanted > 0
    assert by_hpa.wanted == 0


async def test_notebooks_are_closed_and_opened_again() -> None:
    stage = Stage(7)
    books = notebooks(stage, "notebook-hub")
    open_now = len(books.pods)
    scale = stage.actions()["scale"]
    made = await stage.plan(scale, target(books), replicas="3")
    assert f"{open_now - 3} pods" in made.touches
    await stage.carried_out(scale, made)
    assert len(books.pods) == 3
    await stage.carried_out(scale, await stage.undo_plan(scale, made))
    assert len(books.pods) == open_now


async def test_what_somebody_scaled_since_is_not_taken_back() -> None:
    stage = Stage(7)
    fixed = service(stage, "tile-seg")
    scale = stage.actions()["scale"]
    made = await stage.plan(scale, target(fixed), replicas="2")
    await stage.carried_out(scale, made)
    stage.world.scale(fixed.key, 1, who="mei")
    with pytest.raises(ActionError, match="has been changed since") as error:
        await stage.undo_plan(scale, target(fixed))
    assert "spec.replicas was set to 2 by ana at 2026-11-23T15:00:00Z, and then to 1 by mei at" in error.value.detail


async def test_a_downscale_window_set_too_short_is_set_back() -> None:
    stage = Stage(3, "autoscaler-thrash")
    thrashing = stage.begin()
    assert isinstance(thrashing, Service)
    assert thrashing.scaler == "hpa"
    told = await stage.get(thrashing.cluster, HPA.format(thrashing))
    assert told["spec"]["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 60
    calmer = {"spec": {"behavior": {"scaleDown": {"stabilizationWindowSeconds": 900}}}}
    assert (await stage.patch(thrashing.cluster, HPA.format(thrashing), calmer))[0] == 200
    assert thrashing.downscale_after == 900
    assert stage.listen()[-1].details == ("stabilizationWindowSeconds 60→900",)


async def test_where_the_role_ends_a_change_is_refused_and_a_question_says_so() -> None:
    stage = Stage(7)
    books = notebooks(stage, "workbench")
    scale = stage.actions()["scale"]
    made = await stage.plan(scale, target(books), replicas="1")
    assert made.dry_run.startswith("refused by research: 403")
    assert (await scale.apply(made)).outcome is Outcome.FAILED
    assert books.fixed is None
