"""Changes that a headless run makes by itself at given times: written down before, carried out as a person would."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from finops_tui.engine.desk import Desk
from finops_tui.engine.journal_entry import EFFECTIVE
from finops_tui.engine.naming import target_named
from finops_tui.engine.proposal import Answer, Proposal, Reduce, Request, Undo, Wish
from finops_tui.errors import Failed, FinopsError, Refused, UsageError
from finops_tui.model.plan import Decision
from finops_tui.model.snapshot import Snapshot

UNDO, REDUCE = "undo", "reduce"
_WRITTEN = re.compile(r"(?P<verb>[a-z-]+)\s+(?P<target>[^@\s]\S*)(?P<rest>(\s+[a-z_]+=\S+)*)(\s+@(?P<at>\S+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One change: `pause nlp-train/retrain-v7 @20m`, `scale rerank/rerank-eu replicas=2 @1h`, `reduce 900 @40m`."""

    verb: str
    target: str
    parameters: Mapping[str, str]
    at_seconds: float
    """After the start."""

    def __str__(self) -> str:
        told = [f"{name}={value}" for name, value in self.parameters.items()]
        return " ".join((self.verb, self.target, *told))


def deed(written: str, seconds: Callable[[str], float]) -> Deed:
    """Read one; `seconds` reads `20m`. Raises UsageError, and whatever `seconds` raises."""
    told = _WRITTEN.fullmatch(written.strip())
    if told is None:
        raise UsageError(
            f"{written!r} is no change.",
            hint='Write it as "pause namespace/name @20m" or "scale ns/name replicas=2 @1h".',
        )
    parameters = dict(part.partition("=")[::2] for part in told["rest"].split())
    at = seconds(told["at"]) if told["at"] else 0.0
    return Deed(verb=told["verb"], target=told["target"], parameters=parameters, at_seconds=at)


async def do(deed: Deed, desk: Desk, snapshot: Snapshot) -> str:
    """Carry one out, typing what is to be typed; return what is short of what was asked, in a sentence.

    Raises UsageError where it names nothing, Refused where nothing was sent, Failed where something was.
    """
    wish = _wish(deed, snapshot)
    try:
        proposal = await desk.propose(wish)
        _complain(proposal)
        carried = await desk.confirm(proposal, Answer(typed=proposal.type_name, reason="asked for by --do"))
    except FinopsError as trouble:
        raise _refused(trouble, deed) from None
    for refused in carried.refused:
        begun = Failed if carried.entries else Refused
        raise begun(refused.trouble.title, _about(deed, refused.trouble.detail), refused.trouble.hint)
    for entry in carried.entries:
        if entry.outcome not in EFFECTIVE:
            raise Failed(f"{entry.plan.title}: {entry.outcome}.", _about(deed, entry.words))
    return f"{deed}: {proposal.short}" if proposal.short else ""


def _refused(trouble: FinopsError, deed: Deed) -> Refused:
    return Refused(trouble.title, _about(deed, trouble.detail), trouble.hint)


def _about(deed: Deed, detail: str) -> str:
    return "\n".join(filter(None, (detail, f"Asked for by --do: {deed}")))


def _wish(deed: Deed, snapshot: Snapshot) -> Wish:
    if deed.verb == REDUCE:
        try:
            return Reduce(usd_per_hour=float(deed.target))
        except ValueError:
            raise UsageError(f"{deed.target} is no sum.", hint="Write it in $/h: reduce 900.") from None
    target = target_named(deed.target, snapshot)
    if deed.verb == UNDO:
        return Undo(target=target)
    return Request(action=deed.verb, targets=(target,), parameters=deed.parameters)


def _complain(proposal: Proposal) -> None:
    for each in proposal.unplanned:
        raise each.trouble
    for planned in proposal.planned:
        if planned.judgement.decision is Decision.REFUSE:
            raise Refused(planned.judgement.reason)
