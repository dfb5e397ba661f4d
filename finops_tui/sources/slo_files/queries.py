"""PromQL of others as this program asks it: with `$window` where the range goes."""

from __future__ import annotations

import re
from typing import NamedTuple

from finops_tui.sources.prometheus.windows import seconds_of
from finops_tui.sources.slo_files.values import Value

WINDOW = "$window"
PLACEHOLDER = re.compile(r"\{\{-?\s*\.?window\s*-?\}\}|\$\{window\}|\$window\b")
TEMPLATE = re.compile(r"\{\{.*?\}\}")
VARIABLE = re.compile(r"\$\{?[A-Za-z_]\w*\}?")
QUOTED = r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`"""
NOT_CODE = re.compile(QUOTED)
NOT_CODE_OR_COMMENT = re.compile(QUOTED + r"|#[^\n]*")
RANGE = re.compile(r"\[\s*([^\[\]:]*?)\s*(:[^\[\]]*)?\]")
SELECTOR = re.compile(r"\s*([A-Za-z_:][\w:]*\s*(?:\{[^{}]*\})?|\{[^{}]*\})(\s+offset\s+-?\w+)?\s*", re.IGNORECASE)
SUM = re.compile(r"\s*sum\s*\((.*)\)\s*", re.IGNORECASE | re.DOTALL)
FILLER = "\0"
PAIRS = {")": "(", "]": "[", "}": "{"}
COUNTERS = ("_total", "_count", "_bucket", "_sum")
HOW = "Write [{{.window}}] where the range goes."


class Query(NamedTuple):
    expr: str
    note: str = ""
    """What was taken for something else; empty where it was read as it is."""


class Selector(NamedTuple):
    """A metric with its matchers."""

    text: str
    offset: str

    @property
    def metric(self) -> str:
        return self.text.partition("{")[0].strip()

    def over_window(self) -> str:
        return f"{self.text}[{WINDOW}]{self.offset}"


def code(value: Value) -> str | None:
    """Return a query without its comments and around white space; None, and a mistake, where it cannot be one."""
    text = value.text()
    if text is None:
        return None
    text = NOT_CODE_OR_COMMENT.sub(lambda match: "" if match[0].startswith("#") else match[0], text).strip()
    trouble = _unbalanced(_masked(PLACEHOLDER.sub("w", text)))
    if trouble:
        value.wrong(trouble)
        return None
    return text


def over_window(value: Value, *, counter: bool | None = None) -> Query | None:
    """Read a query that counts events, or that gives a ratio of them, over the window that is asked about.

    `counter` says of a metric without a range whether it only ever grows; None where the file does not say.
    """
    text = code(value)
    if text is None or not _no_other_template(value, text):
        return None
    if PLACEHOLDER.search(text):
        return Query(PLACEHOLDER.sub(WINDOW, text))
    ranges = _ranges(text)
    if ranges:
        return _one_range(value, text, ranges)
    inner = SUM.fullmatch(_masked(text))
    plain = selector(text[inner.start(1) : inner.end(1)] if inner else text)
    if plain is None:
        value.wrong("the query says nowhere over which time it counts", HOW)
        return None
    if counter is None and plain.metric.endswith(COUNTERS):
        counter = True
    if counter is None:
        value.wrong(f"whether {plain.metric} only ever grows is not said", "Write counter: true, or counter: false.")
        return None
    function = "rate" if counter else "sum_over_time"
    return Query(f"sum({function}({plain.over_window()}))", f"{function} taken over the window")


def raw_ratio(value: Value) -> Query | None:
    """Read a query that gives a ratio by itself: without a range its mean over the window is taken."""
    text = code(value)
    if text is None or not _no_other_template(value, text):
        return None
    if PLACEHOLDER.search(text) or _ranges(text):
        return over_window(value)
    plain = selector(text)
    mean = f"avg_over_time({plain.over_window()})" if plain else f"avg_over_time(({text})[{WINDOW}:])"
    return Query(mean, "its mean over the window")


def judged_by(value: Value, operator: str, limit: float) -> Query | None:
    """Read a query that is good while it compares so; of the moments at which it has a figure the bad ones count."""
    text = code(value)
    if text is None:
        return None
    if PLACEHOLDER.search(text):
        value.wrong("a threshold is judged from moment to moment", "Write a range such as [5m] in place of the window.")
        return None
    if not _no_other_template(value, text):
        return None
    known = f"(({text}) >= -Inf)"  # drops NaN, which would compare as bad
    return Query(
        f"1 - avg_over_time(({known} {operator} bool {limit:.12g})[{WINDOW}:])", "judged from moment to moment"
    )


def selector(text: str) -> Selector | None:
    """Take a plain metric with matchers, as `http_requests_total{code="200"} offset 1m`, apart; None for all else."""
    found = SELECTOR.fullmatch(_masked(text))
    if found is None:
        return None
    offset = text[found.start(2) : found.end(2)] if found[2] else ""
    return Selector(text[found.start(1) : found.end(1)].strip(), offset)


def _one_range(value: Value, text: str, ranges: list[re.Match[str]]) -> Query | None:
    kinds = {match[1] for match in ranges}
    odd = next((kind for kind in kinds if seconds_of(kind) is None), None)
    if odd is not None:
        value.wrong(f"[{odd}] is no range that is understood", HOW)
        return None
    if len(kinds) > 1 or (len(ranges) > 1 and any(match[2] for match in ranges)):
        said = ", ".join(f"[{kind}]" for kind in sorted(kinds))
        differ = "differ" if len(kinds) > 1 else "stand within each other"
        value.wrong(f"the ranges {said} {differ}; which is the window is not said", HOW)
        return None
    for match in reversed(ranges):
        text = text[: match.start(1)] + WINDOW + text[match.end(1) :]
    return Query(text, f"[{kinds.pop()}] read as the window")


def _ranges(text: str) -> list[re.Match[str]]:
    return list(RANGE.finditer(_masked(text)))


def _masked(text: str) -> str:
    """Return the text with all that is quoted made unreadable, character for character."""
    return NOT_CODE.sub(lambda match: FILLER * len(match[0]), text)


def _no_other_template(value: Value, text: str) -> bool:
    bare = PLACEHOLDER.sub("w", text)
    other = TEMPLATE.search(bare) or VARIABLE.search(_masked(bare))
    if other is not None:
        value.wrong(f"{other[0]} means nothing here", HOW)
    return other is None


def _unbalanced(masked: str) -> str:
    """Say what is wrong with the brackets, if anything."""
    open_: list[str] = []
    for character in masked:
        if character in PAIRS.values():
            open_.append(character)
        elif character in PAIRS and (not open_ or open_.pop() != PAIRS[character]):
            return f"the query has a {character} too many"
    if open_:
        return f"the query lacks what closes its {open_[-1]}"
    return "the query lacks a closing quote" if any(quote in masked for quote in "\"'`") else ""
