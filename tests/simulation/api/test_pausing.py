from __future__ import annotations

import json
from datetime import timedelta

import pytest

from finops_tui.errors import ActionError
from finops_tui.model.change import ChangeKind
from finops_tui.model.plan import Outcome, Risk
from finops_tui.simulation.autoscaler import DRAIN_SECONDS, EMPTY_SECONDS
from finops_tui.simulation.jobs import Job
from tests.simulation.api.stage import NIGHT, Stage, target, usd

JOB = "/apis/batch/v1/namespaces/{}/jobs/{}"


def path(job: Job) -> str:
    return JOB.format(job.namespace, job.name)


def training(stage: Stage, name: str) -> Job:
    return next(job for job in stage.world.jobs.values() if job.name.startswith(name))


def nightly(stage: Stage) -> Job:
    return next(job for job in stage.world.jobs.values() if job.lasting and job.run is not None)


def begun(job: Job) -> int | None:
    """Return for when its run of now was due (unix seconds); None without one."""
    return job.run.start if job.run is not None else None


@pytest.mark.parametrize("seed", [7, 2, 3])
async def test_a_paused_runaway_leaves_the_bill_once_its_nodes_are_gone_and_comes_back_with_the_undo(seed: int) -> None:
    stage = Stage(seed, "runaway-retrain")
    job = stage.begin()
    assert isinstance(job, Job)
    workers = len(job.pods)
    stage.run_until(lambda: job.running(stage.world.now))
    stage.run(300)
    pause, before = stage.actions()["pause"], usd(stage, job.pool)
    made = await stage.plan(pause, target(job))
    assert made.dry_run == f"accepted by {job.cluster}"
    assert not job.suspended, "a plan changes nothing"
    nodes = {pod.machine.name for pod in job.pods if pod.machine is not None}
    assert (made.pods, made.gpus) == (workers, 8.0 * workers)
    assert made.saves_usd_per_hour is not None
    assert made.saves_usd_per_hour > 60

    paused_after = await stage.carried_out(pause, made)
    assert paused_after < 60
    assert not job.pods
    assert usd(stage, job.pool) == pytest.approx(before, rel=0.02), "freed pods do not stop the bill"
    assert all(name in job.pool.machines for name in nodes)
    stage.run(EMPTY_SECONDS + DRAIN_SECONDS + 60)
    assert len([name for name in nodes if name in job.pool.machines]) == workers - made.nodes
    saved = before - usd(stage, job.pool)
    assert saved == pytest.approx(made.saves_usd_per_hour, rel=0.15), "it foresees the mean price of the pool's nodes"

    back = await stage.undo_plan(pause, made)
    assert (await pause.apply(back)).outcome is Outcome.APPLIED
    stage.run_until(lambda: job.running(stage.world.now))
    assert len(job.pods) == workers
    assert usd(stage, job.pool) == pytest.approx(before, rel=0.05)


async def test_what_was_done_is_told_as_an_action_of_yours_with_its_recipe_on_the_workload() -> None:
    stage = Stage(7)
    job = training(stage, "retrain-v")
    pause = stage.actions()["pause"]
    made = await stage.plan(pause, target(job))
    stage.listen()
    await pause.apply(made)
    told = [change for change in stage.listen() if change.subject == job.key]
    assert [(change.kind, change.who, change.what) for change in told] == [
        (ChangeKind.ACTION, "you", f"{job.name} paused")
    ]
    seen = stage.seen(job)
    assert seen.suspended
    assert json.loads(seen.annotations["finops-tui/undo"])["by"] == "ana"
    assert seen.annotations["finops-tui/owner"] == "#nlp-oncall", "what stood there before still does"

    back = await stage.undo_plan(pause, made)
    await pause.apply(back)
    (told_back,) = [change for change in stage.listen() if change.subject == job.key]
    assert (told_back.who, told_back.what) == ("you", f"{job.name} resumed")
    seen = stage.seen(job)
    assert not seen.suspended
    assert "finops-tui/undo" not in seen.annotations


async def test_a_plan_says_who_reverts_it_and_when_the_nodes_go() -> None:
    stage = Stage(7)
    job = training(stage, "retrain-v")
    made = await stage.plan(stage.actions()["pause"], target(job))
    assert [each.words for each in made.reverts] == ["the next sync of Argo CD app nlp-train"]
    assert made.saves_at == stage.now + timedelta(seconds=EMPTY_SECONDS)
    assert made.saves_usd_per_hour == pytest.approx(55.04)
    assert "since checkpoint" in made.loses


async def test_where_no_karpenter_says_when_empty_nodes_go_it_is_not_known() -> None:
    stage = Stage(7)
    job = training(stage, "pretrain-moe")
    made = await stage.plan(stage.actions()["pause"], target(job))
    assert made.saves_at is None
    assert made.saves_when.endswith("when their autoscaler removes them is not known")


