"""A temporary quota: made once, taken away as that one object, and made again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from finops_tui.actions.planning import Hands
from finops_tui.actions.quota import Quota
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Risk
from tests.actions.make import fleet, hands, namespace_target, slo, snapshot, workload
from tests.actions.patch_double import PatchDouble, Reply, fails, patch_double
from tests.actions.pods import put_pod
from tests.actions.real import plan
from tests.samples import NOON

OF = namespace_target("nlp")
QUOTA = "/api/v1/namespaces/nlp/resourcequotas/finops-tui-plan-ana-1"
HARD = "requests.nvidia.com/gpu"


@pytest.fixture
def double() -> Iterator[PatchDouble]:
    with patch_double() as running:
        running.put("/api/v1/namespaces/nlp", {"spec": {}})
        put_pod(running, "train-0")
        put_pod(running, "train-1", gpus=4)
        put_pod(running, "elsewhere", namespace="cv")
        yield running


@pytest.fixture
def ana(double: PatchDouble, tmp_path: Path) -> Hands:
    return hands(double.kubeconfig(tmp_path))


@pytest.fixture
def quota(ana: Hands) -> Quota:
    return Quota(ana)


async def test_a_namespace_keeps_what_it_asks_for_now_and_gets_no_more(double: PatchDouble, quota: Quota) -> None:
    made = await plan(quota, OF)
    assert (made.title, made.dry_run) == ("Limit nlp to 12 GPUs", "accepted by prod")
    assert [(each.path, each.before, each.after) for each in made.changes] == [(f"spec.hard.{HARD}", "–", "12")]
    assert (made.saves_usd_per_hour, made.parameters) == (0.0, {"gpus": "12", "until": "2026-03-10T16:00:00Z"})
    assert made.until_then == "pods that ask for a GPU are refused, until 2026-03-10T16:00:00Z"
    assert made.touches == "namespace nlp, which asks for 12 GPUs; its pods stay"
    assert QUOTA not in double.objects, "a plan changes nothing"
    assert (await quota.apply(made)).outcome is Outcome.APPLIED
    there = double.objects[QUOTA]
    assert there["spec"] == {"hard": {HARD: "12"}}
    assert there["metadata"]["annotations"]["finops-tui/until"] == "2026-03-10T16:00:00Z"
    assert json.loads(there["metadata"]["annotations"]["finops-tui/undo"])["until"] == "2026-03-10T16:00:00Z"
    assert there["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "finops-tui"}
    assert (await quota.verify(made)).outcome is Outcome.APPLIED
    there["status"] = {"hard": {HARD: "12"}}
    seen = await quota.verify(made)
    assert (seen.outcome, seen.words) == (Outcome.DONE, "resourcequota/finops-tui-plan-ana-1 is in force.")
    again = await quota.apply(made)
    assert (again.outcome, again.words) == (
        Outcome.APPLIED, "resourcequota/finops-tui-plan-ana-1 was made already.",
    )  # fmt: skip


@pytest.mark.parametrize("from_plan", [True, False])
async def test_exactly_that_quota_is_taken_away_and_can_be_set_again(
    double: PatchDouble, quota: Quota, *, from_plan: bool
) -> None:
    made = await plan(quota, OF, gpus="8", until="2026-03-10T13:00:00Z")
    await quota.apply(made)
    double.put("/api/v1/namespaces/nlp/resourcequotas/of-somebody-else", {"spec": {"hard": {HARD: "64"}}})
    back = await quota.undo_plan(made if from_plan else OF, snapshot(fleet()), fleet(), NOON)
    assert (back.title, back.undo) == ("Undo quota of nlp", "sets a quota of 8 again")
    assert QUOTA in double.objects, "a plan changes nothing"
    assert (await quota.apply(back)).outcome is Outcome.APPLIED
    (deletion,) = (seen for seen in double.seen if seen.method == "DELETE" and not seen.on_trial)
    assert deletion.body["preconditions"]["uid"] == "uid-of-finops-tui-plan-ana-1"
    assert QUOTA not in double.objects
    assert (await quota.verify(back)).outcome is Outcome.DONE
    assert (await quota.verify(made)).outcome is Outcome.FAILED
    again = await quota.undo_plan(back, snapshot(fleet()), fleet(), NOON)
    assert again.title == "Limit nlp to 8 GPUs"


async def test_of_several_what_is_overdue_goes_first(quota: Quota) -> None:
    for gpus, hours in (("8", 1), ("9", 5), ("7", 6)):
        made = await plan(quota, OF, gpus=gpus, until=f"2026-03-10T{12 + hours}:00:00Z")
        await quota.apply(made)
    now = NOON + timedelta(hours=2)
    first = await quota.undo_plan(OF, snapshot(fleet()), fleet(), now)
    assert first.parameters["gpus"] == "8", "it should be gone for an hour"
    await quota.apply(first)
    assert (await quota.undo_plan(OF, snapshot(fleet()), fleet(), now)).parameters["gpus"] in {"9", "7"}


async def test_a_quota_that_is_not_ours_or_was_changed_is_left_alone(double: PatchDouble, quota: Quota) -> None:
    with pytest.raises(ActionError, match="Nothing stands on nlp"):
        await quota.undo_plan(OF, snapshot(fleet()), fleet(), NOON)
    made = await plan(quota, OF)
    await quota.apply(made)
    double.objects[QUOTA]["spec"]["hard"][HARD] = "99"
    for done in (made, OF):
        with pytest.raises(ActionError, match="has been changed since"):
            await quota.undo_plan(done, snapshot(fleet()), fleet(), NOON)
    assert (await quota.verify(made)).words == (
        f"spec.hard.{HARD} of resourcequota/finops-tui-plan-ana-1 was set to 99 by somebody."
    )
    double.objects[QUOTA]["metadata"]["annotations"]["finops-tui/plan"] = "plan-of-another"
    with pytest.raises(ActionError, match="is another one now"):
        await quota.undo_plan(made, snapshot(fleet()), fleet(), NOON)


async def test_where_no_answer_comes_it_is_seen_whether_it_was_made(double: PatchDouble, quota: Quota) -> None:
    made = await plan(quota, OF)

    def makes_it_without_a_word(double: PatchDouble, _path: str) -> Reply:
        double.answer(double.seen[-1])
        return 0, {}

    double.faults["POST"] = [makes_it_without_a_word]
    assert (await quota.apply(made)).outcome is Outcome.UNKNOWN
    assert (await quota.apply(made)).words == "resourcequota/finops-tui-plan-ana-1 was made already."


@pytest.mark.parametrize(("fault", "words"), [(fails(403), "You may not do this"), (fails(404), "is not there")])
async def test_a_refusal_is_a_failure_in_words(double: PatchDouble, quota: Quota, fault: Any, words: str) -> None:
    made = await plan(quota, OF)
    double.faults["POST"] = [fault]
    result = await quota.apply(made)
    assert (result.outcome, words in result.words) == (Outcome.FAILED, True)


@pytest.mark.parametrize("gpus", ["-1", "many", "1.5", "9999999"])
async def test_a_number_that_is_none_is_refused(quota: Quota, gpus: str) -> None:
    with pytest.raises(ActionError, match="is no number of GPUs"):
        await plan(quota, OF, gpus=gpus)


async def test_who_is_served_from_it_is_named(double: PatchDouble, quota: Quota) -> None:
    known = fleet([], [workload("Deployment", "nlp", "web", ["n1"])])
    served = snapshot(known, [slo("latency", "Deployment/web")])
    made = await quota.plan(OF, {}, served, known, NOON)
    assert (made.slo_risk, made.slos) == (Risk.LOW, ("prod/latency",))
    none = snapshot(known, [slo("latency", "Deployment/other")])
    assert (await quota.plan(OF, {}, none, known, NOON)).slo_risk is Risk.NONE
    double.faults["DRY"] = [fails(403, "no quotas for you")]
    assert (await plan(quota, OF)).dry_run == "refused by prod: 403 no quotas for you"
