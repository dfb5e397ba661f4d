"""A plan in words, part by part, in the order in which one is read before a key is pressed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from finops_tui import phrases
from finops_tui.engine.guard_checks import rank
from finops_tui.engine.proposal import Proposal, Reduce
from finops_tui.model.plan import Decision, FieldChange, Plan, Risk, Target, TargetKind
from finops_tui.phrases import counted
from finops_tui.ui import format as fmt
from finops_tui.ui.glyphs import ARROW, ESTIMATED, OK, TICKET
from finops_tui.ui.palette import Span
from finops_tui.ui.text import clean, pad

Says = tuple[Span, ...]
"""What begins on a line of its own."""
INDENT = "  "
BEFORE_CELLS = 14
"""From this on what a field was does not push the columns of the others apart."""
ADDS = "adds "
"""How the words of when it saves begin where it costs instead."""
NAMED = 3
"""Of several of whom the same is said, so many are named."""
UNKNOWN_TOO = "not known"
"""How they begin where they say that again."""


class Part(NamedTuple):
    label: str
    says: tuple[Says, ...]
    apart: bool = True
    """Whether a blank row comes before it."""
    beside: bool = False
    """Whether what it says stands side by side, as far as there is room."""
    columns: bool = False
    """Whether what stands in columns goes on lines of its own where a line would be too long: nothing is cut."""


NONE: Says = (("none", "quiet"),)
UNKNOWN: Says = (("unknown", "text"),)


def noun(target_kind: TargetKind, key: str) -> str:
    """Name the kind of a target: `job`, `pool`."""
    kind = key.rsplit("/", 3)[1] if target_kind is TargetKind.WORKLOAD and key.count("/") > 1 else target_kind.value
    return clean(kind).casefold()


def common_noun(targets: Sequence[Target]) -> str:
    """Name what several targets are, as closely as fits all: `job`, `workload`, `thing`."""
    for kinds in ({noun(one.kind, one.key) for one in targets}, {one.kind.value for one in targets}):
        if len(kinds) == 1:
            return kinds.pop()
    return "thing"


def parts(
    proposal: Proposal,
    now: datetime,
    until: datetime | None,
    *,
    back_key: str,
    go_on: bool = False,
    go_on_key: str = "g",
) -> list[Part]:
    """Return every part of what is proposed; none is left out.

    `until` is when it is to be taken back, `back_key` the key for that, `go_on` whether
    a failure leaves the rest of several to be done, `go_on_key` what changes that.
    """
    plans = proposal.plans
    found = [Part("Saves", (*_saves(proposal), *_left(proposal)))]
    if len(plans) + len(proposal.unplanned) > 1:
        then = "the others are done all the same" if go_on else "the rest is not begun"
        found += [
            Part("Each", tuple(_each(proposal))),
            Part("On failure", (((then, "text"), (f"  {go_on_key}", "key"), (" changes that", "quiet")),), apart=False),
        ]
    found += [
        Part("SLO risk", _by_name(_worst_first(plans), _risk)),
        Part("Touches", (_touches(plans),)),
        Part("Loses", _by_name(plans, lambda plan: ((plan.loses or "nothing", "text"),)), apart=False),
        Part("Reverts it", tuple(_reverts(plans))),
        Part("Changes", tuple(_changes(plans)), columns=True),
        Part("Undo", (*_undo(plans, back_key), *_due(until, now))),
        Part("Guard", tuple(_guard(proposal)), beside=True),
    ]
    more = _more_than_a_key(proposal)
    found += [Part("", (((more, "quiet"),),), apart=False)] if more else []
    return [part if part.columns else part._replace(says=_as_prose(part.says, now)) for part in found]


def _as_prose(says: tuple[Says, ...], now: datetime) -> tuple[Says, ...]:
    return tuple(tuple((fmt.prose(text, now), role) for text, role in line) for line in says)


def _by_name(plans: Sequence[Plan], say: Callable[[Plan], Says]) -> tuple[Says, ...]:
    """Return each thing that is said once, and of whom where it is not the same of all."""
    said: dict[Says, list[str]] = {}
    for plan in plans:
        said.setdefault(say(plan), []).append(clean(plan.target.name.rpartition("/")[2]))
    if len(said) == 1:
        return tuple(said)
    return tuple(((f"{_listed(names)}: ", "text bold"), *says) for says, names in said.items()) or (NONE,)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def _saves(proposal: Proposal) -> Iterator[Says]:
    plans = proposal.plans
    usd = proposal.saves_usd_per_hour
    rate = f"{ESTIMATED}{fmt.rate(usd)}" if usd else fmt.rate(usd)
    role = "ok bold" if usd is not None and usd > 0 else "text bold"
    figure: Span = (rate, role) if usd is not None else ("unknown", "text bold")
    if len(plans) == 1 and plans[0].saves_when.startswith(ADDS):
        yield ("nothing", "text bold"), (f": it {plans[0].saves_when}", "text")
    elif len(plans) == 1:
        if usd is None and plans[0].saves_when.startswith(UNKNOWN_TOO):
            yield figure, (plans[0].saves_when.removeprefix(UNKNOWN_TOO), "text")
        else:
            yield figure, (f" {plans[0].saves_when}", "text")
    else:
        last = max((plan.saves_at for plan in plans if plan.saves_at is not None), default=None)
        if usd is not None and usd < 0:
            yield ("nothing", "text bold"), (f": it adds about {fmt.rate(-usd)} in all", "text")
            return
        yield figure, (f" in all{f', the last of it about {fmt.short_time(last)}' if last is not None else ''}", "text")
    for words in dict.fromkeys(plan.until_then for plan in plans if plan.until_then):
        yield ((f"$0.0/h until then: {words}", "quiet"),)


def _left(proposal: Proposal) -> Iterator[Says]:
    """Say what would still be spent, where that is what somebody asked for; as it was when that was planned."""
    saves, spent = proposal.saves_usd_per_hour, proposal.spent_usd_per_hour
    if isinstance(proposal.wish, Reduce) and spent is not None and saves is not None:
        words = f"{phrases.estimated(fmt.rate(spent - saves))} is left of {fmt.rate(spent)}"
        yield ((f"{OK} {words}", "ok") if not proposal.short else (f"{TICKET} {proposal.short}", "ticket"),)


def _each(proposal: Proposal) -> Iterator[Says]:
    """List what is planned one by one with the guard's word, then what cannot be planned."""
    for each in proposal.planned:
        refused = each.judgement.decision is Decision.REFUSE
        mark: Span = (TICKET, "ticket") if refused else (OK, "ok")
        usd = each.plan.saves_usd_per_hour
        saves = f"  saves {phrases.estimated(fmt.rate(usd))}" if usd is not None else "  saves unknown"
        if usd is not None and usd < 0:
            saves = f"  adds {phrases.estimated(fmt.rate(-usd))}"
        says: list[Span] = [mark, (f" {clean(each.plan.target.name)}", "text bold"), (saves, "text")]
        if refused:
            says.append((f"  refused: {each.judgement.reason}", "ticket"))
        yield tuple(says)
    for one in proposal.unplanned:
        told = " ".join(filter(None, (one.trouble.title, one.trouble.detail)))
        yield (TICKET, "ticket"), (f" {clean(one.target.name)}", "text bold"), (f"  no plan: {told}", "ticket")


