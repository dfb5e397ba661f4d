"""What `finops-tui doctor` says of AWS. It asks for what is free; what costs it only looks up."""

from __future__ import annotations

from finops_tui.errors import FinopsError
from finops_tui.phrases import counted
from finops_tui.sources.aws.desk import Desk
from finops_tui.sources.aws.faults import AwsError
from finops_tui.sources.aws.part import Asking, Part, look
from finops_tui.sources.base import Check


async def diagnose(desk: Desk, parts: tuple[Part, ...], asking: Asking) -> list[Check]:
    """Look at one account, whose `parts` are known once somebody is let in. Trouble is in the answer."""
    let_in = Check("credentials", "ok", f"{desk.title}: signed in to {desk.account}")
    free = [await _look(part, desk, asking) for part in parts if not part.paid]
    return [let_in, *free, await _paid(desk, parts)]


def locked_out(title: str, error: AwsError) -> Check:
    """Return what is said of an account that lets nobody in."""
    return Check("credentials", "fail", f"{title}: {error.title}; without: everything of this account", error.hint)


async def _look(part: Part, desk: Desk, asking: Asking) -> Check:
    try:
        outcome = await look(part, asking)
    except FinopsError as error:
        return Check(part.title, "fail", f"{desk.title}: {error.title}; without: {part.title}", error.hint)
    if outcome.late or outcome.warnings:
        return Check(part.title, "warn", f"{desk.title}: {'; '.join(filter(None, (outcome.late, *outcome.warnings)))}")
    return Check(part.title, "ok", f"{desk.title}: answers")


async def _paid(desk: Desk, parts: tuple[Part, ...]) -> Check:
    titles = [part.title for part in parts if part.paid]
    if not titles:
        return Check("bills", "ok", f"{desk.title}: nothing that costs is asked for")
    try:
        requests, cost = await desk.spent()
    except FinopsError as error:
        return Check("bills", "fail", f"{desk.title}: {error.title}; without: {', '.join(titles)}", error.hint)
    paid = f"{counted(requests, 'paid request')}, {cost}"
    return Check("bills", "ok", f"{desk.title}: {paid}; not asked here, as it costs: {', '.join(titles)}")
