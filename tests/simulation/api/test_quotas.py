from __future__ import annotations

from finops_tui.model.plan import Outcome
from finops_tui.simulation.jobs import Job
from tests.simulation.api.stage import Stage, namespace_target, target

QUOTAS = "/api/v1/namespaces/{}/resourcequotas"
GPUS = "requests.nvidia.com/gpu"


async def test_a_quota_lets_what_runs_go_on_and_nothing_more_come_until_it_is_gone() -> None:
    stage = Stage(7)
    service = next(each for each in stage.world.services if each.name == "vision-api")
    of = namespace_target("prod-us", "vision")
    quota = stage.actions()["quota"]
    there = stage.world.gpus_asked_for("prod-us", "vision")
    made = await stage.plan(quota, of)
    await stage.carried_out(quota, made)
    assert stage.world.gpus_asked_for("prod-us", "vision") == there
    service.demand = 3.0
    stage.run(1200)
    assert service.wanted > len(service.pods)
    assert stage.world.gpus_asked_for("prod-us", "vision") <= there
    (told,) = (await stage.get("prod-us", QUOTAS.format("vision")))["items"]
    assert told["status"]["hard"] == {GPUS: str(there)}
    assert int(told["status"]["used"][GPUS]) <= there
    back = await stage.undo_plan(quota, of)
    assert (await quota.apply(back)).outcome is Outcome.APPLIED
    stage.run(1200)
    assert len(service.pods) >= service.wanted
    assert not (await stage.get("prod-us", QUOTAS.format("vision")))["items"]


async def test_a_job_whose_workers_have_no_room_in_a_quota_waits_for_them() -> None:
    stage = Stage(7)
    job = next(job for job in stage.world.jobs.values() if job.name.startswith("retrain-v"))
    assert isinstance(job, Job)
    pause, quota = stage.actions()["pause"], stage.actions()["quota"]
    paused = await stage.plan(pause, target(job))
    await stage.carried_out(pause, paused)
    limit = await stage.plan(quota, namespace_target("prod-us", "nlp-train"))
    await stage.carried_out(quota, limit)
    await pause.apply(await stage.undo_plan(pause, paused))
    stage.run(600)
    assert (job.pods, job.halted) == ([], False)
    done = job.done
    await quota.apply(await stage.undo_plan(quota, limit))
    stage.run_until(lambda: job.done > done, 1800)


async def test_the_tightest_quota_holds() -> None:
    stage = Stage(7)
    api, path = stage.api("prod-us"), QUOTAS.format("chat")
    for name, gpus in (("wide", "90"), ("tight", "40")):
        body = {"metadata": {"name": name}, "spec": {"hard": {GPUS: gpus}}}
        assert (await api.send("POST", path, body, query={"fieldManager": "kubectl"}))[0] == 201
    quotas = stage.world.scheduler.quotas
    assert quotas == {("prod-us", "chat"): 40}
    assert (await api.send("POST", path, {"metadata": {"name": "tight"}}))[0] == 409
    assert (await api.send("POST", path, {"metadata": {"name": "odd"}, "spec": {"hard": {GPUS: "many"}}}))[0] == 400
    assert (await stage.patch("prod-us", f"{path}/tight", {"spec": {"hard": {GPUS: "50"}}}))[0] == 200
    assert quotas == {("prod-us", "chat"): 50}
    there = await stage.get("prod-us", f"{path}/tight")
    assert there["spec"]["hard"] == {GPUS: "50"}
    stale = {"preconditions": {"uid": "another"}}
    assert (await api.send("DELETE", f"{path}/tight", stale))[0] == 409
    assert (await api.send("DELETE", f"{path}/tight", {"preconditions": {"uid": there["metadata"]["uid"]}}))[0] == 200
    assert quotas == {("prod-us", "chat"): 90}
    await api.send("DELETE", f"{path}/wide")
    assert quotas == {}


async def test_notes_are_left_and_the_oldest_are_forgotten() -> None:
    stage = Stage(7)
    api, path = stage.api("research"), "/apis/events.k8s.io/v1/namespaces/default/events"
    for number in range(250):
        assert (await api.send("POST", path, {"metadata": {"name": f"note-{number}"}, "note": "seen"}))[0] == 201
    kept = [each["metadata"]["name"] for each in (await stage.get("research", path))["items"]]
    assert kept == [f"note-{number}" for number in range(50, 250)]
