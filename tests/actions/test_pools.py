"""The limit of a pool: what it may become, and that nothing goes by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from finops_tui.actions.pools import Limit
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Risk
from tests.actions.make import fleet, hands, node, pool_target, slo, snapshot
from tests.actions.patch_double import PatchDouble, patch_double
from tests.actions.real import plan
from tests.samples import NOON

POOL = "/apis/karpenter.sh/v1/nodepools/h100"
OF = pool_target("h100")
HAS = {"resources": {"nvidia.com/gpu": "24", "nodes": "3", "cpu": "288"}}


@pytest.fixture
def double() -> Iterator[PatchDouble]:
    with patch_double() as running:
        running.put(POOL, {"spec": {"disruption": {"consolidateAfter": "7m"}, "limits": {"cpu": "900"}}, "status": HAS})
        yield running


@pytest.fixture
def limit(double: PatchDouble, tmp_path: Path) -> Limit:
    return Limit(hands(double.kubeconfig(tmp_path)))


async def test_a_pool_is_capped_at_what_it_has_and_opened_again(double: PatchDouble, limit: Limit) -> None:
    known = fleet([node(f"n{number}") for number in range(3)])
    made = await plan(limit, OF, known)
    assert (made.title, made.undo) == ("Limit h100 to 24 GPUs", "sets its limit back: none")
    assert [(each.path, each.before, each.after) for each in made.changes[:1]] == [
        ("spec.limits.nvidia.com/gpu", "–", "24")
    ]
    assert (made.saves_usd_per_hour, made.saves_when) == (0.0, "it stops growth and removes no node")
    assert made.until_then == "its empty nodes go after 7m"
    assert made.touches == "pool h100 may have 24 GPUs at most; 3 nodes, 24 GPUs stay"
    assert (await limit.apply(made)).outcome is Outcome.APPLIED
    assert (await limit.verify(made)).outcome is Outcome.DONE
    assert double.objects[POOL]["spec"]["limits"] == {"cpu": "900", "nvidia.com/gpu": "24"}
    with pytest.raises(ActionError, match="is limited to 24 GPUs already"):
        await plan(limit, OF)
    back = await limit.undo_plan(OF, snapshot(fleet()), fleet(), NOON)
    assert "may grow again" in back.saves_when
    await limit.apply(back)
    assert double.objects[POOL]["spec"]["limits"] == {"cpu": "900"}


@pytest.mark.parametrize(
    ("parameters", "path", "after"),
    [
        ({"gpus": "0"}, "spec.limits.nvidia.com/gpu", "0"),
        ({"nodes": "2"}, "spec.limits.nodes", "2"),
        ({"gpus": "64"}, "spec.limits.nvidia.com/gpu", "64"),
    ],
)
async def test_a_pool_is_capped_at_a_number(limit: Limit, parameters: dict[str, str], path: str, after: str) -> None:
    made = await plan(limit, OF, None, **parameters)
    assert (made.changes[0].path, made.changes[0].after) == (path, after)


async def test_a_pool_without_gpus_is_capped_by_its_nodes(double: PatchDouble, limit: Limit) -> None:
    double.put(POOL, {"spec": {}, "status": {"resources": {"cpu": "64"}}})
    made = await plan(limit, OF, fleet([node("n1"), node("n2"), node("m1", "other")]))
    assert (made.title, made.until_then) == ("Limit h100 to 2 nodes", "when its empty nodes go is not known")
    double.put(
        POOL, {"spec": {"disruption": {"consolidateAfter": "Never"}}, "status": {"resources": {"amd.com/gpu": "8"}}}
    )
    made = await plan(limit, OF)
    assert made.changes[0].path == "spec.limits.amd.com/gpu"
    assert made.until_then == "its empty nodes stay (consolidateAfter)"


async def test_a_pool_of_a_fixed_size_is_capped_by_its_nodes(double: PatchDouble, limit: Limit) -> None:
    double.objects[POOL]["spec"]["replicas"] = 3
    assert (await plan(limit, OF)).changes[0].path == "spec.limits.nodes"
    with pytest.raises(ActionError, match="has a fixed size"):
        await plan(limit, OF, gpus="8")


@pytest.mark.parametrize("parameters", [{"gpus": "-1"}, {"nodes": "few"}, {"gpus": "1", "nodes": "1"}, {"gpus": ""}])
async def test_a_limit_that_is_none_is_refused(limit: Limit, parameters: dict[str, str]) -> None:
    with pytest.raises(ActionError):
        await plan(limit, OF, None, **parameters)


async def test_a_recipe_on_a_pool_may_name_limits_and_nothing_else(double: PatchDouble, limit: Limit) -> None:
    await limit.apply(await plan(limit, OF))
    annotations = double.objects[POOL]["metadata"]["annotations"]
    for foreign in ("/spec/disruption/consolidateAfter", "/spec/suspend"):
        forged = annotations["finops-tui/undo"].replace("/spec/limits/nvidia.com~1gpu", foreign)
        double.objects[POOL]["metadata"]["annotations"] = annotations | {"finops-tui/undo": forged}
        with pytest.raises(ActionError, match="is not one of this program's"):
            await limit.undo_plan(OF, snapshot(fleet()), fleet(), NOON)


async def test_a_pool_of_others_is_refused_in_words(limit: Limit) -> None:
    with pytest.raises(ActionError, match="no pool of Karpenter's") as refused:
        await plan(limit, pool_target("eks-group"))
    assert "404" not in str(refused.value)
    assert "its size is set there" in refused.value.hint


@pytest.mark.parametrize(("burn", "risk"), [(0.4, Risk.LOW), (3.0, Risk.HIGH)])
async def test_who_may_need_more_nodes_is_at_risk(limit: Limit, burn: float, risk: Risk) -> None:
    known = fleet([node("n1")])
    served = snapshot(known, [slo("latency", "Deployment/web", pool="h100", burn=burn)])
    made = await limit.plan(OF, {}, served, known, NOON)
    assert (made.slo_risk, made.slos) == (risk, ("prod/latency",))


async def test_a_pool_that_git_manages_says_so(double: PatchDouble, limit: Limit) -> None:
    double.objects[POOL]["metadata"]["labels"] = {
        "kustomize.toolkit.fluxcd.io/name": "infra", "kustomize.toolkit.fluxcd.io/namespace": "flux",
    }  # fmt: skip
    assert [each.who for each in (await plan(limit, OF)).reverts] == ["flux"]
