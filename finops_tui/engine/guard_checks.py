"""The single checks of the guard. Each looks at one thing and says in words what it found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import isfinite, isnan

from finops_tui.engine.guard_case import Case, Ruling, figures_of, sizes
from finops_tui.engine.journal_entry import under_way
from finops_tui.engine.selector import UNKNOWN, fits_any
from finops_tui.model.plan import Decision, Risk, TargetKind
from finops_tui.model.scope import ScopeKind
from finops_tui.phrases import clock, counted, rate, span


def read_only(case: Case) -> Ruling | None:
    if not case.policy.read_only:
        return None
    name = case.plan.target.cluster
    return _refuse("read-only", f"{name} is read-only (policy.read_only)." if name else "Everything is read-only.")


def armed(case: Case) -> Ruling:
    left = case.armed.left(case.now, case.policy)
    if left <= timedelta(0):
        return _refuse("not armed", "Changes are not armed. W arms them for a while.")
    return _fine(f"armed {span(left / case.policy.clock_speed)} more")


def protected(case: Case) -> Ruling:
    rule = next((rule for rule in case.policy.protected if rule.covers(case.subject)), None)
    if rule is None:
        return _fine("not protected")
    place = case.subject.place or case.plan.target.name
    return _refuse("protected", f"{place} is protected ({rule.origin or 'policy.protected'}).")


def trial(case: Case) -> Ruling | None:
    said = case.plan.dry_run
    if not said:
        return None
    if said.startswith("accepted"):
        return _fine(f"dry run {said}")
    if said.startswith("refused"):
        return _refuse(f"dry run {said}", f"The dry run was {said}.")
    return _typed(f"dry run: {said}", f"Nobody knows whether it would be accepted ({said}).")


def data_age(case: Case) -> Ruling:
    """Judge the oldest of what it rests on: the figures, the snapshot and the plan itself."""
    target = case.plan.target
    if target.kind is TargetKind.ANOMALY:  # no figure of it changes: it rests on what its cloud said for the plan
        return _aged(case, max(abs(case.now - at) for at in (case.snapshot.at, case.plan.made_at)), stale=False)
    clusters = case.snapshot.spend.get(ScopeKind.CLUSTER, ())
    row = figures_of(target, case.snapshot) or next((row for row in clusters if row.key == target.cluster), None)
    if row is None or row.at is None:
        why = f" ({row.missing})" if row is not None and row.missing else ""
        return _refuse("data of unknown age", f"Nobody knows how old the data about {target.name} is{why}.")
    age = max(abs(case.now - at) for at in (row.at, case.snapshot.at, case.plan.made_at))
    return _aged(case, age, stale=row.stale)


def _aged(case: Case, age: timedelta, *, stale: bool) -> Ruling:
    policy, words, seconds = case.policy, f"data {span(age)} old", age.total_seconds()
    if seconds > policy.refuse_stale_seconds:
        limit = span(timedelta(seconds=policy.refuse_stale_seconds))
        return _refuse(words, f"The data is {span(age)} old; nothing is done on data older than {limit}.")
    if seconds > policy.stale_seconds or stale:
        return Ruling(decision=Decision.CONFIRM, words=words, reason=f"The data is {span(age)} old.", raises=True)
    return _fine(words)


def environment(case: Case) -> Ruling | None:
    named = case.subject.environment
    if not fits_any(named or UNKNOWN, case.policy.typed_environments):
        return None
    if named is None:
        return _typed("environment unknown", "Nobody says which environment it is in, so it counts as production.")
    return _typed(f"in {named}", f"It is in {named}.")


def blast(case: Case) -> Ruling:
    pods = sum(plan.pods for plan in case.plans)
    gpus = sum(plan.gpus for plan in case.plans)
    usd = _spend(case)
    words = ", ".join(
        (counted(pods, "pod"), counted(gpus, "GPU"), "$/h not known" if usd is None else rate(usd)),
    )
    policy = case.policy
    if any(_reaches(*pair) for pair in ((pods, policy.typed_pods), (gpus, policy.typed_gpus))):
        return _typed(words, f"It touches much: {words}.")
    if _reaches(usd, policy.typed_usd_per_hour):
        return _typed(words, f"It touches much: {words}.")
    return _fine(words)


def bulk(case: Case) -> Ruling | None:
    count = len(case.plans)
    if count == 1:
        return None
    words = f"{count} at once"
    if len({plan.target.key for plan in case.plans}) < count:
        return _refuse(words, "The same target is chosen twice.")
    if count > case.policy.bulk_cap:
        return _refuse(words, f"{count} changes at once are too many; policy.bulk_cap is {case.policy.bulk_cap}.")
    return _fine(words)


def minimum(case: Case) -> Ruling | None:
    least = max((rule.size for rule in case.policy.minimums if rule.selector.covers(case.subject)), default=None)
    if least is None or case.plan.target.kind not in {TargetKind.WORKLOAD, TargetKind.POOL}:
        return None
    for what, before, after in sizes(case.plan):
        if not (after >= least or after >= before):
            shown = "unknown" if isnan(after) else f"{after:g}"
            return _refuse(
                f"below its minimum of {least}",
                f"{what} would be {shown}; policy.minimums keeps it at {least} or more.",
            )
    return _fine(f"keeps its minimum of {least}")


def irreversible(case: Case) -> Ruling | None:
    if case.plan.reversible or not case.policy.typed_irreversible:
        return None
    return _typed("cannot be undone", "It cannot be undone.")


def objectives(case: Case) -> Ruling | None:
    risk, words = case.plan.slo_risk, case.plan.slo_words
    if risk in {Risk.NONE, Risk.LOW}:
        return _fine(f"SLO risk {risk}")
    said = f": {words}" if words else ""
    sentence = f"The risk for SLOs is {risk}{said}."
    return Ruling(decision=case.policy.high_slo_risk, words=f"SLO risk {risk}", reason=sentence)


def quiet_hours(case: Case) -> Ruling | None:
    windows = [] if case.takes_back else [each for each in case.policy.quiet_hours if each.covers(case.now)]
    if not windows:
        return _fine("no quiet hours") if case.policy.quiet_hours else None
    window = max(windows, key=lambda each: rank(each.decision))
    zone = f"{window.begins:%H:%M}–{window.ends:%H:%M} {window.zone}"
    why = f"{window.reason}, {zone}" if window.reason else zone
    return Ruling(decision=window.decision, words="quiet hours", reason=f"These are quiet hours ({why}).")


def pace(case: Case) -> Ruling | None:
    if case.takes_back:
        return None
    policy, mine = case.policy, {plan.id for plan in case.plans}
    period = timedelta(minutes=policy.rate_minutes)
    moments = sorted(entry.at for entry in case.recent if entry.at > case.now - period and entry.id not in mine)
    wanted, free, long = len(mine), policy.rate_actions - len(moments), span(period / policy.clock_speed)
    count = len(moments) + wanted
    if case.place < free:
        return _fine(f"{min(count, policy.rate_actions)} of {policy.rate_actions} actions in {long}")
    # as many of the oldest have to be that long ago as there are too many
    excess = wanted - free
    again = clock(moments[excess - 1] + period, case.now) if 0 < excess <= len(moments) else ""
    if wanted == 1:
        then = f" The next may be at {again}." if again else ""
    else:
        some = f"{free} of these {wanted} may go now" if free > 0 else f"None of these {wanted} may go now"
        then = f" {some}, {f'all of them from {again} on' if again else 'never all of them at once'}."
    return _refuse(
        f"{count} of {policy.rate_actions} actions in {long}",
        f"There may be {counted(policy.rate_actions, 'action')} in {long}.{then}",
    )


def alone(case: Case) -> Ruling | None:
    begun = under_way(case.plan, case.recent)
    if begun is None:
        return None
    when = clock(begun.at, case.now)
    return _refuse(
        "another action is open",
        f"{begun.plan.title} was begun at {when} by {begun.who} and its outcome is not known. Do not repeat it.",
    )


CHECKS: tuple[Callable[[Case], Ruling | None], ...] = (
    read_only, armed, protected, trial, data_age, alone, minimum, objectives, environment, blast, irreversible, bulk,
    pace, quiet_hours,
)  # fmt: skip
"""In this order they are shown, and the first of the strictest gives the reason."""

_STEPS = tuple(Decision)


def rank(decision: Decision) -> int:
    """Return how strict a decision is: 0 is the mildest."""
    return _STEPS.index(decision)


def raised(decision: Decision) -> Decision:
    """Return the next stricter decision that a person can still answer."""
    return _STEPS[min(rank(decision) + 1, rank(Decision.TYPE_NAME))] if decision is not Decision.REFUSE else decision


def _fine(words: str) -> Ruling:
    return Ruling(decision=Decision.CONFIRM, words=words)


def _typed(words: str, reason: str) -> Ruling:
    return Ruling(decision=Decision.TYPE_NAME, words=words, reason=reason)


def _refuse(words: str, reason: str) -> Ruling:
    return Ruling(decision=Decision.REFUSE, words=words, reason=reason)


def _reaches(value: float | None, limit: float | None) -> bool:
    """Tell whether a limit is reached; what is not known reaches every limit."""
    return limit is not None and (value is None or not value < limit)


def _spend(case: Case) -> float | None:
    """Return the $/h that all the plans touch: what the target spends, or what is saved where that is more."""
    total = 0.0
    for plan in case.plans:
        row = figures_of(plan.target, case.snapshot)
        figures = [plan.saves_usd_per_hour, row.usd_per_hour if row is not None else None]
        known = [abs(figure) for figure in figures if figure is not None and isfinite(figure)]
        if not known:
            return None
        total += max(known)
    return total
