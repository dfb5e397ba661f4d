"""What holds for every size at Google and at Azure: undoing restores, an old plan changes nothing, bounds are kept."""

from __future__ import annotations

import asyncio

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from finops_tui.actions.cloud.sizes import Sizes
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Plan
from tests.actions.azure.aks import LABEL as AKS_LABEL
from tests.actions.azure.aks import Aks
from tests.actions.cloud.rest import labelled
from tests.actions.cloud.test_sizes import ASKED, NOW
from tests.actions.gcp.gke import LABEL as GKE_LABEL
from tests.actions.gcp.gke import Gke, scaled
from tests.actions.make import fleet, pool_target, snapshot
from tests.samples import NOON

POOL = pool_target("h100")
OF = {label: fleet([labelled("n0", "h100", label)]) for label in (AKS_LABEL, GKE_LABEL)}
SNAPSHOT = snapshot(fleet())


async def planned(made: Gke | Aks, asked: dict[str, str]) -> Plan:
    of = OF[GKE_LABEL if isinstance(made, Gke) else AKS_LABEL]
    return await made.resize().plan(POOL, asked, SNAPSHOT, of, NOON)


def pool(now: Sizes, *, google: bool, bounded: bool) -> Gke | Aks:
    if google:
        return Gke([now.wanted], autoscaling=scaled(now.least, now.most, total=True) if bounded else {})
    return Aks(now.wanted, (now.least, now.most) if bounded else None)


def state(made: Gke | Aks) -> tuple[object, ...]:
    return (made.sizes, made.autoscaling) if isinstance(made, Gke) else (made.sizes, made.tags)


@settings(deadline=None)
@given(NOW, ASKED, st.booleans(), st.booleans())
def test_undoing_restores_exactly_and_nothing_out_of_bounds_is_sent(
    now: Sizes, asked: dict[str, str], google: bool, bounded: bool
) -> None:
    made = pool(now, google=google, bounded=bounded)
    before = state(made)

    async def there_and_back() -> None:
        plan = await planned(made, asked)
        assert state(made) == before
        action = made.resize()
        assert (await action.apply(plan)).outcome is Outcome.APPLIED
        assert state(made) != before
        if isinstance(made, Aks) and bounded:
            least, most, count = made.sizes
            assert 0 <= least <= count <= most
        back = await action.undo_plan(plan, SNAPSHOT, fleet(), NOON)
        assert (await action.apply(back)).outcome is Outcome.APPLIED
        assert state(made) == before

    assume(not bounded or now.most > 0)  # Google and Azure bound no pool above by 0
    try:
        asyncio.run(there_and_back())
    except ActionError:
        assert state(made) == before


@settings(deadline=None)
@given(NOW, ASKED, NOW, st.booleans())
def test_a_plan_from_before_somebody_elses_change_changes_nothing(
    now: Sizes, asked: dict[str, str], since: Sizes, google: bool
) -> None:
    assume(since != now)
    made = pool(now, google=google, bounded=True)

    async def too_late() -> None:
        plan = await planned(made, asked)
        other = pool(since, google=google, bounded=True)
        if isinstance(made, Gke) and isinstance(other, Gke):
            made.sizes, made.autoscaling = other.sizes, other.autoscaling
        elif isinstance(made, Aks) and isinstance(other, Aks):
            made.properties = other.properties
        before = state(made)
        result = await made.resize().apply(plan)
        assert (state(made), made.served.writes) == (before, [])
        assert result.outcome is Outcome.FAILED or "already" in result.words

    try:
        asyncio.run(too_late())
    except ActionError:
        assert made.served.writes == []
