"""The section `findings:`: what is looked for, when it is urgent, and what is expected."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, Field, field_validator, model_validator

from finops_tui.detectors.budget import Budget
from finops_tui.detectors.fixed_rules import Comparison, FixedRule, FixedRuleSet
from finops_tui.detectors.registry import DetectionRules, ids, place_of
from finops_tui.engine.planned import Every, PlannedWindow
from finops_tui.engine.watch import WatchRules
from finops_tui.model.billing import Period
from finops_tui.model.finding import Severity
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.sources.settings import Settings

Limit = float | int | bool
MEASURED = frozenset({"learner"})
"""Rules whose figures were measured together (docs/detection.md): one of them alone must not be turned."""


_NOT_TAGGED = {ScopeKind.TOTAL, ScopeKind.CLUSTER, ScopeKind.POOL, ScopeKind.NAMESPACE, ScopeKind.WORKLOAD}
"""Bills do not tell of these; a namespace of a budget is of one cluster, a tag's is not."""


class Planned(Settings):
    """A time in which somebody expects more to be spent: findings within it are listed, but never page."""

    match: str = Field(min_length=1, description="Glob over names, namespaces, owners, models, clusters and scopes.")
    begins: AwareDatetime = Field(description="With a time zone: 2026-12-01T22:00:00Z.")
    ends: AwareDatetime = Field(description="With a time zone.")
    reason: str = Field(min_length=1, max_length=120, description="Shown beside what it covers.")
    every: Every = Field(Every.ONCE, description="How often it comes again: once, day or week.")

    @model_validator(mode="after")
    def _in_order(self) -> Planned:
        if self.ends <= self.begins:
            raise ValueError("`ends` must be later than `begins`")
        return self

    def window(self) -> PlannedWindow:
        begins: datetime = self.begins
        return PlannedWindow(match=self.match, begins=begins, ends=self.ends, reason=self.reason, every=self.every)


class BudgetSettings(Settings):
    """What one scope may spend in a day, in a week from Monday on, or in a month (UTC)."""

    name: str = Field(min_length=1, max_length=40, description="What findings call it.")
    usd_per_day: float | None = Field(None, gt=0, allow_inf_nan=False, description="US dollars for a day.")
    usd_per_week: float | None = Field(None, gt=0, allow_inf_nan=False, description="US dollars for a week.")
    usd_per_month: float | None = Field(None, gt=0, allow_inf_nan=False, description="US dollars for a month.")
    kind: ScopeKind = Field(ScopeKind.TOTAL, description="What is counted: total, cluster, team, namespace, model …")
    label: str = Field("", max_length=100, description="In place of kind: a name under scopes.extra, as environment.")
    scope: str = Field(TOTAL.name, description="Which one, as the spend pane keys it: nlp, prod-us, prod-us/ml.")

    @model_validator(mode="after")
    def _one_period(self) -> BudgetSettings:
        if len(self._limits()) != 1:
            raise ValueError("exactly one of `usd_per_day`, `usd_per_week` and `usd_per_month` says how much")
        if self.label and self.usd_per_day is not None:
            raise ValueError("a budget by `label` is for a week or a month")
        return self

    def budget(self) -> Budget:
        ((period, usd),) = self._limits().items()
        return Budget(name=self.name, scope=Scope(self.kind, self.scope), label=self.label, period=period, usd=usd)

    def _limits(self) -> dict[Period, float]:
        given = {Period.DAY: self.usd_per_day, Period.WEEK: self.usd_per_week, Period.MONTH: self.usd_per_month}
        return {period: usd for period, usd in given.items() if usd is not None}


class RuleSettings(Settings):
    """A fixed rule beside the learned normal, as many teams have them already."""

    name: str = Field(min_length=1, max_length=40, description="What findings call it.")
    test: Comparison = Field(description="Held against: sigma, hour, normal, limit or budget.")
    value: float | None = Field(None, ge=0, allow_inf_nan=False, description="Of the test; the usual one by default.")
    kind: ScopeKind = Field(ScopeKind.TOTAL, description="What is looked at: total, cluster, team, namespace, model …")
    names: str = Field("*", description="Glob over their names.")
    usd_per_day: float = Field(0.0, ge=0, allow_inf_nan=False, description="The budget, for the test budget.")
    minutes: float = Field(10.0, ge=0, le=1440, description="How long it must be so.")
    least_usd_per_hour: float = Field(1.0, ge=0, description="Less above what is compared with is nothing.")
    severity: Severity = Field(Severity.TICKET, description="page, ticket or info.")

    def rule(self) -> FixedRule:
        return FixedRule(**self.model_dump())


