"""Rolling back: which template comes, what a plan shows of it and what it keeps to itself."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.actions.objects import merge_patch
from finops_tui.actions.revisions import digest, normal, shown_changes, turning
from finops_tui.actions.rollback import Rollback
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Risk
from tests.actions.make import fleet, hands, slo, snapshot, target, workload
from tests.actions.patch_double import PatchDouble, merge, patch_double
from tests.actions.real import plan
from tests.samples import NOON

WEB = "/apis/apps/v1/namespaces/nlp/deployments/web"
OF = target("Deployment", "nlp", "web")
KEYS = st.text(st.characters(codec="ascii", min_codepoint=97, max_codepoint=122), min_size=1, max_size=3)
TEMPLATES = st.recursive(
    st.integers(0, 3) | st.booleans() | KEYS | st.lists(st.integers(0, 3), max_size=2),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def template(image: str, **container: Any) -> dict[str, Any]:
    main = {"name": "main", "image": image, "resources": {"limits": {"nvidia.com/gpu": "1"}}} | container
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [main]}}


OLD = template(
    "vllm:1",
    args=["--model=llama", "--hf-token=hf_abc", "--api-key", "sk-1"],
    env=[{"name": "MODE", "value": "s3cr3t-old"}],
)


def put_revisions(double: PatchDouble, *templates: dict[str, Any]) -> None:
    """Put the ReplicaSets of these revisions, from 1 on."""
    for number, each in enumerate(templates, 1):
        hashed = deepcopy(each)
        hashed["metadata"]["labels"]["pod-template-hash"] = f"h{number}"
        metadata = {
            "annotations": {"deployment.kubernetes.io/revision": str(number)},
            "ownerReferences": [{"kind": "Deployment", "name": "web", "uid": "uid-1", "controller": True}],
        }
        path = f"/apis/apps/v1/namespaces/nlp/replicasets/web-h{number}"
        double.put(path, {"metadata": metadata, "spec": {"template": hashed}}, uid=f"uid-rs-{number}")


def put_web(double: PatchDouble, now: dict[str, Any], **more: Any) -> None:
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": deepcopy(now)} | more
    double.put(WEB, {"metadata": {"generation": 2}, "spec": spec, "status": {"observedGeneration": 2}})


@pytest.fixture
def before() -> dict[str, Any]:
    return deepcopy(OLD)


@pytest.fixture
def after(before: dict[str, Any]) -> dict[str, Any]:
    changed = deepcopy(before)
    (container,) = changed["spec"]["containers"]
    container |= {"image": "vllm:2", "args": ["--model=llama", "--max-tokens=9", "--hf-token=hf_xyz"]}
    container["env"] = [
        {"name": "MODE", "value": "s3cr3t-new"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "hub", "key": "token"}}},
    ]
    changed["spec"]["nodeSelector"] = {"pool": "h200"}
    return changed


@pytest.fixture
def double(before: dict[str, Any], after: dict[str, Any]) -> Iterator[PatchDouble]:
    with patch_double() as running:
        put_revisions(running, before, after)
        put_web(running, after)
        yield running


@pytest.fixture
def rollback(double: PatchDouble, tmp_path: Path) -> Rollback:
    return Rollback(hands(double.kubeconfig(tmp_path)))


async def test_the_template_before_the_last_change_comes_back(
    double: PatchDouble, rollback: Rollback, before: dict[str, Any], after: dict[str, Any]
) -> None:
    made = await plan(rollback, OF)
    assert (made.title, made.dry_run) == ("Roll back web to revision 1", "accepted by prod")
    assert [(each.path, each.before, each.after) for each in made.changes if "annotation" not in each.path] == [
        (
            "spec.template.spec.containers[main].args",
            '["--model=llama","--max-tokens=9","--hf-token=…"]',
            '["--model=llama","--hf-token=…","--api-key","…"]',
        ),
        ("spec.template.spec.containers[main].env[MODE]", "a value", "another value"),
        ("spec.template.spec.containers[main].env[TOKEN]", '{"secretKeyRef":{"name":"hub","key":"token"}}', "–"),
        ("spec.template.spec.containers[main].image", "vllm:2", "vllm:1"),
        ("spec.template.spec.nodeSelector.pool", "h200", "–"),
    ]
    assert made.undo.startswith("goes back to revision 2")
    for secret in ("s3cr3t", "hf_abc", "hf_xyz", "sk-1"):
        assert secret not in repr(made), "a plan is shown, written down and exported"
    assert (await rollback.apply(made)).outcome is Outcome.APPLIED
    there = double.objects[WEB]
    assert there["spec"]["template"] == before
    assert (await rollback.apply(made)).words == "deployment/web was done already."
    assert len(double.writes()) == 1
    back = await rollback.undo_plan(made, snapshot(fleet()), fleet(), NOON)
    await rollback.apply(back)
    assert double.objects[WEB]["spec"]["template"] == after
    assert "finops-tui/undo" not in double.objects[WEB]["metadata"]["annotations"]
    again = await rollback.undo_plan(back, snapshot(fleet()), fleet(), NOON)
    await rollback.apply(again)
    assert double.objects[WEB]["spec"]["template"] == before, "an undo is undone too"


async def test_it_is_done_once_every_pod_is_of_that_revision(double: PatchDouble, rollback: Rollback) -> None:
    made = await plan(rollback, OF)
    assert (await rollback.verify(made)).words == "deployment/web is as it was: this was not done."
    await rollback.apply(made)
    there = double.objects[WEB]
    there["metadata"]["generation"] = 3
    assert (await rollback.verify(made)).words == "Waiting for deployment/web to follow."
    there["status"] = {"observedGeneration": 3, "replicas": 3, "updatedReplicas": 1, "availableReplicas": 2}
    seen = await rollback.verify(made)
    assert (seen.outcome, seen.words) == (Outcome.APPLIED, "1 of 2 pods are of that revision and serve.")
    there["status"] |= {"replicas": 2, "updatedReplicas": 2}
    assert (await rollback.verify(made)).outcome is Outcome.DONE
    there["spec"]["template"]["spec"]["containers"][0]["image"] = "vllm:3"
    assert (await rollback.verify(made)).words == "The pod template of deployment/web was changed by somebody."


async def test_who_changed_the_template_since_is_not_overruled(double: PatchDouble, rollback: Rollback) -> None:
    made = await plan(rollback, OF)
    double.objects[WEB]["spec"]["template"]["spec"]["containers"][0]["image"] = "vllm:3"
    result = await rollback.apply(made)
    assert result.outcome is Outcome.FAILED
    assert "was changed by somebody since it was planned. Nothing is different." in result.words
    assert double.writes() == []


async def test_what_was_changed_after_it_is_not_taken_back(double: PatchDouble, rollback: Rollback) -> None:
    made = await plan(rollback, OF)
    await rollback.apply(made)
    double.objects[WEB]["spec"]["template"]["spec"]["containers"][0]["image"] = "vllm:3"
    for done in (made, OF):
        with pytest.raises(ActionError, match="has been changed since") as refused:
            await rollback.undo_plan(done, snapshot(fleet()), fleet(), NOON)
        assert "was set to revision 1 by ana" in refused.value.detail


async def test_a_revision_that_is_not_kept_any_more_is_said(double: PatchDouble, rollback: Rollback) -> None:
    made = await plan(rollback, OF)
    await rollback.apply(made)
    del double.objects["/apis/apps/v1/namespaces/nlp/replicasets/web-h2"]
    with pytest.raises(ActionError, match="Revision 2 of deployment/web is not kept any more"):
        await rollback.undo_plan(made, snapshot(fleet()), fleet(), NOON)


async def test_a_revision_is_chosen_by_its_number(
    double: PatchDouble, rollback: Rollback, before: dict[str, Any], after: dict[str, Any]
) -> None:
    latest = deepcopy(after)
    latest["spec"]["containers"][0]["image"] = "vllm:3"
    put_revisions(double, before, after, latest)
    put_web(double, latest)
    assert (await plan(rollback, OF)).title == "Roll back web to revision 2"
    assert (await plan(rollback, OF, revision="1")).title == "Roll back web to revision 1"
    with pytest.raises(ActionError, match="no other revision 3"):
        await plan(rollback, OF, revision="3")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"paused": True}, "is paused"),
        ({"updateStrategy": {"type": "OnDelete"}}, "replaces no pod by itself"),
    ],
)
async def test_a_controller_that_would_not_follow_is_no_way(
    double: PatchDouble, rollback: Rollback, after: dict[str, Any], spec: dict[str, Any], words: str
) -> None:
    put_web(double, after, **spec)
    with pytest.raises(ActionError, match=words):
        await plan(rollback, OF)


async def test_a_first_revision_has_none_before_it(double: PatchDouble, rollback: Rollback) -> None:
    del double.objects["/apis/apps/v1/namespaces/nlp/replicasets/web-h1"]
    with pytest.raises(ActionError, match="has no earlier revision"):
        await plan(rollback, OF)
    put_web(double, template("unheard-of"))
    with pytest.raises(ActionError, match="is not known"):
        await plan(rollback, OF)
    double.objects[WEB]["metadata"]["generation"] = 3
    with pytest.raises(ActionError, match="has just been changed"):
        await plan(rollback, OF)
    with pytest.raises(ActionError, match="cannot be rolled back"):
        await plan(rollback, target("Job", "nlp", "train"))


async def test_a_rollback_that_git_takes_back_says_so(double: PatchDouble, rollback: Rollback) -> None:
    double.objects[WEB]["metadata"]["labels"] = {"argocd.argoproj.io/instance": "nlp"}
    assert [each.who for each in (await plan(rollback, OF)).reverts] == ["argocd"]


@pytest.mark.parametrize(("strategy", "risk"), [("RollingUpdate", Risk.LOW), ("Recreate", Risk.HIGH)])
async def test_its_risk_is_how_its_pods_are_replaced(
    double: PatchDouble, rollback: Rollback, after: dict[str, Any], strategy: str, risk: Risk
) -> None:
    put_web(double, after, strategy={"type": strategy})
    known = fleet([], [workload("Deployment", "nlp", "web", ["n1", "n2"])])
    made = await rollback.plan(OF, {}, snapshot(known, [slo("latency", "Deployment/web")]), known, NOON)
    assert (made.slo_risk, made.pods, made.saves_usd_per_hour) == (risk, 2, 0.0)


@given(TEMPLATES, TEMPLATES)
def test_turning_one_template_into_another_leaves_exactly_that(before: Any, after: Any) -> None:
    old, new = {"spec": {"template": {"x": before}}}, {"spec": {"template": {"x": after}}}
    fields = turning(old["spec"]["template"], new["spec"]["template"])
    turned = merge(old, merge_patch(fields)) if fields else old
    assert digest(turned["spec"]["template"]) == digest(new["spec"]["template"])


def test_what_only_its_keeper_adds_makes_no_difference() -> None:
    kept = deepcopy(OLD) | {"$patch": "replace"}
    kept["metadata"] |= {"creationTimestamp": None}
    kept["metadata"]["labels"]["pod-template-hash"] = "5f"
    assert digest(kept) == digest(OLD)
    assert normal(kept) == OLD
    assert shown_changes("deployment/web", normal(kept), OLD) == ()
