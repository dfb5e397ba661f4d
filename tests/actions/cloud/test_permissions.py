"""What Google and Azure must allow: each request names what it takes, and no more than the page and the roles say."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_tui.actions.azure import grants as azure
from finops_tui.actions.cloud.rest import Ask, Door
from finops_tui.actions.gcp import grants as gcp
from tests.actions.azure.aks import LABEL as AKS_LABEL
from tests.actions.azure.aks import Aks
from tests.actions.cloud.rest import labelled
from tests.actions.gcp.gke import LABEL as GKE_LABEL
from tests.actions.gcp.gke import Gke, scaled
from tests.actions.make import fleet, pool_target, snapshot
from tests.samples import NOON

PAGE = Path(__file__).parents[3] / "docs" / "actions-clouds.md"


@pytest.mark.parametrize(
    ("made", "label", "granted"),
    [
        (Gke([8], autoscaling=scaled(2, 10)), GKE_LABEL, set(gcp.PERMISSIONS)),
        (Aks(8, (2, 10)), AKS_LABEL, set(azure.PERMISSIONS) - {azure.JOIN}),
    ],
)
async def test_a_whole_round_takes_what_the_role_has_and_all_of_it(
    made: Gke | Aks, label: str, granted: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    send = Door.ask

    async def heard(self: Door, place: object, ask: Ask) -> object:
        asked.add(ask.permission)
        return await send(self, place, ask)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(Door, "ask", heard)
    resize, of = made.resize(), fleet([labelled("n0", "h100", label)])
    plan = await resize.plan(pool_target("h100"), {"max": "3"}, snapshot(of), of, NOON)
    await resize.apply(plan)
    if isinstance(made, Aks):
        made.state = "Failed"
    await resize.verify(plan)
    assert asked == granted


def test_the_page_about_it_names_them_all() -> None:
    text = PAGE.read_text("utf-8").replace("`…/write`", f"`{azure.WRITE}`")
    for permission in (*gcp.PERMISSIONS, *azure.PERMISSIONS):
        assert f"`{permission}`" in text
