"""A plan carried out part by part, in order, and what became of it. The one place that every change goes through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from finops_tui.actions import carry_out, evicting, making, removing, rolling
from finops_tui.actions.base import Result
from finops_tui.actions.edits import EDITS
from finops_tui.actions.events import tell
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.planning import Hands
from finops_tui.model.plan import Outcome, Plan


class Stage(NamedTuple):
    name: str
    """Under which a plan's steps hold it."""
    apply: Callable[[KubeClient, Plan], Awaitable[Result]]
    verify: Callable[[KubeClient, Plan], Awaitable[Result]]


def _stages(hands: Hands) -> tuple[Stage, ...]:
    return (
        Stage(EDITS, carry_out.apply, carry_out.verify),
        Stage(rolling.ROLLOUT, rolling.apply, rolling.verify),
        Stage(making.MAKING, making.apply, making.verify),
        Stage(removing.REMOVAL, removing.apply, removing.verify),
        Stage(evicting.EVICTIONS, partial(evicting.apply, clock=hands.clock), evicting.verify),
    )


async def apply(client: KubeClient, plan: Plan, hands: Hands) -> Result:
    """Carry a plan out; the first part that fails is the last that is tried."""
    result = await _carried_out(client, plan, hands)
    if result.outcome is not Outcome.APPLIED:
        return result
    missing = await tell(client, plan, await hands.signs(client.cluster), hands.clock.now())
    return replace(result, words=f"{result.words} {missing}".strip())


async def verify(client: KubeClient, plan: Plan, hands: Hands) -> Result:
    """Look at every part of a plan. One that failed is what became of the plan; else one that waits."""
    return carry_out.worst([await stage.verify(client, plan) for stage in _stages(hands) if stage.name in plan.steps])


async def _carried_out(client: KubeClient, plan: Plan, hands: Hands) -> Result:
    said: list[str] = []
    for stage in _stages(hands):
        if stage.name not in plan.steps:
            continue
        result = await stage.apply(client, plan)
        if result.outcome is not Outcome.APPLIED:
            return _in_part(said, result)
        said.append(result.words)
    return Result(outcome=Outcome.APPLIED, words=" ".join(dict.fromkeys(said)))


def _in_part(said: Sequence[str], result: Result) -> Result:
    """Say what became of a plan of which these parts were done before one was not: it is not as it was."""
    if not said:
        return result
    outcome = Outcome.APPLIED if result.outcome is Outcome.FAILED else result.outcome
    return Result(outcome=outcome, words=f"Done in part. {' '.join(said)} But: {result.words}")
