"""Carrying a plan of edits out, once and not on anything else, and seeing what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from http import HTTPStatus

from finops_tui.actions.base import Result
from finops_tui.actions.edits import Edit, edits_of
from finops_tui.actions.kube_client import CallError, KubeClient
from finops_tui.actions.managers import by_whom, last_writer
from finops_tui.actions.marks import PLAN, UNDO, plan_on
from finops_tui.actions.objects import Document, differing, shown_path, shown_value, uid, value
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Plan
from finops_tui.phrases import listed

Trial = Callable[[], Awaitable[object]]
"""Tries a change on the server; raises CallError where it would be refused."""
TRIES = 3
"""Times that an object is read and written when something else of it changed in between, as its status often does."""


async def apply(client: KubeClient, plan: Plan) -> Result:
    """Make every edit of a plan, in order; the first that fails is the last that is tried."""
    edits = edits_of(plan)
    said: list[str] = []
    for made, each in enumerate(edits):
        result = await _apply(client, each, plan)
        if result.outcome is not Outcome.APPLIED:
            return _in_part(edits, made, result)
        said.append(result.words)
    return Result(outcome=Outcome.APPLIED, words=" ".join(dict.fromkeys(said)))


def _in_part(edits: Sequence[Edit], made: int, result: Result) -> Result:
    """Say what became of a plan of which so many edits were made before one was not."""
    if not made or result.outcome is not Outcome.FAILED:
        return result
    done, left = (listed([change.ref.shown for change in part]) for part in (edits[:made], edits[made:]))
    return Result(outcome=Outcome.APPLIED, words=f"Done for {done}, not for {left}: {result.words}")


async def _apply(client: KubeClient, change: Edit, plan: Plan) -> Result:
    refusal = ""
    for _ in range(TRIES):
        try:
            document = await client.read(change.ref)
            settled = _settled(change, document, plan)
            if settled is not None:
                return settled
            document = await _cleared(client, change, document)
            await client.patch(change.ref, change.patch(document), dry_run=False)
        except CallError as error:
            if error.status != HTTPStatus.CONFLICT:
                return result_of(error)
            refusal = error.detail  # it is read again: what was planned for may still be as it was
        except ActionError as error:
            return Result(outcome=Outcome.FAILED, words=f"{error.title}: {error.detail}. Nothing is different.")
        else:
            return Result(outcome=Outcome.APPLIED, words=f"{client.cluster} took it.")
    words = f"{change.ref.shown} changes faster than it can be written ({refusal}). Nothing is different. Try again."
    return Result(outcome=Outcome.FAILED, words=words)


async def _cleared(client: KubeClient, change: Edit, document: Document) -> Document:
    """Take from its status what has to go; return the object as it is then. Who may not do that goes on without."""
    patch = change.clearing(document)
    if not patch:
        return document
    try:
        return await client.patch(change.ref, patch, dry_run=False, subresource="/status")
    except CallError as error:
        if error.status != HTTPStatus.FORBIDDEN:
            raise
        return document


def _settled(change: Edit, document: Document, plan: Plan) -> Result | None:
    """Return what is to be said without writing; None where all is as it was when the plan was made."""
    if uid(document) != change.uid:
        words = f"{change.ref.shown} is another one now: what was planned for is gone. Plan it again."
        return Result(outcome=Outcome.FAILED, words=words)
    if plan_on(document) == plan.id:
        return Result(outcome=Outcome.APPLIED, words=f"{change.ref.shown} was done already.")
    moved = differing(document, change.was)
    if not moved:
        return None
    before, now = shown_value(change.was[moved[0]]), shown_value(value(document, moved[0]))
    by = by_whom(document, moved[0])
    words = f"{change.ref.shown} has changed since it was planned: {shown_path(moved[0])} {before} → {now}"
    words += f", {by}. Nothing is different. Plan it again." if by else ". Nothing is different. Plan it again."
    return Result(outcome=Outcome.FAILED, words=words)


async def verify(client: KubeClient, plan: Plan) -> Result:
    """Look at every object of a plan."""
    return worst([await _seen(client, change, plan) for change in edits_of(plan)])


def worst(seen: Sequence[Result]) -> Result:
    """Return what became of a plan: a part that failed, else one that nobody knows of, else one that waits."""
    for outcome in (Outcome.FAILED, Outcome.UNKNOWN, Outcome.APPLIED):
        found = next((result for result in seen if result.outcome is outcome), None)
        if found is not None:
            return found
    return Result(outcome=Outcome.DONE, words=" ".join(dict.fromkeys(result.words for result in seen)))


async def _seen(client: KubeClient, change: Edit, plan: Plan) -> Result:
    try:
        document = await client.read(change.ref)
    except CallError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return Result(outcome=Outcome.FAILED, words=f"{change.ref.shown} is gone: it was deleted since.")
        return Result(outcome=Outcome.UNKNOWN, words=f"{error.title}: {error.detail}.")
    words = _lost(change, document, plan)
    if words and (taken_over := _taken_over(change, document, plan)):
        return Result(outcome=Outcome.DONE, words=taken_over)
    if words:
        return Result(outcome=Outcome.FAILED, words=words)
    if all(sign.seen(document) for sign in change.done):
        return Result(outcome=Outcome.DONE, words=f"{change.ref.shown} followed.")
    return Result(outcome=Outcome.APPLIED, words=f"Waiting for {change.ref.shown} to follow.")


def _lost(change: Edit, document: Document, plan: Plan) -> str:
    """Say why a change does not stand; empty where it does."""
    if uid(document) != change.uid:
        return f"{change.ref.shown} is another one now: the one that was planned for is gone."
    moved = differing(document, {path: each for path, each in change.set.items() if path not in (UNDO, PLAN)})
    if not moved:
        return ""
    if plan_on(document) != plan.id and not differing(document, change.was):
        return f"{change.ref.shown} is as it was: this was not done."
    now, by = shown_value(value(document, moved[0])), by_whom(document, moved[0]) or "by somebody"
    return f"{shown_path(moved[0])} of {change.ref.shown} was set to {now} {by}."


def _taken_over(change: Edit, document: Document, plan: Plan) -> str:
    """Say which autoscaler has sized since what was brought back from nothing; empty for anything else.

    At 0 replicas autoscalers stand down; that they size it again from then on is what bringing it back is for.
    """
    moved = differing(document, {path: each for path, each in change.set.items() if path not in (UNDO, PLAN)})
    if uid(document) != change.uid or plan_on(document) != plan.id or len(moved) != 1:
        return ""
    (path,) = moved
    before, wanted, now = change.was.get(path), change.set[path], value(document, path)
    sizes = all(type(each) is int for each in (before, wanted, now))
    who, _ = last_writer(document, path)
    if not sizes or before or not (wanted and now) or who not in AUTOSCALERS:
        return ""
    return f"{change.ref.shown} runs again; its size is {who}'s again, {now} now."


async def verdict(client: KubeClient, trials: Iterable[Trial]) -> str:
    """Try everything; return the server's verdict in words.

    Raises CallError where there is no verdict: no answer came, or the server is overloaded or fails.
    """
    for trial in trials:
        try:
            await trial()
        except CallError as error:
            if error.status not in REFUSALS:
                raise CallError(error.title, error.detail, "Nothing is different. Try again.") from error
            return f"refused by {client.cluster}: {error.detail}"
    return f"accepted by {client.cluster}"


AUTOSCALERS = frozenset({"hpa", "keda"})
"""Who sets replicas by themselves, as `managers` names them."""
REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY})
"""What a server answers when it has judged a change."""


def result_of(error: CallError) -> Result:
    """Say in words what a refusal, or no answer at all, means for a plan."""
    parts = (error.title, error.detail, error.hint)
    words = " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)
    return Result(outcome=Outcome.UNKNOWN if error.done is None else Outcome.FAILED, words=words)