def _worst_first(plans: Sequence[Plan]) -> Sequence[Plan]:
    order = (Risk.HIGH, Risk.UNKNOWN, Risk.LOW, Risk.NONE)
    return sorted(plans, key=lambda plan: order.index(plan.slo_risk))


def _risk(plan: Plan) -> Says:
    fine = plan.slo_risk in (Risk.NONE, Risk.LOW)
    mark, role = (OK, "ok") if fine else (TICKET, "ticket")
    words = f": {plan.slo_words}" if plan.slo_words else ""
    return (f"{mark} {plan.slo_risk.value}", role), (words, "text")


def _touches(plans: Sequence[Plan]) -> Says:
    if len(plans) == 1:
        return ((plans[0].touches, "text"),)
    noun_of_all = common_noun([plan.target for plan in plans])
    sums = (
        (len(plans), noun_of_all),
        (sum(plan.pods for plan in plans), "pod"),
        (round(sum(plan.gpus for plan in plans)), "GPU"),
        (sum(plan.nodes for plan in plans) if noun_of_all != "node" else 0, "node"),
    )
    about = ESTIMATED if any(ESTIMATED in plan.touches for plan in plans) else ""
    told = [f"{about if at else ''}{counted(number, what)}" for at, (number, what) in enumerate(sums) if number]
    return ((", ".join(told), "text"),)


def _reverts(plans: Sequence[Plan]) -> Iterator[Says]:
    reverters = dict.fromkeys(reverter for plan in plans for reverter in plan.reverts)
    for reverter in reverters:
        yield ((f"{TICKET} {reverter.words}", "ticket"),)
        if reverter.advice:
            yield ((reverter.advice, "quiet"),)
    if not reverters:
        yield (("none that is known", "text"),)


def _changes(plans: Sequence[Plan]) -> Iterator[Says]:
    """Name each object, then its fields: old → **new**, one below the other."""
    changes = [change for plan in plans for change in plan.changes]
    if not changes:
        yield NONE
        return
    wide = max(len(clean(change.path)) for change in changes)
    before = max((len(was) for change in changes if len(was := clean(change.before)) <= BEFORE_CELLS), default=0)
    for plan in plans:
        about = ""
        for change in plan.changes:
            if change.object != about:
                about = change.object
                yield ((clean(about), "quiet"),)
            yield _field(change, wide, before)


def _field(change: FieldChange, path: int, before: int) -> Says:
    return (
        (f"{INDENT}{clean(change.path):{path}}   ", "text"),
        (pad(clean(change.before), before), "quiet"),
        (f" {ARROW} ", "quiet"),
        (clean(change.after), "text bold"),
    )


def _undo(plans: Sequence[Plan], key: str) -> Iterator[Says]:
    for words in dict.fromkeys(plan.undo for plan in plans):
        yield ((key, "key"), (f" {words}", "text")) if words else ((f"{TICKET} cannot be undone", "ticket"),)


def _due(until: datetime | None, now: datetime) -> Iterator[Says]:
    if until is not None:
        words = f"due at {fmt.short_time(until, now)}; nothing does it by itself, whoever opens this then is offered it"
        yield ((words, "text"),)


def _guard(proposal: Proposal) -> Iterator[Says]:
    """Return every check with its mark; of several plans all that differ."""
    checks = dict.fromkeys(check for each in proposal.planned for check in each.judgement.checks)
    for check in checks:
        yield (OK, "ok") if check.ok else (TICKET, "ticket"), (f" {check.words}", "text")
    if not checks:
        yield UNKNOWN


def _more_than_a_key(proposal: Proposal) -> str:
    """Say why a name is to be typed."""
    if proposal.decision is not Decision.TYPE_NAME:
        return ""
    strictest = max(proposal.planned, key=lambda each: rank(each.judgement.decision))
    return strictest.judgement.reason
