"""Fixed rules: what teams already use, beside what is learned. There are none until somebody writes one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import ClassVar, NamedTuple

from finops_tui import phrases
from finops_tui.detectors.base import Scene
from finops_tui.detectors.hourly_means import HourlyMeans
from finops_tui.detectors.lasting import Lasting
from finops_tui.detectors.quantities import LIMIT, known, positive
from finops_tui.model.finding import Evidence, Severity, Signal
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow

GRACE = timedelta(minutes=2)
"""A rule that is kept for less than this goes on being broken."""
OPEN_GRACE = timedelta(minutes=5)
"""The same for one that is told: for so long a finding stays open that is not seen."""
HOUR_AGO = -9
"""In a trend of 7.5-minute means: the present one and the eight before it lie behind."""
HELD_AGAINST = "Held against"
"""Label of the evidence that says what the excess is above: a rule knows no normal."""
HOURS_NEEDED = 24
"""Full hours that make a mean of a week worth comparing with."""


class Comparison(StrEnum):
    """What spend is held against."""

    SIGMA = "sigma"
    """The mean of the last seven days, plus so many standard deviations of its hours."""
    HOUR = "hour"
    """What it was an hour ago, plus this share of it."""
    NORMAL = "normal"
    """What is normal at this hour, plus this share of it."""
    LIMIT = "limit"
    """So many $/h."""
    BUDGET = "budget"
    """The rate that would just spend a day's budget, so many times."""


