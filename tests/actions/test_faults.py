"""What a server does on a bad day, and what is said and not done then."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops_tui.actions.access import Access
from finops_tui.actions.base import Action, Permission
from finops_tui.actions.pause import Pause, Resume
from finops_tui.actions.planning import Hands
from finops_tui.actions.scale import Scale
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Plan
from tests.actions.make import fleet, hands, later, snapshot, target
from tests.actions.patch_double import Fault, PatchDouble, Reply, fails, patch_double
from tests.actions.real import plan
from tests.samples import NOON

JOB = "/apis/batch/v1/namespaces/nlp/jobs/train"
OF = target("Job", "nlp", "train")
TIMEOUT_SECONDS = 0.3


@pytest.fixture
def double() -> Iterator[PatchDouble]:
    with patch_double() as running:
        running.put(JOB, {"spec": {"suspend": False}})
        yield running


@pytest.fixture
def ana(double: PatchDouble, tmp_path: Path) -> Hands:
    return hands(double.kubeconfig(tmp_path), read_timeout_seconds=TIMEOUT_SECONDS)


@pytest.fixture
def pause(ana: Hands) -> Pause:
    return Pause(ana)


def hangs(double: PatchDouble, _path: str) -> Reply | None:
    """Say nothing for longer than anybody waits."""
    double.stopping.wait(4 * TIMEOUT_SECONDS)
    return 0, {}


def does_it_and_hangs(double: PatchDouble, path: str) -> Reply | None:
    """Take the change and say nothing."""
    seen = double.seen[-1]
    double.answer(seen)
    return hangs(double, path)


def cuts(_double: PatchDouble, _path: str) -> Reply | None:
    return 0, {}


def replaces(double: PatchDouble, path: str) -> Reply | None:
    double.put(path, {"spec": {"suspend": False}}, uid="uid-2")
    return None


def touches(double: PatchDouble, path: str) -> Reply | None:
    double.touch(path)
    return None


def resumes_elsewhere(double: PatchDouble, path: str) -> Reply | None:
    there = double.objects[path]
    there["spec"]["suspend"] = True
    there["metadata"]["managedFields"] = [
        {
            "manager": "kubectl-client-side-apply",
            "time": "2026-03-10T12:01:00Z",
            "fieldsV1": {"f:spec": {"f:suspend": {}}},
        }
    ]
    double.touch(path)
    return None


def suspended(double: PatchDouble) -> bool:
    return bool(double.objects[JOB]["spec"]["suspend"])


async def test_a_write_names_its_manager_its_object_and_its_version(double: PatchDouble, pause: Pause) -> None:
    await pause.apply(await plan(pause, OF))
    (write,) = double.writes()
    assert write.query == {"fieldManager": "finops-tui"}
    assert write.content_type == "application/merge-patch+json"
    metadata = write.body["metadata"]
    assert (metadata["uid"], metadata["resourceVersion"]) == ("uid-1", "1")
    assert write.body["spec"] == {"suspend": True}
    (trial,) = (seen for seen in double.seen if seen.query.get("dryRun") == "All")
    assert "resourceVersion" not in trial.body["metadata"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            fails(403, 'jobs.batch "train" is forbidden: User "ana" cannot patch'),
            "You may not do this to job/train. 403",
        ),
        (fails(404, "not found"), "job/train is not there. 404"),
        (fails(422, "spec: field is immutable"), "prod does not accept the change of job/train. 422 spec: field is"),
        (fails(429, "too many", details={"retryAfterSeconds": 7}), "Nothing is different. Try again in 7 s."),
        (fails(429, "too many"), "Nothing is different. Try again in a minute."),
    ],
)
async def test_a_refusal_is_a_failure_in_words(double: PatchDouble, pause: Pause, fault: Fault, words: str) -> None:
    made = await plan(pause, OF)
    double.faults["PATCH"].append(fault)
    result = await pause.apply(made)
    assert result.outcome is Outcome.FAILED
    assert words in result.words
    assert not suspended(double)
    assert len(double.writes()) == 1, "a refusal is not tried again"


@pytest.mark.parametrize("fault", [fails(500, "etcdserver: request timed out"), fails(503), fails(504), hangs, cuts])
async def test_where_no_answer_comes_the_outcome_is_unknown(double: PatchDouble, pause: Pause, fault: Fault) -> None:
    made = await plan(pause, OF)
    double.faults["PATCH"].append(fault)
    result = await pause.apply(made)
    assert result.outcome is Outcome.UNKNOWN
    assert "may have happened" in result.words
    assert len(double.writes()) == 1, "it is not sent again blindly"
    seen = await pause.verify(made)
    assert (seen.outcome, seen.words) == (Outcome.FAILED, "job/train is as it was: this was not done.")
    assert (await pause.apply(made)).outcome is Outcome.APPLIED
    assert suspended(double)


async def test_what_happened_without_an_answer_is_seen_and_not_done_again(double: PatchDouble, pause: Pause) -> None:
    made = await plan(pause, OF)
    double.faults["PATCH"].append(does_it_and_hangs)
    assert (await pause.apply(made)).outcome is Outcome.UNKNOWN
    assert (await pause.verify(made)).outcome is Outcome.APPLIED
    again = await pause.apply(made)
    assert (again.outcome, again.words) == (Outcome.APPLIED, "job/train was done already.")
    assert len(double.writes()) == 1


async def test_a_server_that_is_not_there_gets_nothing_and_that_is_said(
    ana: Hands, double: PatchDouble, tmp_path: Path
) -> None:
    made = await plan(Pause(ana), OF)
    with patch_double() as gone:
        away = Pause(hands(gone.kubeconfig(tmp_path)))
    result = await away.apply(made)
    assert result.outcome is Outcome.FAILED
    assert result.words.startswith("prod cannot be reached. Connection refused; nothing was sent.")
    assert (await away.verify(made)).outcome is Outcome.UNKNOWN
    with pytest.raises(ActionError, match="cannot be reached"):
        await plan(away, OF)
    assert not suspended(double)


async def test_another_version_with_the_same_fields_is_read_again_and_written(
    double: PatchDouble, pause: Pause
) -> None:
    made = await plan(pause, OF)
    double.faults["PATCH"] += [touches, touches]
    assert (await pause.apply(made)).outcome is Outcome.APPLIED
    assert len(double.writes()) == 3
    assert suspended(double)


async def test_what_changes_all_the_time_is_left_alone(double: PatchDouble, pause: Pause) -> None:
    made = await plan(pause, OF)
    double.faults["PATCH"] += [touches, touches, touches]
    result = await pause.apply(made)
    assert result.outcome is Outcome.FAILED
    assert "changes faster than it can be written" in result.words
    assert not suspended(double)


async def test_somebody_who_was_quicker_is_named(double: PatchDouble, pause: Pause) -> None:
    made = await plan(pause, OF)
    double.faults["PATCH"].append(resumes_elsewhere)
    result = await pause.apply(made)
    assert result.outcome is Outcome.FAILED
    assert result.words == (
        "job/train has changed since it was planned: spec.suspend false → true, by kubectl at 12:01Z. "
        "Nothing is different. Plan it again."
    )


@pytest.mark.parametrize("when", ["GET", "PATCH"])
async def test_an_object_that_was_replaced_is_not_touched(double: PatchDouble, pause: Pause, when: str) -> None:
    made = await plan(pause, OF)
    double.faults[when].append(replaces)
    result = await pause.apply(made)
    assert result.outcome is Outcome.FAILED
    assert "is another one now" in result.words
    assert not suspended(double)


async def test_a_plan_of_several_objects_that_stops_says_what_was_done(double: PatchDouble, ana: Hands) -> None:
    crons = "/apis/batch/v1/namespaces/nlp/cronjobs/nightly"
    double.put(crons, {"spec": {"suspend": False}, "status": {"active": [{"name": "train"}]}})
    pause, of = Pause(ana), target("CronJob", "nlp", "nightly")
    made = await plan(pause, of)
    double.faults["PATCH"] += [lambda _double, _path: None, fails(403)]
    result = await pause.apply(made)
    assert result.outcome is Outcome.APPLIED
    assert result.words.startswith("Done for cronjob/nightly, not for job/train: You may not do this to job/train.")
    assert (await pause.verify(made)).words == "job/train is as it was: this was not done."


@pytest.mark.parametrize("fault", [fails(429), fails(500), hangs])
async def test_a_plan_without_a_verdict_is_no_plan(double: PatchDouble, pause: Pause, fault: Fault) -> None:
    double.faults["DRY"].append(fault)
    with pytest.raises(ActionError, match="prod") as error:
        await plan(pause, OF)
    assert "Nothing is different" in error.value.hint


async def test_a_webhook_that_refuses_is_the_verdict(double: PatchDouble, pause: Pause) -> None:
    double.faults["DRY"].append(fails(422, "admission webhook denied: \x1b[31mfrozen\x1b[0m until Monday"))
    made = await plan(pause, OF)
    assert made.dry_run == "refused by prod: 422 admission webhook denied: frozen until Monday"


@pytest.mark.parametrize("at", ["", "job", "at all", '{"was": 1}', '{"was":{"suspend":false}}'])
async def test_a_recipe_that_makes_no_sense_is_refused(double: PatchDouble, pause: Pause, at: str) -> None:
    double.objects[JOB]["metadata"]["annotations"] = {"finops-tui/undo": at}
    with pytest.raises(ActionError, match="cannot be read"):
        await pause.undo_plan(OF, snapshot(fleet()), fleet(), NOON)


async def test_a_recipe_that_names_what_no_action_sets_is_refused(double: PatchDouble, pause: Pause) -> None:
    await pause.apply(await plan(pause, OF))
    annotations = double.objects[JOB]["metadata"]["annotations"]
    for foreign in ("/spec/template/spec/containers/0/image", "/metadata/labels/team", "/spec/backoffLimit"):
        forged = annotations["finops-tui/undo"].replace("/spec/suspend", foreign)
        double.objects[JOB]["metadata"]["annotations"] = annotations | {"finops-tui/undo": forged}
        with pytest.raises(ActionError, match="is not one of this program's"):
            await pause.undo_plan(OF, snapshot(fleet()), fleet(), NOON)


async def test_a_recipe_that_points_elsewhere_takes_nothing_along(double: PatchDouble, pause: Pause) -> None:
    await pause.apply(await plan(pause, OF))
    other = "/apis/batch/v1/namespaces/nlp/jobs/other"
    annotations = double.objects[JOB]["metadata"]["annotations"]
    for beside, words in (
        (other, "no longer says how to take it back"),
        ("/api/v1/namespaces/nlp/secrets/s", "no object of a"),
    ):
        double.put(other, {"spec": {"suspend": True}})
        forged = annotations["finops-tui/undo"].replace('"uid"', f'"with":["{beside}"],"uid"')
        double.objects[JOB]["metadata"]["annotations"] = annotations | {"finops-tui/undo": forged}
        with pytest.raises(ActionError) as error:
            await pause.undo_plan(OF, snapshot(fleet()), fleet(), NOON)
        assert words in str(error.value)


async def test_what_is_over_is_not_paused(double: PatchDouble, pause: Pause) -> None:
    double.objects[JOB]["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}
    with pytest.raises(ActionError, match="job/train is over"):
        await plan(pause, OF)


@pytest.mark.parametrize("kind", ["Pod", "DaemonSet"])
async def test_what_cannot_be_paused_says_what_to_do_instead(pause: Pause, kind: str) -> None:
    with pytest.raises(ActionError, match="cannot be paused") as error:
        await plan(pause, target(kind, "nlp", "x"))
    assert error.value.hint


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "nothing is no number of replicas"),
        ({"replicas": "-1"}, "-1 is no number"),
        ({"replicas": "many"}, "many is no number"),
        ({"replicas": "3"}, "has 3 already"),
        ({"autoscaler": "min=1"}, "No HPA scales it"),
        ({"autoscaler": "pause", "replicas": "1"}, "No KEDA object scales"),
    ],
)
async def test_a_size_that_is_none_is_refused(
    double: PatchDouble, ana: Hands, parameters: dict[str, str], words: str
) -> None:
    double.put("/apis/apps/v1/namespaces/nlp/deployments/web", {"spec": {"replicas": 3}})
    with pytest.raises(ActionError, match=words):
        await Scale(ana).plan(target("Deployment", "nlp", "web"), parameters, snapshot(fleet()), fleet(), NOON)


@pytest.mark.parametrize("bounds", ["", "min=4,max=2", "max=0", "low=1", "min=x", "max=5000"])
async def test_bounds_that_are_none_are_refused(double: PatchDouble, ana: Hands, bounds: str) -> None:
    double.put("/apis/apps/v1/namespaces/nlp/deployments/web", {"spec": {"replicas": 3}})
    aim = {"kind": "Deployment", "name": "web"}
    hpas = "/apis/autoscaling/v2/namespaces/nlp/horizontalpodautoscalers"
    double.put(f"{hpas}/web", {"spec": {"scaleTargetRef": aim, "minReplicas": 1, "maxReplicas": 6}})
    with pytest.raises(ActionError):
        await Scale(ana).plan(
            target("Deployment", "nlp", "web"), {"autoscaler": bounds}, snapshot(fleet()), fleet(), NOON
        )
    assert not double.writes()


async def test_an_autoscaler_that_may_not_be_seen_is_not_thought_away(double: PatchDouble, ana: Hands) -> None:
    double.put("/apis/apps/v1/namespaces/nlp/deployments/web", {"spec": {"replicas": 3}})
    double.faults["GET"] += [lambda _double, _path: None, fails(403), fails(403)]
    made = await plan(Scale(ana), target("Deployment", "nlp", "web"), replicas="1")
    assert [revert.words for revert in made.reverts] == [
        "an autoscaler may set it again: scaledobjects in nlp may not be listed"
    ]


async def test_a_time_box_stands_on_the_object_and_in_the_past_it_is_refused(double: PatchDouble, pause: Pause) -> None:
    made = await plan(pause, OF, until="2026-03-10T12:30:00Z")
    await pause.apply(made)
    assert '"until":"2026-03-10T12:30:00Z"' in double.objects[JOB]["metadata"]["annotations"]["finops-tui/undo"]
    back = await Resume(pause.hands).plan(OF, {}, snapshot(fleet()), fleet(), later(31))
    await pause.apply(back)
    for wrong in ("2026-03-10T11:00:00Z", "2026-03-10T12:30:00", "soon"):
        with pytest.raises(ActionError):
            await plan(pause, OF, until=wrong)


@pytest.mark.parametrize("refused", [False, True])
async def test_a_job_is_resumed_without_the_start_time_that_its_controller_stumbles_over(
    double: PatchDouble, ana: Hands, *, refused: bool
) -> None:
    double.put(JOB, {"spec": {"suspend": True}, "status": {"startTime": "2026-03-10T11:00:00Z"}})
    resume = Resume(ana)
    made = await plan(resume, OF)
    assert ("status.startTime", "2026-03-10T11:00:00Z", "–") in [
        (change.path, change.before, change.after) for change in made.changes
    ]
    double.faults["PATCH"] += [fails(403)] if refused else []
    assert (await resume.apply(made)).outcome is Outcome.APPLIED
    assert [seen.path for seen in double.writes()] == [f"{JOB}/status", JOB]
    assert not suspended(double)
    assert ("startTime" in double.objects[JOB]["status"]) is refused


async def test_permissions_are_asked_once_a_minute(double: PatchDouble, ana: Hands) -> None:
    reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

    def allows(_double: PatchDouble, _path: str) -> Reply:
        verb = double.seen[-1].body["spec"]["resourceAttributes"]["verb"]
        return 201, {"status": {"allowed": verb == "get"}}

    double.faults["POST"] += [allows] * 4
    access, needed = Access(ana.client), Pause(ana).permissions(OF, fleet())
    missing = (Permission(verb="patch", resource="jobs", group="batch", namespace="nlp"),)
    assert await access.missing("prod", needed, NOON) == missing
    assert await access.missing("prod", needed, later(0.9)) == missing
    assert len([seen for seen in double.seen if seen.path == reviews]) == 2
    await access.missing("prod", needed, later(1))
    assert len([seen for seen in double.seen if seen.path == reviews]) == 4
    assert str(missing[0]) == "patch batch/jobs in nlp"


async def test_what_is_asked_about_a_subresource_is_asked_as_one(double: PatchDouble, ana: Hands) -> None:
    double.faults["POST"] += [lambda _double, _path: (201, {"status": {"allowed": True}})]
    eviction = Permission(verb="create", resource="pods/eviction")
    assert await Access(ana.client).missing("prod", [eviction], NOON) == ()
    attributes = double.seen[-1].body["spec"]["resourceAttributes"]
    assert (attributes["resource"], attributes["subresource"]) == ("pods", "eviction")


class Day:
    """A run of faults against one double: whatever happens, nothing is done twice and nothing is claimed falsely."""

    def __init__(self, double: PatchDouble, action: Action) -> None:
        self.double = double
        self.action = action

    async def live(self, faults: list[Fault], made: Plan) -> None:
        self.double.faults["PATCH"] = list(faults)
        for _ in range(len(faults) + 1):
            result = await self.action.apply(made)
            there = suspended(self.double)
            if result.outcome is Outcome.APPLIED:
                assert there
            elif result.outcome is Outcome.FAILED:
                assert not there
        assert suspended(self.double)
        assert int(self.double.objects[JOB]["metadata"]["resourceVersion"]) == 2, "it was written exactly once"


@given(faults=st.lists(st.sampled_from([fails(403), fails(409), fails(500), cuts, "late"]), max_size=4))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_often_it_fails_it_is_done_once_and_never_claimed_falsely(tmp_path: Path, faults: list[Any]) -> None:
    def late(double: PatchDouble, _path: str) -> Reply:
        double.answer(double.seen[-1])
        return 0, {}

    with patch_double() as double:
        double.put(JOB, {"spec": {"suspend": False}})
        pause = Pause(hands(double.kubeconfig(tmp_path)))

        async def run() -> None:
            made = await plan(pause, OF)
            await Day(double, pause).live([late if each == "late" else each for each in faults], made)

        asyncio.run(run())
