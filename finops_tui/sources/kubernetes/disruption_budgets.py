"""Disruption budgets: how many pods of what they select may be evicted now."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes.objects import Labels, Metadata


class _Expression(msgspec.Struct):
    key: str = ""
    operator: str = ""
    values: list[str] | None = None


class _Selector(msgspec.Struct, rename="camel"):
    match_labels: Labels | None = None
    match_expressions: list[_Expression] | None = None


class _Spec(msgspec.Struct):
    selector: _Selector | None = None


class _Status(msgspec.Struct, rename="camel"):
    disruptions_allowed: int = 0


class _Budget(msgspec.Struct):
    metadata: Metadata
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


_DECODER = msgspec.json.Decoder(_Budget)


class BudgetFacts(msgspec.Struct, frozen=True):
    uid: str
    namespace: str
    name: str
    allowed: int
    labels: tuple[tuple[str, str], ...]
    """Of which a pod must carry all."""
    expressions: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Key, operator and values, all of which must hold."""
    selects: bool
    """Without a selector it selects nothing; with an empty one, every pod of its namespace (policy/v1)."""

    def covers(self, labels: Mapping[str, str]) -> bool:
        """Tell whether a pod of its namespace with these labels is one of its own."""
        return (
            self.selects
            and all(labels.get(key) == value for key, value in self.labels)
            and all(_holds(labels.get(key), operator, values) for key, operator, values in self.expressions)
        )


def read_budget(item: msgspec.Raw) -> BudgetFacts:
    told = _DECODER.decode(item)
    selector = told.spec.selector
    labels = (selector.match_labels or {}) if selector is not None else {}
    expressions = (selector.match_expressions or []) if selector is not None else []
    return BudgetFacts(
        uid=one_line(told.metadata.uid),
        namespace=one_line(told.metadata.namespace),
        name=one_line(told.metadata.name),
        allowed=told.status.disruptions_allowed,
        labels=tuple((one_line(key), one_line(value)) for key, value in labels.items()),
        expressions=tuple(
            (one_line(each.key), each.operator, tuple(one_line(value) for value in each.values or ()))
            for each in expressions
        ),
        selects=selector is not None,
    )


def _holds(value: str | None, operator: str, values: tuple[str, ...]) -> bool:
    match operator:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False
