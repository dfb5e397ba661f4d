"""What every format comes to: one objective of this program, with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pydantic import Field

from finops_tui.sources.prometheus.slo_settings import SloDefinition, SloIndicator
from finops_tui.sources.prometheus.windows import DAY, HOUR, seconds_of
from finops_tui.sources.slo_files.mistakes import Place
from finops_tui.sources.slo_files.queries import Query
from finops_tui.sources.slo_files.values import Value, text_at

OURS = "finops-tui/"
"""Begins the annotations that tell this program what the formats have no field for."""
LONG = {"M": 30, "Q": 90, "Y": 365}
"""Days of a month, a quarter and a year, taken as a rolling period."""
LONGEST_DAYS = 366


class FiledSlo(SloDefinition):
    """An objective that stands in a file of its own."""

    defined_in: str = Field(description="Format and place, and what was taken for something else.")

    @property
    def origin(self) -> str:
        return self.defined_in


class Read(NamedTuple):
    """One objective and where it stands."""

    slo: FiledSlo
    place: Place


class Whose(NamedTuple):
    """What an objective belongs to; empty where it is not said."""

    service: str
    namespace: str = ""
    workload: str = ""
    cluster: str = ""


class Indicator(NamedTuple):
    """One of the ways to tell bad events: `good` or `errors` with `total`, or `error_ratio`."""

    good: Query | None = None
    errors: Query | None = None
    total: Query | None = None
    error_ratio: Query | None = None

    def settings(self) -> SloIndicator:
        return SloIndicator(**{name: query.expr for name, query in self._asdict().items() if query is not None})

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(query.note for query in self if query is not None and query.note))


def objective(
    at: Value,
    form: str,
    *,
    name: str,
    whose: Whose,
    share: float,
    period: str,
    indicator: Indicator,
    notes: Iterable[str] = (),
) -> Read:
    """Put an objective together; `share` of its events (ratio) are to be good."""
    told = "; ".join(note for note in (*indicator.notes, *notes) if note)
    place = at.place
    slo = FiledSlo(
        name=name,
        service=whose.service,
        cluster=whose.cluster,
        namespace=whose.namespace,
        workload=whose.workload,
        objective=share,
        period=period,
        indicator=indicator.settings(),
        defined_in=f"{form}, {place}" + (f" ({told})" if told else ""),
    )
    return Read(slo, place)


def belongs(metadata: Value | None, service: str, namespace: str = "") -> Whose:
    """Read what the annotations of an object say."""
    annotations = metadata.get("annotations") if metadata is not None else None
    return Whose(
        service=service,
        namespace=text_at(annotations, f"{OURS}namespace") or namespace,
        workload=text_at(annotations, f"{OURS}workload"),
        cluster=text_at(annotations, f"{OURS}cluster"),
    )


def percentage(value: Value | None) -> float | None:
    """Read 99.9 as the ratio 0.999."""
    number = value.number() if value is not None else None
    if value is None or number is None:
        return None
    if not 0 < number < 100:  # noqa: PLR2004 - a percentage
        value.wrong(f"{value.shown()} stands here; expected a percentage between 0 and 100, both excluded")
        return None
    if number < 1:
        value.wrong(f"{value.shown()} stands here; this is a percentage", f"Write {number * 100:.6g} if you mean that.")
        return None
    return round(number / 100, 12)


def ratio(value: Value) -> float | None:
    """Read 0.999."""
    number = value.number()
    if number is None:
        return None
    if not 0 < number < 1:
        value.wrong(f"{value.shown()} stands here; expected a ratio between 0 and 1, both excluded")
        return None
    return number


def period(value: Value | None) -> tuple[str, str] | None:
    """Read `28d`, `4w`, `1d12h` or OpenSLO's `1M`, `1Q`, `1Y`; with a note where it is taken for something else."""
    text = value.text() if value is not None else None
    if value is None or text is None:
        return None
    long = re.fullmatch(r"([1-9][0-9]?)([MQY])", text)
    seconds = int(long[1]) * LONG[long[2]] * DAY if long else seconds_of(text) if len(text) < LONGEST_DAYS else None
    if not seconds or seconds % HOUR or seconds > LONGEST_DAYS * DAY:
        value.wrong(
            f"{value.shown()} stands here; expected a period of whole hours, at most a year", "Write it as 28d or 4w."
        )
        return None
    days = seconds // DAY
    if seconds % DAY:
        return f"{seconds // HOUR}h", ""
    return f"{days}d", f"{text} taken as the last {days} days" if long else ""


def only_one(value: Value, names: Sequence[str], what: str) -> Value | None:
    """Return the one of some fields that is there; a mistake where none or several are."""
    found = [field for name in names if (field := value.get(name)) is not None]
    if len(found) == 1:
        return found[0]
    said = ", ".join(field.where.rpartition(".")[2] for field in found)
    value.wrong(f"{said} stand here together" if found else f"{what} is missing", f"Give one of {', '.join(names)}.")
    return None
