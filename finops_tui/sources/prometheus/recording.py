"""How the answers of recording rules are recognized.

A rule records exactly the query that would be sent otherwise and carries a digest of it as a label. So what was
recorded for other labels, matchers or exporters, or by an older version, is never mistaken for the answer.
"""

from __future__ import annotations

import hashlib

from finops_tui.sources.prometheus.answer import Answer
from finops_tui.sources.prometheus.catalogue import CATALOGUE
from finops_tui.sources.prometheus.query import Query

LABEL = "finops_query"
DIGITS = 12
RECORDED = tuple(query for query in CATALOGUE if query.record)
WHOLE = 0.95
"""A span of the past counts as recorded when at least this part of its moments is."""


def digest(expr: str) -> str:
    return hashlib.sha256(expr.encode()).hexdigest()[:DIGITS]


def series(query: Query, expr: str) -> str:
    """Return PromQL for what a rule recorded of a query that is ready to be sent."""
    return f'{query.record}{{{LABEL}="{digest(expr)}"}}'


def probe() -> str:
    """Return PromQL that tells which rules are at work."""
    names = "|".join(query.record for query in RECORDED)
    return f'group by (__name__, {LABEL}) ({{__name__=~"{names}", {LABEL}!=""}})'


def covers(answer: Answer | None, span: tuple[int, int, int]) -> bool:
    """Tell whether rules recorded all of a span (start, end, step): they are younger than what they are made of."""
    start, end, step = span
    moments = {moment for series in answer.series for moment, _ in series.points} if answer is not None else set()
    return len(moments) >= WHOLE * ((end - start) // step + 1)
