from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.prometheus import prometheus_with
from tests.servers.victoriametrics import victoriametrics_with
from tests.sources.prometheus.world import world


@pytest.fixture(scope="session", params=["prometheus", "victoriametrics"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real server that holds the world; each test that asks for it runs once for each kind."""
    start = {"prometheus": prometheus_with, "victoriametrics": victoriametrics_with}[request.param]
    with start(world().text(), tmp_path_factory.mktemp(request.param)) as url:
        yield url
