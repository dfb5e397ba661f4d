"""What a source says until a test has heard enough."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from finops_tui.clock import Clock, WallClock
from finops_tui.model.health import HealthState
from finops_tui.model.observations import Observation, SourceHealth
from finops_tui.sources.inventory_share import InventoryShare
from finops_tui.sources.prometheus.settings import PrometheusSettings
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from finops_tui.sources.prometheus.source import PrometheusSource

T = TypeVar("T", bound=Observation)
PATIENCE_SECONDS = 60.0


def settings(url: str, **more: object) -> PrometheusSettings:
    return PrometheusSettings.model_validate({"cluster": "prod-us", "url": url, "history_days": 0, **more})


def source(
    url: str,
    *,
    slos: tuple[SloDefinition, ...] = (),
    inventory: bool = False,
    clock: Clock | None = None,
    payers: tuple[str, ...] = ("team", "model"),
    **more: object,
) -> PrometheusSource:
    share = InventoryShare() if inventory else None
    return PrometheusSource(settings(url, **more), clock or WallClock(), slos, share=share, payers=payers)


async def until(watched: PrometheusSource, enough: Callable[[list[Observation]], bool]) -> list[Observation]:
    """Return what the source says until there is enough of it."""
    seen: list[Observation] = []
    stream = watched.observe()

    async def read() -> None:
        async for observation in stream:
            seen.append(observation)
            if enough(seen):
                return

    try:
        await asyncio.wait_for(read(), PATIENCE_SECONDS)
    finally:
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator, which the protocol does not say
    return seen


async def one_round(watched: PrometheusSource) -> list[Observation]:
    """Return what the source says in its first round: it ends with the second answer about its health."""

    def enough(seen: list[Observation]) -> bool:
        return sum(told.state is not HealthState.CONNECTING for told in of(seen, SourceHealth)) >= 2

    return await until(watched, enough)


def about(value: float, *, rel: float | None = None) -> Any:
    """Return what equals every figure near `value`, whatever type it is compared with."""
    return pytest.approx(value, rel=rel)


def of(seen: list[Observation], kind: type[T]) -> list[T]:
    return [observation for observation in seen if isinstance(observation, kind)]
