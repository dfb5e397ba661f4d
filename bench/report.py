"""A figure, and how a run of the bench is printed and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.stats import median
from bench.targets import LIMITS, verdict

FORMAT = 1
"""Raised when a field of the JSON changes its meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured thing: a value for each run."""

    id: str
    title: str
    unit: str
    values: tuple[float, ...]
    judged: bool = True
    """False where the run was too short or too small for its target to say anything."""
    note: str = ""

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def verdict(self) -> str:
        return verdict(self.id, self.median) if self.judged else ""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "unit": self.unit,
            "median": round(self.median, 4),
            "min": round(min(self.values), 4),
            "max": round(max(self.values), 4),
            "runs": [round(value, 4) for value in self.values],
            "limit": LIMITS.get(self.id),
            "verdict": self.verdict,
            "note": self.note,
        }


def document(figures: Sequence[Figure], facts: dict[str, Any], options: dict[str, Any], at: str) -> dict[str, Any]:
    """Return what is stored: `at` (RFC 3339), the host's `facts`, the run's `options` and every figure."""
    return {
        "format": FORMAT,
        "at": at,
        "host": facts,
        "options": options,
        "figures": [figure.as_json() for figure in figures],
    }


def table(figures: Sequence[Figure]) -> str:
    """Return one line for each figure: median, the spread of its runs, the limit and whether it was met."""
    rows = [("", "median", "min", "max", "limit", "")]
    for figure in figures:
        limit = LIMITS.get(figure.id)
        rows.append(
            (
                f"{figure.title}, {figure.unit}" if figure.unit else figure.title,
                number(figure.median),
                number(min(figure.values)) if len(figure.values) > 1 else "",
                number(max(figure.values)) if len(figure.values) > 1 else "",
                "" if limit is None else number(limit),
                " ".join(filter(None, (figure.verdict, figure.note and f"({figure.note})"))),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    return "\n".join(
        "  ".join(
            (row[0].ljust(widths[0]), *(row[column].rjust(widths[column]) for column in range(1, 5)), row[5])
        ).rstrip()
        for row in rows
    )


def number(value: float) -> str:
    """Return three figures, or all of them from a hundred up."""
    if value == 0:
        return "0"
    if abs(value) >= 100:  # noqa: PLR2004 - three figures
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"  # noqa: PLR2004 - three figures
