"""Error budgets that are used up too fast: multi-window, multi-burn-rate alerts.

The four alerts and why each looks at two windows: sre.google/workbook/alerting-on-slos, section 6. The long window
says that it matters, the short one that it still goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import isfinite
from typing import ClassVar, NamedTuple

from finops_tui.detectors import burn_words as words
from finops_tui.detectors.base import Scene
from finops_tui.detectors.burn_evidence import evidence, related
from finops_tui.detectors.burn_rules import (
    ALL_BUT,
    BurnAlertRule,
    BurnAlertRules,
    Burns,
    holds,
    long_window,
    short_window,
    threshold,
)
from finops_tui.detectors.lasting import Lasting
from finops_tui.detectors.serving_scope import Servers
from finops_tui.model.finding import Severity, Signal
from finops_tui.model.fleet import Fleet
from finops_tui.model.snapshot import SloRow

SEEN_AFTER = timedelta(minutes=2)
"""What was so at the first look may have begun at any time before it; what began so long after it was seen to begin."""
SHORTEST_SECONDS = 300
PAUSE = timedelta(minutes=5)
"""A pause in the burning that is no longer does not make it another."""
MILDER = {Severity.PAGE: Severity.TICKET, Severity.TICKET: Severity.INFO, Severity.INFO: Severity.INFO}


class Alert(NamedTuple):
    """One rule that holds."""

    rule: BurnAlertRule
    severity: Severity
    """Of the rule, or a milder one where there are few events."""
    at_least: float
    """The burn rate from which it holds for this objective."""
    short_seconds: int
    """The short window, or what stood in for it."""
    long_seconds: int
    """Likewise."""
    events: float | None = None
    """In the short window, where they are too few."""


class BurnAlert:
    """One signal for each objective: the worst alert that holds."""

    id: ClassVar[str] = "slo"
    title: ClassVar[str] = "SLO burn"
    about: ClassVar[str] = "Error budgets that are used up too fast, by burn rate over a long and a short window."

    def __init__(self, rules: BurnAlertRules | None = None) -> None:
        self._rules = rules or BurnAlertRules()
        self._alerts = self._rules.alerts
        self._lasting = Lasting(timedelta(seconds=self._rules.linger_seconds))
        self._held: set[tuple[str, BurnAlertRule]] = set()
        """Objectives and the rules that held of them at the last look."""
        self._burning = Lasting(PAUSE)
        """Objectives whose shortest window burns too fast for any alert."""
        self._first_look: datetime | None = None
        self._last: dict[str, Alert] = {}
        """By objective and severity, the worst alert that held last."""
        self._onset: dict[str, datetime] = {}
        """By objective and severity. What begins to page is another trouble than the ticket that it was."""

    def judge(self, scene: Scene) -> Iterable[Signal]:
        """Return a signal for each objective whose budget burns too fast; see `Detector.judge`."""
        self._first_look = self._first_look or scene.now
        burning = self._burning.update(self._too_fast(scene.snapshot.slos), scene.now)
        held: set[tuple[str, BurnAlertRule]] = set()
        now_on: list[str] = []
        for row in scene.snapshot.slos:
            alerts = sorted(self._holding(row, scene.fleet), key=lambda alert: alert.severity.rank)
            held.update((row.key, alert.rule) for alert in alerts)
            if alerts:
                for severity in list(Severity)[alerts[0].severity.rank :]:
                    key = _key(row, severity)
                    now_on.append(key)
                    self._last[key] = alerts[0]
                    if key not in self._onset:
                        self._onset[key] = self._began(row, alerts[0], burning.get(row.key), scene.now)
        self._held = held
        lasting = self._lasting.update(now_on, scene.now)
        for key in [key for key in self._onset if key not in lasting]:
            del self._onset[key], self._last[key]
        servers = Servers(scene)
        return [signal for row in scene.snapshot.slos if (signal := self._signal(row, servers)) is not None]

    def _too_fast(self, rows: Iterable[SloRow]) -> Iterator[str]:
        for row in rows:
            burn = burns_of(row).get(SHORTEST_SECONDS)
            if burn is not None and burn >= self._rules.ticket_fast_factor:
                yield row.key

    def _began(self, row: SloRow, alert: Alert, seen: datetime | None, now: datetime) -> datetime:
        """Return when it began: as it was seen to, else as the windows tell, which a slow beginning misleads."""
        assert self._first_look is not None, "judge comes first"
        if seen is not None and alert.severity is Severity.PAGE and self._first_look + SEEN_AFTER <= seen < now:
            return seen.replace(second=0, microsecond=0)
        return onset(burns_of(row), alert, now)

    def _holding(self, row: SloRow, fleet: Fleet) -> Iterator[Alert]:
        burns = burns_of(row)
        for rule in self._alerts:
            long, short = long_window(rule, burns), short_window(rule, burns)
            if long is None or short is None:
                continue
            at_least = threshold(rule, row.objective) * ALL_BUT
            ease = self._rules.reset if (row.key, rule) in self._held else 1.0
            if not holds(burns[long], burns[short], at_least * ease):
                continue
            events = _events(fleet, row, short)
            few = events is not None and events < self._rules.minimum_events
            severity = MILDER[rule.severity] if few else rule.severity
            yield Alert(rule, severity, at_least, short, long, events if few else None)

    def _signal(self, row: SloRow, servers: Servers) -> Signal | None:
        severity = next((each for each in Severity if _key(row, each) in self._onset), None)
        if severity is None:
            return None
        alert, since = self._last[_key(row, severity)], self._onset[_key(row, severity)]
        served = servers.of(row)
        return Signal(
            kind=self.id,
            severity=severity,
            scope=served.scope,
            name=row.name,
            since=since,
            why=_why(row, alert),
            subject=row.key,
            cluster=row.cluster,
            owner=served.owner,
            namespace=served.namespace,
            model=row.model,
            usd_per_hour=row.usd_per_hour,
            evidence=evidence(row, served, _what_holds(alert), _not_judged(row, self._alerts, alert)),
            related=related(row, served),
        )


def burns_of(row: SloRow) -> Burns:
    """Return the burn rates by window; what is not finite is not known."""
    return {
        window.seconds: window.burn_rate if window.burn_rate is not None and isfinite(window.burn_rate) else None
        for window in row.windows
    }


def onset(burns: Burns, alert: Alert, now: datetime) -> datetime:
    """Estimate when it began to burn so fast, to the minute.

    What a window holds beyond the next shorter one burned before that one began. Going back, it has lasted through
    every such stretch that burned as fast as the rule asks. Of the first that did not, so much counts as its errors
    fill at the rate of the stretch after it, unless it burned no faster than allowed (1).
    """
    lasted, inside, rate = 0.0, 0.0, 0.0
    for seconds in sorted(seconds for seconds in burns if seconds >= alert.short_seconds):
        burn = burns[seconds]
        if burn is None:
            break
        stretch = seconds - lasted
        mean = (burn * seconds - inside) / stretch
        if mean < alert.at_least and rate > 0:
            lasted += stretch * mean / rate if mean >= 1 else 0.0
            break
        lasted, inside, rate = float(seconds), burn * seconds, max(mean, alert.at_least)
    return (now - timedelta(seconds=lasted)).replace(second=0, microsecond=0)


def _key(row: SloRow, severity: Severity) -> str:
    return f"{severity.value} {row.key}"


def _events(fleet: Fleet, row: SloRow, seconds: int) -> float | None:
    held = fleet.slis.get((row.key, seconds))
    events = held.value.events if held is not None else None
    return events if events is not None and events >= 0 else None


def _why(row: SloRow, alert: Alert) -> str:
    burns = burns_of(row)
    parts = [
        f"{words.times(rate)} {too_fast}over {words.window(seconds)}"
        for seconds, too_fast in ((alert.long_seconds, "too fast "), (alert.short_seconds, ""))
        if (rate := burns.get(seconds)) is not None
    ]
    said = f"Burns {' and '.join(parts)}" if parts else "No traffic now"
    said += f"; {words.budget(row.budget_left, row.exhausted_in_seconds)}."
    if alert.events is not None:
        said += f" Only {alert.events:,.0f} events in {words.window(alert.short_seconds)}: too few to tell for certain."
    return said


def _what_holds(alert: Alert) -> str:
    rule = alert.rule
    milder = "" if alert.severity is rule.severity else f", {rule.severity.value} with enough events"
    return (
        f"{alert.severity.value}: {words.times(rule.factor)} over {words.window(rule.long_seconds)} "
        f"and {words.window(rule.short_seconds)}{milder}"
    )


def _not_judged(row: SloRow, rules: Iterable[BurnAlertRule], alert: Alert) -> str:
    """Name the windows that nobody measures, and what stands in."""
    known = burns_of(row)
    asked = {seconds for rule in rules for seconds in (rule.long_seconds, rule.short_seconds)}
    absent = ", ".join(words.window(seconds) for seconds in sorted(asked - known.keys()))
    rule = alert.rule
    for told, meant in ((alert.long_seconds, rule.long_seconds), (alert.short_seconds, rule.short_seconds)):
        if told != meant:
            absent += f"; {words.window(told)} stands in for {words.window(meant)}"
    return absent
