"""What the program promises about its own cost. The one table of limits; the bench says for each if it was met."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    figure: str
    """Id of the figure that it judges."""
    limit: float
    """At most this, in the figure's unit."""


TARGETS: tuple[Target, ...] = (
    Target("start.first_frame.ratio", 1.5),
    Target("start.figures.ratio", 2.0),
    Target("start.help.ratio", 3.0),
    Target("start.version.ratio", 3.0),
    Target("line.bytes", 2_000),
    Target("line.cpu.first", 1.5),
    Target("line.cpu", 1.5),
    Target("keys.demo.arrows.p99", 50),
    Target("keys.demo.tab.p99", 50),
    Target("keys.demo.zoom.p99", 50),
    Target("keys.demo.filter.p99", 50),
    Target("keys.demo.hold", 100),
    Target("keys.large.arrows.p99", 100),
    Target("keys.large.tab.p95", 50),
    Target("keys.large.zoom.p95", 50),
    Target("keys.large.filter.p95", 50),
    Target("keys.large.hold", 100),
    Target("burst.key.max", 100),
    Target("size.large.rss", 300),
    Target("size.large.cpu", 25),
    Target("end.quit.time", 1_000),
    Target("end.sigterm.time", 1_000),
    Target("end.sighup.time", 1_000),
    Target("end.closed.time", 1_000),
    Target("end.quit.leftovers", 0),
    Target("end.sigterm.leftovers", 0),
    Target("end.sighup.leftovers", 0),
    Target("end.closed.leftovers", 0),
    Target("end.quit.unrestored", 0),
    Target("end.sigterm.unrestored", 0),
    Target("end.sighup.unrestored", 0),
    Target("ledger.query.p95", 200),
    Target("ledger.forecast.error", 0.5),
    Target("soak.slope", 1.0),
    Target("soak.later", 1.0),
    Target("detbench.f1.short", 0.15),
    Target("detbench.false", 0.18),
    Target("detbench.missed", 0.12),
    Target("detbench.false_pages", 0.20),
    Target("detbench.minutes", 15),
    Target("detbench.burned", 0.15),
    Target("detbench.us_per_point", 50),
    Target("detbench.nab.short", 45),
)

LIMITS = {target.figure: target.limit for target in TARGETS}


def verdict(figure: str, value: float) -> str:
    """Return `met`, `missed`, or nothing where nothing was promised."""
    if figure not in LIMITS:
        return ""
    return "met" if value <= LIMITS[figure] else "missed"