USUAL: Mapping[Comparison, float] = {
    Comparison.SIGMA: 2.0,
    Comparison.HOUR: 0.2,
    Comparison.NORMAL: 0.1,
    Comparison.LIMIT: 0.0,
    Comparison.BUDGET: 2.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedRule:
    name: str
    test: Comparison
    value: float | None = None
    """Of the test: deviations, a share (ratio), $/h, times. None for the usual: 2, 0.2, 0.1, 0, 2."""
    kind: ScopeKind = ScopeKind.TOTAL
    names: str = "*"
    """Glob over names and keys of the scopes."""
    usd_per_day: float = 0.0
    """The budget, for that test."""
    minutes: float = 10.0
    """How long it must be so."""
    least_usd_per_hour: float = 1.0
    """Less than this above what is compared with is nothing."""
    severity: Severity = Severity.TICKET

    @property
    def amount(self) -> float:
        return USUAL[self.test] if self.value is None else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedRuleSet:
    rules: tuple[FixedRule, ...] = ()


class _Line(NamedTuple):
    """What must not be exceeded."""

    usd_per_hour: float
    base: float
    """$/h without any allowance: what counts as the excess is above this."""
    words: str
    against: str
    """What `base` is, in words with its figure: it stands where other findings have what is normal."""


class FixedRules:
    """One signal for each rule and each scope that breaks it."""

    id: ClassVar[str] = "rule"
    title: ClassVar[str] = "Fixed rule"
    about: ClassVar[str] = "A scope spends more than a rule from the config allows."

    def __init__(self, rules: FixedRuleSet | None = None) -> None:
        self._rules = (rules or FixedRuleSet()).rules
        self._lasting = Lasting(GRACE)
        self._told = Lasting(OPEN_GRACE)
        self._onsets: dict[str, datetime] = {}
        """Of rules that are told."""
        self._means = HourlyMeans()

    def state(self) -> dict[str, object]:
        """Return the hourly means that were seen, as JSON can hold them."""
        return self._means.state()

    def restore(self, state: Mapping[str, object]) -> None:
        """Go on from an earlier `state`."""
        self._means.restore(state)

    def judge(self, scene: Scene) -> Iterable[Signal]:
        """Return a signal for each rule that has been broken for long enough; see `Detector.judge`."""
        if not self._rules:
            return []
        self._learn(scene)
        broken = {
            f"{rule.name}/{row.kind.value}/{row.key}": (rule, row, line)
            for rule in self._rules
            for row in _matching(scene, rule)
            if (line := self._line(rule, row)) is not None and _exceeds(row, line, rule)
        }
        since = self._lasting.update(broken, scene.now)
        told = [
            key for key, (rule, _, _) in broken.items() if scene.now - since[key] >= timedelta(minutes=rule.minutes)
        ]
        open_since = self._told.update(told, scene.now)
        self._onsets = {key: self._onsets[key] if key in self._onsets else since[key] for key in open_since}
        return [self._signal(*broken[key], self._onsets[key], scene.now) for key in told]

    def _learn(self, scene: Scene) -> None:
        watched = {
            _key(row): row for rule in self._rules if rule.test is Comparison.SIGMA for row in _matching(scene, rule)
        }
        for key, row in watched.items():
            usd = row.usd_per_hour
            if usd is not None and 0 <= usd <= LIMIT and not row.stale:
                self._means.add(key, usd, scene.now)

    def _line(self, rule: FixedRule, row: SpendRow) -> _Line | None:
        amount = rule.amount
        if rule.test is Comparison.LIMIT:
            limit = f"the limit of {phrases.rate(amount)}"
            return _Line(amount, amount, limit, limit)
        if rule.test is Comparison.BUDGET:
            pace = rule.usd_per_day / 24
            words = f"{phrases.number(amount)} times the {phrases.rate(pace)} of a budget of "
            words += f"{phrases.dollars(rule.usd_per_day)} a day"
            even = f"an even day of the budget, {phrases.rate(pace)}"
            return _Line(amount * pace, pace, words, even) if pace > 0 else None
        if rule.test is Comparison.SIGMA:
            week = self._means.week(_key(row))
            if week is None or week.hours < HOURS_NEEDED:
                return None
            mean = f"the 7-day mean of {phrases.rate(week.mean)}"
            words = f"{mean} plus {phrases.number(amount)} x {phrases.rate(week.deviation)}"
            return _Line(week.mean + amount * week.deviation, week.mean, words, mean)
        base = row.normal_usd_per_hour if rule.test is Comparison.NORMAL else _hour_ago(row)
        if base is None or known(base) is None:
            return None
        what = "normal" if rule.test is Comparison.NORMAL else "an hour ago"
        words = f"{phrases.rate(base)} {what} plus {phrases.percent(amount)}"
        against = "normal at this hour" if rule.test is Comparison.NORMAL else "what it was an hour ago"
        return _Line(base * (1 + amount), base, words, f"{against}, {phrases.rate(base)}")

    def _signal(self, rule: FixedRule, row: SpendRow, line: _Line, since: datetime, now: datetime) -> Signal:
        usd = positive(row.usd_per_hour)
        return Signal(
            kind=self.id,
            severity=rule.severity,
            scope=Scope(row.kind, row.key),
            name=row.name,
            since=since,
            why=f"Rule {rule.name}: {phrases.rate(usd)} is more than {line.words}, since {phrases.clock(since, now)}.",
            part=rule.name,
            cluster=row.cluster,
            owner=row.owner,
            namespace=row.namespace,
            model=row.model,
            usd_per_hour=usd,
            normal_usd_per_hour=line.base,
            excess_usd_per_hour=usd - line.base,
            evidence=(
                Evidence(label="Rule", words=f"{rule.name}: more than {phrases.rate(line.usd_per_hour)}"),
                Evidence(label="Must last", words=phrases.span(timedelta(minutes=rule.minutes))),
                Evidence(label=HELD_AGAINST, words=line.against),
            ),
        )


def _key(row: SpendRow) -> str:
    return f"{row.kind.value} {row.key}"


def _matching(scene: Scene, rule: FixedRule) -> Iterator[SpendRow]:
    for row in scene.snapshot.spend.get(rule.kind, ()):
        if fnmatchcase(row.name, rule.names) or fnmatchcase(row.key, rule.names):
            yield row


def _hour_ago(row: SpendRow) -> float | None:
    return row.trend[HOUR_AGO] if len(row.trend) >= -HOUR_AGO else None


def _exceeds(row: SpendRow, line: _Line, rule: FixedRule) -> bool:
    usd = positive(row.usd_per_hour)
    return usd > line.usd_per_hour and usd - line.base >= rule.least_usd_per_hour
