from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from finops_tui.clock import Clock, WallClock
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import Observation, SourceHealth
from finops_tui.sources.inventory_share import InventoryShare
from finops_tui.sources.kubernetes import reader, source
from finops_tui.sources.kubernetes.settings import KubernetesSettings
from finops_tui.sources.kubernetes.source import KubernetesSource
from tests.conftest import CI
from tests.servers.kube_apiserver import find_binary
from tests.servers.kube_double import KubeDouble, kube_double

# A control plane has no package to install. On a user's machine its tests skip with a reason; in CI, where a skip is a
# failure, they are there wherever $KUBE_BINARIES or PATH has its programs.
collect_ignore = ["test_real_cluster.py"] if CI and not find_binary("kube-apiserver") else []


@pytest.fixture
def double() -> Iterator[KubeDouble]:
    with kube_double() as server:
        yield server


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for as long as it takes, but never for the sake of waiting."""
    monkeypatch.setattr(reader, "FIRST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(reader, "LONGEST_WAIT_SECONDS", 0.5)
    monkeypatch.setattr(reader, "REFUSED_WAIT_SECONDS", 0.3)
    monkeypatch.setattr(source, "FLUSH_SECONDS", 0.02)
    monkeypatch.setattr(source, "RETRY_SECONDS", (0.05, 0.2))


class Watcher:
    """A source that runs beside the test, and the fleet that it fills."""

    def __init__(
        self, settings: KubernetesSettings, share: InventoryShare | None = None, clock: Clock | None = None
    ) -> None:
        self.source = KubernetesSource(settings, clock or WallClock(), share)
        self.fleet = Fleet()
        self.seen: list[Observation] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._observe())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _observe(self) -> None:
        async for observation in self.source.observe():
            self.seen.append(observation)
            self.fleet.fold(observation)

    async def until(self, condition: Callable[[], Any], seconds: float = 10.0) -> None:
        """Wait until it is so; the source must not have ended meanwhile."""
        assert self._task is not None
        async with asyncio.timeout(seconds):
            while not condition():
                if self._task.done():
                    self._task.result()
                await asyncio.sleep(0.005)

    @property
    def health(self) -> SourceHealth:
        return self.fleet.health[self.source.name]

    def state(self) -> str:
        return self.health.state.value if self.source.name in self.fleet.health else ""

    @property
    def nodes(self) -> set[str]:
        return set(self.fleet.cluster("prod").nodes)

    @property
    def workloads(self) -> set[str]:
        return {key.removeprefix("prod/") for key in self.fleet.cluster("prod").workloads}


@pytest.fixture
def settings(double: KubeDouble, tmp_path: Path) -> KubernetesSettings:
    return KubernetesSettings(
        cluster="prod", kubeconfig=double.kubeconfig(tmp_path), heartbeat_seconds=1, page_size=10, silence_seconds=30
    )
