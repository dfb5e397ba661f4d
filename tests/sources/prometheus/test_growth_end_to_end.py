"""From a real server's past and present to a finding about dollars, by the engine's own hands."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from finops_tui.clock import SimulatedClock
from finops_tui.engine.compose import Composer
from finops_tui.engine.settings import EngineSettings
from finops_tui.model.finding import Severity
from finops_tui.model.fleet import Fleet
from finops_tui.model.observations import HistorySeen, UsageReadings
from finops_tui.model.snapshot import Mode, Snapshot
from tests.servers.prometheus import prometheus_with
from tests.sources.prometheus.collect import of, source, until
from tests.sources.prometheus.samples import Samples
from tests.sources.prometheus.world import GIB, MIB

HOUR, DAY = 3600, 86_400


def sent(now: int, usual: float, lately: float) -> Samples:
    """Return five days of a namespace's egress in MiB/s, and the last ten minutes of it."""
    start = now - 5 * DAY
    samples = Samples(start, now + HOUR, step=60)
    labels = {"namespace": "ml", "pod_name": "chat-0", "internet": "true", "same_region": "true", "same_zone": "false"}
    samples.add(
        "kubecost_pod_network_egress_bytes_total",
        labels,
        lambda at: MIB * (usual * (at - start) + (lately - usual) * max(0, at - now + 600)),
    )
    claim = {"namespace": "ml", "persistentvolumeclaim": "data", "volumename": "pv"}
    samples.add("kube_persistentvolumeclaim_info", claim, 1)
    samples.add("kube_persistentvolume_capacity_bytes", {"persistentvolume": "pv"}, lambda at: _capacity(at, now) * GIB)
    return samples


def _capacity(at: float, now: int) -> float:
    return 30_000 if at < now - DAY else 90_000


async def found(samples: Samples, folder: Path) -> Snapshot:
    """Return what the engine shows after it has looked for 25 minutes."""
    fleet, composer = Fleet(), Composer(EngineSettings(), Mode.LIVE, 1.0)
    with prometheus_with(samples.text(), folder) as url:
        watched = source(url, history_days=4, clock=SimulatedClock(datetime.now(UTC), speed=20))
        seen = await until(watched, lambda seen: len(of(seen, HistorySeen)) == 2 and bool(of(seen, UsageReadings)))
    for observation in seen:
        fleet.fold(observation)
    began = of(seen, UsageReadings)[-1].at
    snapshots = [composer.compose(fleet, began + timedelta(minutes=minute)) for minute in range(36)]
    return snapshots[-1]


async def test_more_egress_than_ever_at_this_hour_and_volumes_that_grew(tmp_path: Path) -> None:
    snapshot = await found(sent(int(time.time()) // 60 * 60, usual=2.0, lately=80.0), tmp_path)
    (row,) = snapshot.usage
    assert row.key == "prod-us/ml"
    findings = {finding.name: finding for finding in snapshot.findings if finding.kind == "growth"}
    assert set(findings) == {"ml egress", "ml volumes"}
    egress = findings["ml egress"]
    assert egress.excess_usd_per_hour is not None
    assert 22 < egress.excess_usd_per_hour < 26, "78 MiB/s more are 274 GiB an hour at $0.09"
    assert egress.severity is Severity.TICKET
    assert egress.burned_usd is not None
    assert egress.burned_usd > 5
    volumes = findings["ml volumes"]
    assert "29.3 TiB" in volumes.why
    assert "87.9 TiB" in volumes.why
    assert volumes.severity is Severity.TICKET, "$6.6/h for a day"


async def test_what_it_always_sends_is_no_finding(tmp_path: Path) -> None:
    snapshot = await found(sent(int(time.time()) // 60 * 60, usual=80.0, lately=80.0), tmp_path)
    assert [finding.name for finding in snapshot.findings if finding.kind == "growth"] == ["ml volumes"]
