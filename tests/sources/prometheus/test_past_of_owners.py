"""The past of teams and models: a real Prometheus with the simulated company's past, held against what it was."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from finops_tui.analysis.ownership import Owners, OwnershipRules
from finops_tui.analysis.pricing import PriceBook
from finops_tui.clock import SimulatedClock
from finops_tui.engine.history import Points
from finops_tui.engine.past import priced_past
from finops_tui.model.observations import HistorySeen
from finops_tui.model.scope import Scope, ScopeKind
from finops_tui.simulation.exporter import openmetrics_history
from finops_tui.simulation.usual import Usual
from tests.servers.prometheus import prometheus_with
from tests.sources.prometheus.collect import of, source, until

SEED, CLUSTER = 7, "research"
HOUR, DAYS = 3600, 1
OWN = ("team", "model")


def past_of_a_cluster(now: int) -> Iterator[str]:
    """Yield samples on the hour, where they are asked for, and one of this minute, by which the server is found out."""
    newest = now // HOUR * HOUR
    for last, days, step in ((newest, DAYS, HOUR), (max(now - 30, newest + 1), 0.0, 1)):
        for text in openmetrics_history(SEED, last + step, days + step / 86_400, step, CLUSTER):
            yield from (line for line in text.splitlines() if not line.startswith("#"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("owners")
    (folder / "text").write_text("\n".join(past_of_a_cluster(int(time.time()))) + "\n# EOF\n")
    return folder


async def test_teams_and_models_had_what_they_had(told: Path) -> None:
    with prometheus_with((told / "text").read_text(), told) as url:
        clock = SimulatedClock(datetime.now(UTC), speed=20)
        watched = source(url, cluster=CLUSTER, history_days=DAYS, clock=clock, payers=OWN)
        seen = await until(watched, lambda seen: len(of(seen, HistorySeen)) == 2)
    rules = OwnershipRules(team=("team",), model=("model",))
    past = priced_past([of(seen, HistorySeen)[-1]], PriceBook({}), [CLUSTER], Owners(rules))
    usual = Usual(SEED)
    for scope in (Scope(ScopeKind.TEAM, "research"), Scope(ScopeKind.TEAM, "analytics")):
        points, step = past[scope]
        assert step == HOUR
        assert len(points) > 20 * DAYS
        then = {at: usual.spend(at).get(scope, 0.0) for at, _ in points}
        assert sum(usd for _, usd in points) == pytest.approx(sum(then.values()), rel=0.05)
    teams = [points for scope, (points, _) in past.items() if scope.kind is ScopeKind.TEAM]
    namespaces = [points for scope, (points, _) in past.items() if scope.kind is ScopeKind.NAMESPACE]
    models = [points for scope, (points, _) in past.items() if scope.kind is ScopeKind.MODEL]
    assert len(models) > 2

    def together(of: Sequence[Points]) -> float:
        return sum(usd for points in of for _, usd in points)

    assert together(teams) == pytest.approx(together(namespaces)) == pytest.approx(together(models))