class Findings(Settings):
    """What counts as a finding. `finops-tui detectors` lists every detector with its limits."""

    without: tuple[str, ...] = Field((), description="Detectors that are not wanted, by id.")
    limits: dict[str, dict[str, Limit]] = Field({}, description="Other limits, by detector and name.")
    least_minutes: dict[Severity, float] = Field({}, description="How long trouble must last before it is listed.")
    budgets: tuple[BudgetSettings, ...] = Field((), description="What may be spent in a day, week or month.")
    rules: tuple[RuleSettings, ...] = Field((), description="Fixed rules beside the learned normal.")
    planned: tuple[Planned, ...] = Field((), description="When more is expected to be spent.")
    runbooks: dict[str, str] = Field({}, description="Address of a runbook by detector; a workload's own comes first.")
    owners: dict[str, str] = Field({}, description="Owner by namespace, where no label names one.")

    @field_validator("without", "runbooks")
    @classmethod
    def _known(cls, named: Any) -> Any:
        for name in named:
            _require(name, ids(), "detector")
        return named

    @field_validator("limits")
    @classmethod
    def _limits_known(cls, limits: dict[str, dict[str, Limit]]) -> dict[str, dict[str, Limit]]:
        for name, given in limits.items():
            _require(name, ids(), "detector")
            known = limits_of(getattr(DetectionRules(), place_of(name)))
            for limit, value in given.items():
                _require(limit, known, f"limit of {name}")
                if not isinstance(value, bool) and value < 0:
                    raise ValueError(f"{limit} of {name} must not be below 0")
        return limits

    def detection(self) -> DetectionRules:
        rules = DetectionRules(without=frozenset(self.without))
        for name, given in self.limits.items():
            place = place_of(name)
            rules = replace(rules, **{place: _limited(getattr(rules, place), given)})
        return replace(
            rules,
            budget=replace(rules.budget, budgets=tuple(one.budget() for one in self.budgets)),
            rule=FixedRuleSet(rules=tuple(one.rule() for one in self.rules)),
        )

    def billed_scopes(self) -> tuple[tuple[str, str], ...]:
        """Return what bills are asked for because a budget is for it: scopes that tags name, each with its name."""
        named = [(one.label or str(one.kind), one.scope) for one in self.budgets]
        return tuple(dict.fromkeys(each for each in named if each[0] not in _NOT_TAGGED))

    def watch(self) -> WatchRules:
        return WatchRules(
            least_seconds={severity: minutes * 60 for severity, minutes in self.least_minutes.items()},
            planned=tuple(one.window() for one in self.planned),
            runbooks=self.runbooks,
            owners=self.owners,
        )


def limits_of(rules: Any) -> dict[str, Limit]:
    """Return what of a detector's rules is one number or switch, by name, with its present value."""
    values = {field.name: getattr(rules, field.name) for field in fields(rules) if field.name not in MEASURED}
    found = {name: value for name, value in values.items() if isinstance(value, float | int | bool)}
    for part in values.values():
        if is_dataclass(part):
            found |= limits_of(part)
    return found


def _limited(rules: Any, given: Mapping[str, Limit]) -> Any:
    """Return a detector's rules with other limits, also those that stand in parts of them."""
    changed: dict[str, Any] = {}
    for field in fields(rules):
        value = getattr(rules, field.name)
        if is_dataclass(value) and field.name not in MEASURED:
            changed[field.name] = _limited(value, given)
        elif field.name in given:
            changed[field.name] = type(value)(given[field.name])
    return replace(rules, **changed)


def _require(name: str, known: Any, what: str) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, list(known), 1)
        hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(known)}"
        raise ValueError(f"no {what} is called {name}{hint}")
