"""Objectives that Sloth or Pyrra generated recording rules for: found, not configured."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from finops_tui.model.observations import Observation, SliReadings, SlosSeen
from finops_tui.model.slo import SliReading, Slo
from finops_tui.sources.prometheus.answer import Answer, Sample
from finops_tui.sources.prometheus.catalogue import BY_ID
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.slis import defined
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from finops_tui.sources.prometheus.windows import BURN_WINDOWS, DAY, MINUTE, nearest, seconds_of

DEFAULT_PERIOD_SECONDS = 30 * DAY
RATE_WINDOW_SECONDS = 5 * MINUTE

Measured = defaultdict[str, set[int]]
"""By objective, the windows that its rules were seen to record."""


@dataclass(slots=True)
class _Imported:
    slos: list[Slo] = field(default_factory=list)
    readings: dict[tuple[str, int], SliReading] = field(default_factory=dict)
    refused: bool = False
    """Not every query was answered."""

    def know(self, slo: Slo, windows: Iterable[int]) -> None:
        """Take in an objective. A window that nothing is said of had no traffic: it must not keep its last figure."""
        self.slos.append(slo)
        for seconds in windows:
            self.add(slo.id, seconds, None)

    def add(self, slo_id: str, seconds: int, error_ratio: float | None, events: float | None = None) -> None:
        ratio = None if error_ratio is None else min(1.0, max(0.0, error_ratio))
        self.readings[slo_id, seconds] = SliReading(
            slo_id=slo_id, window_seconds=seconds, error_ratio=ratio, events=events
        )


class Objectives:
    """Tells all objectives, the config's too, because `SlosSeen` replaces what the source said before.

    What is defined there and recorded by rules as well is one objective, and is measured by its definition alone.
    """

    def __init__(self, slos: tuple[SloDefinition, ...], every_seconds: float) -> None:
        self.every_seconds = every_seconds
        self._own = slos
        self._said: tuple[Slo, ...] = ()
        self._known: dict[str, list[Slo]] = {}
        """By generator, what it last told whole."""
        self._measured: Measured = defaultdict(set)

    async def read(self, desk: Desk, told: Told, at: datetime) -> Sequence[Observation]:
        told_now = await asyncio.gather(_sloth(desk, told.cluster), _pyrra(desk, told.cluster, self._measured))
        sloth, pyrra = self._not_forgetting("sloth", told_now[0]), self._not_forgetting("pyrra", told_now[1])
        observations: list[Observation] = []
        own = [defined(slo, told.cluster) for slo in self._own]
        slos = tuple({slo.id: slo for slo in (*pyrra.slos, *sloth.slos, *own)}.values())
        if slos != self._said:
            self._said = slos
            observations.append(SlosSeen(at=at, source=told.source, cluster=told.cluster, slos=slos))
        defined_here = {slo.id for slo in own}
        readings = tuple(
            reading
            for (slo_id, _), reading in {**pyrra.readings, **sloth.readings}.items()
            if slo_id not in defined_here
        )
        if readings:
            observations.append(SliReadings(at=at, source=told.source, cluster=told.cluster, readings=readings))
        return observations

    def _not_forgetting(self, generator: str, imported: _Imported) -> _Imported:
        """Keep the objectives that are known while queries are refused; without new readings they grow stale."""
        if not imported.refused:
            self._known[generator] = imported.slos
        elif generator in self._known:
            return _Imported(self._known[generator])
        return imported


async def _ask(desk: Desk, *query_ids: str) -> tuple[list[tuple[Sample, ...]], bool]:
    """Return the samples of each, and whether any was refused."""
    answers: list[Answer | None] = await asyncio.gather(*(desk.ask(BY_ID[query_id]) for query_id in query_ids))
    refused = any(query_id in desk.missing for query_id in query_ids)
    return [answer.samples if answer is not None else () for answer in answers], refused


async def _sloth(desk: Desk, cluster: str) -> _Imported:
    """Sloth's rules: slok/sloth pkg/common/conventions/slo.go."""
    (objectives, periods, errors, remaining), refused = await _ask(
        desk, "sloth.objectives", "sloth.periods", "sloth.errors", "sloth.remaining"
    )
    imported = _Imported(refused=refused)
    days = {sample.label("sloth_id"): sample.value for sample in periods}
    known: dict[str, Slo] = {}
    for sample in objectives:
        sloth_id = sample.label("sloth_id")
        if not sloth_id or sample.value is None:
            continue
        service, name = sample.label("sloth_service"), sample.label("sloth_slo")
        known[sloth_id] = Slo(
            id=f"{cluster}/{service or sloth_id}/{name or sloth_id}",
            name=name or sloth_id,
            cluster=cluster,
            service=service,
            objective=sample.value,
            period_seconds=(days.get(sloth_id) or DEFAULT_PERIOD_SECONDS / DAY) * DAY,
            origin="Sloth",
        )
    for slo in known.values():
        imported.know(slo, BURN_WINDOWS)
    for sample in remaining:  # replaced below where the period's own ratio is recorded
        if (of := known.get(sample.label("sloth_id"))) is not None and sample.value is not None:
            imported.add(of.id, int(of.period_seconds), (1 - sample.value) * (1 - of.objective))
    for sample in errors:
        seconds = seconds_of(sample.label("sloth_window"))
        if (of := known.get(sample.label("sloth_id"))) is not None and seconds is not None:
            imported.add(of.id, seconds, sample.value)
    return imported