async def test_another_engineer_resumes_from_what_stands_on_the_object() -> None:
    stage = Stage(7)
    job = training(stage, "retrain-v")
    pause = stage.actions("ana")["pause"]
    await stage.carried_out(pause, await stage.plan(pause, target(job)))
    stage.run(600)
    resume = stage.actions("ben")["resume"]
    made = await stage.plan(resume, target(job))
    assert made.undo.startswith("does it again, as ana did at 2026-11-23T15:00:00Z")
    await stage.carried_out(resume, made)
    assert job.pods
    with pytest.raises(ActionError, match="Nothing stands on"):
        await stage.undo_plan(resume, target(job))


async def test_an_undo_is_refused_when_somebody_else_resumed_it_meanwhile() -> None:
    stage = Stage(7)
    job = training(stage, "retrain-v")
    pause = stage.actions()["pause"]
    made = await stage.plan(pause, target(job))
    await stage.carried_out(pause, made)
    stage.run(120)
    status, _ = await stage.patch(job.cluster, path(job), {"spec": {"suspend": False}})
    assert status == 200
    with pytest.raises(ActionError, match="is back already") as error:
        await stage.undo_plan(pause, made)
    assert error.value.detail == "spec.suspend was set back by kubectl-edit at 15:02Z"
    assert "by kubectl-edit at 15:02Z" in (await pause.verify(made)).words
    told = [change for change in stage.listen() if change.subject == job.key]
    assert [(change.kind, change.who) for change in told] == [(ChangeKind.WORKLOAD, "kubectl-edit")]


async def test_what_changed_between_plan_and_apply_is_not_overwritten() -> None:
    stage = Stage(7)
    job = training(stage, "retrain-v")
    pause = stage.actions()["pause"]
    made = await stage.plan(pause, target(job))
    stage.world.pause_job(job.key, who="mei")
    result = await pause.apply(made)
    assert result.outcome is Outcome.FAILED
    assert "has changed since it was planned: spec.suspend false → true, by mei at 15:00Z" in result.words


async def test_another_job_of_the_same_name_is_not_paused() -> None:
    stage = Stage(7)
    job = training(stage, "retrain-v")
    pause = stage.actions()["pause"]
    made = await stage.plan(pause, target(job))
    assert job.run is not None
    job.done = job.run.seconds
    run = job.run._replace(start=stage.world.now, seconds=10**6)
    stage.run(60)
    assert job.key not in stage.world.jobs
    stage.world.begin_run(again := stage.world.add_job(run, stage.world.now), run)
    result = await pause.apply(made)
    assert (result.outcome, again.suspended) == (Outcome.FAILED, False)
    assert "is another one now" in result.words


async def test_a_schedule_is_paused_with_its_run_and_both_come_back() -> None:
    stage = Stage(7, start=NIGHT)
    job = nightly(stage)
    pause = stage.actions()["pause"]
    made = await stage.plan(pause, target(job))
    assert [change.object.partition("/")[0] for change in made.changes[::3]] == ["cronjob", "job"]
    await stage.carried_out(pause, made)
    assert (job.suspended, job.halted, job.pods) == (True, True, [])
    back = await stage.undo_plan(pause, made)
    await stage.carried_out(pause, back)
    assert (job.suspended, job.halted) == (False, False)
    stage.run_until(lambda: job.running(stage.world.now))
    assert job.pods


async def test_a_run_may_be_left_to_its_end_and_the_next_one_does_not_come_until_the_schedule_goes_on() -> None:
    stage = Stage(7, start=NIGHT)
    job = nightly(stage)
    last = begun(job)
    pause = stage.actions()["pause"]
    made = await stage.plan(pause, target(job), runs="leave")
    await stage.carried_out(pause, made)
    assert job.pods
    stage.run_until(lambda: begun(job) is None, 8 * 3600)
    stage.run(26 * 3600)
    assert begun(job) is None
    await stage.carried_out(pause, await stage.undo_plan(pause, made))
    stage.run(120)
    now = begun(job)
    assert last is not None
    assert now is not None
    assert now > last


async def test_pausing_a_service_empties_it_and_burns_and_the_undo_heals_it() -> None:
    stage = Stage(7)
    objective = next(each for each in stage.world.objectives if each.plan.name == "code-complete latency")
    service = objective.service
    stage.run(600)
    pause = stage.actions()["pause"]
    made = await stage.plan(pause, target(service))
    assert made.slo_risk is Risk.HIGH
    assert [each.who for each in made.reverts] == ["argocd"], "an HPA stands down at 0 replicas"
    await stage.carried_out(pause, made)
    stage.run(900)
    assert (service.wanted, service.turned_away) == (0, 1.0)
    window = objective.windows[0]
    assert window.error_ratio is not None
    assert window.error_ratio > 50 * (1 - objective.plan.objective)
    await stage.carried_out(pause, await stage.undo_plan(pause, made))
    stage.run(1800)
    assert service.turned_away == 0.0
    assert window.error_ratio < 2 * (1 - objective.plan.objective)


async def test_a_finished_job_that_keeps_its_pods_can_be_paused_and_frees_them() -> None:
    stage = Stage(7)
    job = training(stage, "retrain-v")
    job.stuck, job.finished_at = True, stage.world.now
    pause = stage.actions()["pause"]
    await stage.carried_out(pause, await stage.plan(pause, target(job)))
    assert not job.pods
    with pytest.raises(ActionError, match="is over"):
        await stage.plan(pause, target(job))
