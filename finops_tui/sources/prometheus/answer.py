"""What a query answers, read from the bytes of the HTTP API's envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from finops_tui.sources.clean import one_line

WARNINGS_KEPT = 5
LARGEST_FIGURE = 1e18
"""No cluster has so many bytes; what lies beyond is an exporter's mistake, and would overflow when added up."""
BEFORE_TEXT = b"\xef\xbb\xbf \t\r\n"
"""A byte order mark and blanks."""
MOST_THINGS = 100_000
"""GPUs of one node, pods of one workload."""


@dataclass(frozen=True, slots=True)
class Sample:
    labels: Mapping[str, str]
    value: float | None
    """None for NaN, the infinities and what is absurd: there is no such figure."""

    @property
    def count(self) -> int | None:
        """The value as a number of things; None where it cannot be one."""
        return int(self.value) if self.value is not None and 0 <= self.value <= MOST_THINGS else None

    def label(self, *names: str) -> str:
        """Return the first of these labels that is not empty."""
        return next((value for name in names if (value := self.labels.get(name))), "")


@dataclass(frozen=True, slots=True)
class Series:
    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]
    """(unix seconds, finite value), in time order."""


@dataclass(frozen=True, slots=True)
class Answer:
    samples: tuple[Sample, ...] = ()
    """Of an instant query. Rows that hold a native histogram instead of a number are left out."""
    series: tuple[Series, ...] = ()
    """Of a range query."""
    warnings: tuple[str, ...] = ()
    """The server's, one line each; a partial response is among them."""


class _Row(msgspec.Struct):
    metric: dict[str, str] = {}
    value: tuple[float, str | float] | None = None
    values: list[tuple[float, str | float]] = []


class _Data(msgspec.Struct):
    resultType: str = ""  # noqa: N815 - as the wire spells it
    result: msgspec.Raw = msgspec.Raw(b"[]")


class _Envelope(msgspec.Struct):
    status: str = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")
    error: str = ""
    message: str = ""
    """As `error`, of a Kubernetes API server or a gateway in between."""
    warnings: list[str] | None = None
    isPartial: bool = False  # noqa: N815 - as VictoriaMetrics spells it


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_DATA = msgspec.json.Decoder(_Data)
_ROWS = msgspec.json.Decoder(list[_Row])
_SCALAR = msgspec.json.Decoder(tuple[float, str | float])


class AnswerError(ValueError):
    """The body is no answer to a query, or one that says no."""


class PageError(AnswerError):
    """The body is a web page or the like: not this server but something in front of it, or in its place, answers."""


def parse_answer(body: bytes) -> Answer:
    """Read the answer to `query` or `query_range`. Raises AnswerError."""
    envelope = _envelope(body)
    try:
        data = _DATA.decode(envelope.data)
        if data.resultType in {"scalar", "string"}:
            samples: tuple[Sample, ...] = (Sample({}, _number(_SCALAR.decode(data.result)[1])),)
            return Answer(samples, (), _warnings(envelope))
        rows = _ROWS.decode(data.result)
    except msgspec.MsgspecError as error:
        raise AnswerError(f"the answer makes no sense ({error})") from error
    samples = tuple(Sample(_clean(row.metric), _number(row.value[1])) for row in rows if row.value is not None)
    series = tuple(Series(_clean(row.metric), points) for row in rows if row.values and (points := _points(row)))
    return Answer(samples, series, _warnings(envelope))


def parse_version(body: bytes) -> str:
    """Read the answer of `status/buildinfo`; empty where it names no version. Raises AnswerError."""
    try:
        told = msgspec.json.decode(_envelope(body).data, type=dict[str, object])
    except msgspec.MsgspecError:
        return ""
    names = (str(told.get("application") or ""), str(told.get("version") or ""))
    return one_line(" ".join(name for name in names if name), 60)


def parse_error(body: bytes) -> str:
    """Return the server's own words out of an answer that is not 200; empty where it has none."""
    try:
        envelope = _ENVELOPE.decode(body)
        return one_line(envelope.error or envelope.message)
    except msgspec.MsgspecError:
        text = body[:2000].decode(errors="replace")
        return "" if looks_like_page(body) else one_line(text, 120)


def looks_like_page(body: bytes) -> bool:
    """Whether this is a web page and not an API's answer."""
    return body[:200].lstrip(BEFORE_TEXT).startswith(b"<")  # some begin with a comment; no JSON begins so


def _envelope(body: bytes) -> _Envelope:
    try:
        envelope = _ENVELOPE.decode(body)
    except msgspec.MsgspecError as error:
        if looks_like_page(body):
            raise PageError("a web page, not an answer") from error
        raise AnswerError(f"a broken or cut-off answer ({error})") from error
    if envelope.status != "success":
        told = one_line(envelope.error or envelope.message or envelope.status)
        raise AnswerError(told) if told else PageError("no answer of a Prometheus")
    return envelope


def _warnings(envelope: _Envelope) -> tuple[str, ...]:
    told = [one_line(warning) for warning in (envelope.warnings or ())[:WARNINGS_KEPT]]
    return (*(["partial response: some stores did not answer"] if envelope.isPartial else []), *told)


def _clean(labels: dict[str, str]) -> dict[str, str]:
    """Return the labels; the values that could move a cursor without what moves it."""
    if all(map(str.isprintable, labels.values())):
        return labels
    return {name: one_line(value) for name, value in labels.items()}


def _number(text: str | float) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) <= LARGEST_FIGURE else None  # NaN is not


def _points(row: _Row) -> tuple[tuple[float, float], ...]:
    return tuple((at, value) for at, text in row.values if (value := _number(text)) is not None)
