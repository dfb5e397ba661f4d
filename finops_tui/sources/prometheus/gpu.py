"""What GPUs do: by node, by device model, by workload."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from finops_tui.model.gpu import GpuMethod, GpuReading, GpuScope
from finops_tui.model.observations import GpuReadings, Observation
from finops_tui.sources.prometheus.answer import Answer, Sample
from finops_tui.sources.prometheus.catalogue import BY_ID
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.owners import Owners
from finops_tui.sources.prometheus.part import Told
from finops_tui.sources.prometheus.settings import Labels

FIGURES = ("devices", "utilization", "profiled", "active", "memory", "power")
BY_SIZE = ("utilization", "active")
"""Figures in which slices of partitioned GPUs weigh as much as they are large, where they say that."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class _Row:
    """Figures of one row of the server's answer. None is not reported."""

    gpus: int
    utilization: float | None = None
    profiled: int = 0
    active: float | None = None
    memory: float | None = None
    power: float | None = None


class GpuByNode:
    """One query for each figure serves nodes and models alike: its rows are (node, model)."""

    def __init__(self, labels: Labels, every_seconds: float) -> None:
        self.every_seconds = every_seconds
        self._labels = labels

    async def read(self, desk: Desk, told: Told, at: datetime) -> Sequence[Observation]:
        answers = await _ask(desk, "gpu", desk.by_node)
        host, model = self._labels.host, self._labels.model
        rows = _rows(answers, lambda sample: (sample.label(*host), sample.label(*model)))
        if rows is None:
            return ()
        by_node = _readings((node, row) for (node, _), row in rows.items() if node)
        by_model = _readings((name, row) for (_, name), row in rows.items() if name)
        return (
            GpuReadings(at=at, source=told.source, cluster=told.cluster, scope=GpuScope.NODE, readings=by_node),
            GpuReadings(at=at, source=told.source, cluster=told.cluster, scope=GpuScope.MODEL, readings=by_model),
        )


class GpuByWorkload:
    def __init__(self, owners: Owners, every_seconds: float) -> None:
        self.every_seconds = every_seconds
        self._owners = owners

    async def read(self, desk: Desk, told: Told, at: datetime) -> Sequence[Observation]:
        await self._owners.refresh(desk, at)
        answers = await _ask(desk, "workload", desk.by_workload)
        rows = _rows(answers, _direct_owner)
        if rows is None:
            return ()
        named = ((f"{namespace}/{kind}/{name}", row) for (namespace, kind, name), row in self._topmost(rows))
        return (
            GpuReadings(
                at=at, source=told.source, cluster=told.cluster, scope=GpuScope.WORKLOAD, readings=_readings(named)
            ),
        )

    def _topmost(self, rows: Mapping[tuple[str, str, str], _Row]) -> Iterable[tuple[tuple[str, str, str], _Row]]:
        for (namespace, kind, name), row in rows.items():
            if namespace and kind:
                yield (namespace, *self._owners.topmost(namespace, kind, name)), row


def _direct_owner(sample: Sample) -> tuple[str, str, str]:
    return sample.label("namespace"), sample.label("owner_kind"), sample.label("owner_name")


async def _ask(desk: Desk, family: str, values: Mapping[str, str]) -> dict[str, Answer | None]:
    sized = [f"{figure}_by_size" for figure in BY_SIZE if not desk.is_overridden(BY_ID[f"{family}.{figure}"])]
    asked = (*FIGURES, *sized)
    answers = await asyncio.gather(*(desk.ask(BY_ID[f"{family}.{figure}"], values) for figure in asked))
    told = dict(zip(asked, answers, strict=True))
    better = {figure: answer for figure in BY_SIZE if (answer := told.get(f"{figure}_by_size")) and answer.samples}
    return {figure: told[figure] for figure in FIGURES} | better


def _rows(answers: Mapping[str, Answer | None], key_of: Callable[[Sample], Key]) -> dict[Key, _Row] | None:
    """Put the figures of one row together; None where not even the devices are known."""
    devices = answers["devices"]
    if devices is None:
        return None
    rows = {key_of(sample): _Row(count) for sample in devices.samples if (count := sample.count) is not None}
    for figure in ("utilization", "profiled", "active", "memory", "power"):
        answer = answers[figure]
        if answer is None:
            continue
        if figure == "active":  # a node that is not in this answer has no device that worked
            for row in rows.values():
                row.active = 0
        for sample in answer.samples:
            found = rows.get(key_of(sample))
            value = sample.count if figure == "profiled" else sample.value
            if found is not None and value is not None:
                setattr(found, figure, min(value, found.gpus) if figure in {"profiled", "active"} else value)
    return rows


def _readings(named: Iterable[tuple[str, _Row]]) -> tuple[GpuReading, ...]:
    """Fold rows of one name into one reading; ratios weigh by devices."""
    grouped: defaultdict[str, list[_Row]] = defaultdict(list)
    for name, row in named:
        grouped[name].append(row)
    return tuple(_reading(name, rows) for name, rows in sorted(grouped.items()))


def _reading(name: str, rows: Sequence[_Row]) -> GpuReading:
    gpus = sum(row.gpus for row in rows)
    active = [row.active for row in rows if row.active is not None]
    power = [row.power for row in rows if row.power is not None]
    profiled = sum(row.profiled for row in rows)
    return GpuReading(
        name=name,
        gpus=gpus,
        active=sum(active) if active else None,
        utilization=_ratio((row.utilization, row.gpus) for row in rows),
        memory_used=_ratio((row.memory, row.gpus) for row in rows),
        power_watts=sum(power) if power else None,
        method=GpuMethod.ENGINE_ACTIVE if profiled >= gpus else GpuMethod.KERNEL_RUNNING,
    )


def _ratio(parts: Iterable[tuple[float | None, int]]) -> float | None:
    """Return the weighted mean within 0 and 1; None where no part is known."""
    known = [(value, weight) for value, weight in parts if value is not None]
    weights = sum(weight for _, weight in known)
    if not weights:
        return None
    return min(1.0, max(0.0, sum(value * weight for value, weight in known) / weights))
