"""Metrics as text: the Prometheus exposition format 0.0.4 for scrapes, OpenMetrics 1.0 for a past with timestamps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Labels = Mapping[str, str]
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(slots=True)
class Family:
    """All samples of one metric. A histogram's samples carry the suffixes `_bucket`, `_sum` and `_count`."""

    name: str
    """For a counter with its `_total`, where it has one."""
    kind: Literal["gauge", "counter", "histogram"]
    about: str
    samples: list[tuple[str, Labels, float]] = field(default_factory=list)
    """(suffix, labels, value)."""

    def add(self, value: float, suffix: str = "", /, **labels: str) -> None:
        self.samples.append((suffix, labels, value))


def prometheus_text(families: Iterable[Family]) -> str:
    """Return what a scrape answers."""
    lines: list[str] = []
    for family in families:
        if family.samples:
            lines += [f"# HELP {family.name} {family.about}", f"# TYPE {family.name} {family.kind}"]
            lines += [_line(family.name + suffix, labels, value) for suffix, labels, value in family.samples]
    return "\n".join(lines) + "\n"


def openmetrics_text(moments: Iterable[tuple[int, Iterable[Family]]]) -> Iterator[str]:
    """Yield the text of many moments (unix seconds), in time order, as `promtool` reads it for a backfill."""
    heads: dict[str, list[str]] = {}
    for at, families in moments:
        for family in families:
            counter = family.kind == "counter" and family.name.endswith("_total")
            name = family.name.removesuffix("_total") if counter else family.name
            kind = family.kind if counter or family.kind == "histogram" else "gauge"
            lines = heads.setdefault(family.name, [f"# HELP {name} {family.about}", f"# TYPE {name} {kind}"])
            lines += [f"{_line(family.name + suffix, labels, value)} {at}" for suffix, labels, value in family.samples]
    for lines in heads.values():
        yield "\n".join(lines) + "\n"
    yield "# EOF\n"


def _line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{key}="{text.translate(_ESCAPES)}"' for key, text in labels.items())
    return f"{name}{{{inside}}} {value:.12g}"
