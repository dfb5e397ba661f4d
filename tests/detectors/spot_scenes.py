"""Scenes of spot capacity that comes and goes: nodes, interruptions, and the rows that are made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from finops_tui.detectors.base import Scene
from finops_tui.model.fleet import Fleet
from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType
from finops_tui.model.observations import NodesSeen, SpotInterrupted
from finops_tui.model.scope import TOTAL, ScopeKind
from finops_tui.model.snapshot import InterruptionRow, SloRow, SpendRow, SpotRow
from finops_tui.model.spot import Interruption
from tests.engine.fleets import node
from tests.samples import NOON, empty_snapshot

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LONG_AGO = NOON - 90 * HOUR
TYPE = "p4d.24xlarge"


def standing(
    number: int, pool: str = "a100-spot", *, spot: bool = True, at: datetime = LONG_AGO, zone: str | None = None
) -> list[Node]:
    kind = CapacityType.SPOT if spot else CapacityType.ON_DEMAND
    return [
        node(
            f"{pool}-{kind}-{at:%d%H%M}-{index}",
            pool=pool,
            capacity_type=kind,
            zone=f"z{index % 3}" if zone is None else zone,
            created_at=at,
            instance_type=TYPE,
        )
        for index in range(number)
    ]


def taken(
    number: int,
    at: datetime,
    pool: str = "a100-spot",
    *,
    cluster: str = "prod",
    zone: str | None = None,
    every: timedelta = timedelta(seconds=5),
    **given: object,
) -> list[InterruptionRow]:
    """So many losses of one pool, the first one at `at`. They alternate between three zones unless one is named."""
    return [
        replace(
            InterruptionRow(
                key=f"{cluster}/{pool}/{at.isoformat()}/{index}",
                at=at + index * every,
                cluster=cluster,
                pool=pool,
                node=f"{pool}-{at:%d%H%M}-{index}",
                reason="reclaimed",
                zone=f"z{index % 3}" if zone is None else zone,
                gpus=8,
            ),
            **given,
        )
        for index in range(number)
    ]


def spot_row(pool: str = "a100-spot", *, usd: float | None = 0.0, spot: int = 4, **given: object) -> SpotRow:
    fields: dict[str, object] = {
        "key": f"prod/{pool}",
        "name": pool,
        "cluster": "prod",
        "nodes": 12,
        "spot_nodes": spot,
        "lost_1h": 8,
        "lost_24h": 8,
        "lost_usd_per_hour": usd,
        "last_lost_at": NOON,
    }
    return SpotRow(**(fields | given))  # type: ignore[arg-type]  # test data by name


def pool_spend(pool: str = "a100-spot", usd: float | None = 96.2) -> SpendRow:
    return SpendRow(
        key=f"prod/{pool}",
        kind=ScopeKind.POOL,
        name=f"pool/{pool}",
        cluster="prod",
        owner="platform",
        usd_per_hour=usd,
    )


def slo_row(pool: str) -> SloRow:
    return SloRow(
        key="prod/chat ttft", name="chat ttft", cluster="prod", service="chat", objective=0.99, windows=(),
        budget_left=0.5, exhausted_in_seconds=None, pool=pool,
    )  # fmt: skip


def scene(
    now: datetime,
    losses: Iterable[InterruptionRow],
    nodes: Sequence[Node] = (),
    *,
    spot: Sequence[SpotRow] = (),
    pools: Sequence[SpendRow] = (),
    slos: Sequence[SloRow] = (),
    total_usd: float | None = 800.0,
    instance_type: str = TYPE,
) -> Scene:
    fleet = Fleet()
    fleet.fold(NodesSeen(at=now, source="k", cluster="prod", nodes=tuple(nodes), complete=True))
    rows = sorted(losses, key=lambda row: (row.at, row.key), reverse=True)
    for row in rows:
        told = Interruption(
            id=row.key, node=row.node, pool=row.pool, reason=row.reason, instance_type=instance_type, zone=row.zone
        )
        fleet.fold(SpotInterrupted(at=row.at, source="k", cluster=row.cluster, interruption=told))
    total = SpendRow(key=TOTAL.name, kind=ScopeKind.TOTAL, name="total", cluster="", owner="", usd_per_hour=total_usd)
    snapshot = replace(
        empty_snapshot(),
        at=now,
        spot=tuple(spot),
        slos=tuple(slos),
        interruptions=tuple(row for row in rows if row.at <= now),
        spend={ScopeKind.POOL: tuple(pools), ScopeKind.TOTAL: (total,)},
    )
    return Scene(snapshot=snapshot, fleet=fleet, now=now)