async def _pyrra(desk: Desk, cluster: str, measured: Measured) -> _Imported:
    """Pyrra's generic rules, and its burn rates, which are error ratios: pyrra-dev/pyrra slo/rules.go.

    Its windows are scaled by the objective's period, so only those that were seen (`measured`) are known to be.
    """
    (objectives, periods, errors, availability, requests), refused = await _ask(
        desk, "pyrra.objectives", "pyrra.periods", "pyrra.errors", "pyrra.availability", "pyrra.requests"
    )
    imported = _Imported(refused=refused)
    windows = {_pyrra_key(sample): sample.value for sample in periods}
    known: dict[tuple[str, str], Slo] = {}
    for sample in objectives:
        key = _pyrra_key(sample)
        if not key[1] or sample.value is None:
            continue
        known[key] = Slo(
            id=f"{cluster}/{key[0] or key[1]}/{key[1]}",
            name=key[1],
            cluster=cluster,
            service=key[0] or key[1],
            objective=sample.value,
            period_seconds=windows.get(key) or float(DEFAULT_PERIOD_SECONDS),
            origin="Pyrra",
            namespace=key[0],
        )
    ratios = [
        (slo, seconds, sample)
        for sample, slo in _of(known, errors)
        if (seconds := seconds_of(sample.label("__name__").rpartition(":burnrate")[2])) is not None
    ]
    for slo, seconds, _ in ratios:
        measured[slo.id].add(nearest(seconds))
    for slo in known.values():
        imported.know(slo, measured[slo.id])
    for sample, slo in _of(known, availability):
        imported.add(slo.id, int(slo.period_seconds), None if sample.value is None else 1 - sample.value)
    rates = {_pyrra_key(sample): sample.value for sample in requests}
    for slo, seconds, sample in ratios:
        rate = rates.get(_pyrra_key(sample)) if seconds == RATE_WINDOW_SECONDS else None
        imported.add(slo.id, nearest(seconds), sample.value, None if rate is None else rate * seconds)
    return imported


def _of(known: dict[tuple[str, str], Slo], samples: Iterable[Sample]) -> Iterable[tuple[Sample, Slo]]:
    return ((sample, known[key]) for sample in samples if (key := _pyrra_key(sample)) in known)


def _pyrra_key(sample: Sample) -> tuple[str, str]:
    """Names of objectives may repeat across namespaces."""
    return sample.label("namespace"), sample.label("slo")
