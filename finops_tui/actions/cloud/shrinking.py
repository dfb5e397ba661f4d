"""What it does to resize a group of machines. Pure: from what its cloud tells of it, the fleet and a snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from finops_tui.actions.cloud.outside import outside_row, usd_each
from finops_tui.actions.cloud.places import place_named
from finops_tui.actions.cloud.sizes import Sizes
from finops_tui.actions.cloud.things import About
from finops_tui.actions.effects import NOTHING, Effects
from finops_tui.actions.emptied import STAY, Saving
from finops_tui.actions.objectives import FULL, HOUR, SPENT, Danger, served_from
from finops_tui.model.inventory import Node
from finops_tui.model.money import CapacityType
from finops_tui.model.plan import Risk, Target
from finops_tui.model.snapshot import PoolRow, SloRow, Snapshot
from finops_tui.phrases import burn_rate, counted, listed, rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """What a group holds now."""

    running: int
    protected: int = 0
    """Stay, whatever size is asked for."""
    suspended: frozenset[str] = frozenset()
    """Processes that somebody suspended: `Launch`, `Terminate`."""
    stays: str = ""
    """What goes on costing once machines have ended, in words."""
    reserved: bool = False
    """Whether they are paid for either way."""
    when: str
    """When they end: `within minutes`."""
    how: str
    """Who chooses those that end, and what becomes of their pods."""

    def going(self, wanted: int) -> int:
        """Return how many end for certain."""
        held = "Terminate" in self.suspended
        return 0 if held else max(0, min(self.running - wanted, self.running - self.protected))

    def coming(self, wanted: int) -> int:
        return 0 if "Launch" in self.suspended else max(0, wanted - self.running)

    def blocked(self, wanted: int) -> str:
        """Say what keeps the group from getting that size; empty where nothing does."""
        if self.running > wanted and "Terminate" in self.suspended:
            return "its process Terminate is suspended: no machine ends"
        if wanted < self.protected and self.running > wanted:
            return f"{counted(self.protected, 'machine')} protected from scale-in stay"
        if wanted > self.running and "Launch" in self.suspended:
            return "its process Launch is suspended: no machine starts"
        return ""


def resizing(machines: Machines, before: Sizes, wanted: Sizes, about: About) -> Effects:
    going, coming = machines.going(wanted.wanted), machines.coming(wanted.wanted)
    target, (snapshot, fleet, _), _ = about
    row = next((each for each in snapshot.pools if each.key == target.key), None)
    cluster = fleet.clusters.get(target.cluster)
    nodes = [each for each in cluster.nodes.values() if each.pool_key == target.key] if cluster is not None else []
    each_gpus = max((node.gpus for node in nodes), default=0)
    pods = _most_pods(about, nodes, going)
    return Effects(
        saving=_saving(machines, wanted, _price(about, row), sum(_reserved(node) for node in nodes)),
        danger=_danger(machines, (before, wanted), about.target, row, snapshot),
        touches=_touches(target, going, coming, each_gpus, pods),
        pods=pods,
        gpus=float(each_gpus * (going or coming)),
        nodes=going or coming,
        loses=_loses(pods, machines.how) if going else NOTHING,
    )


def _price(about: About, row: PoolRow | None) -> float | None:
    """Return $/h of one machine: as somebody says, else the mean of its pool or group; None where none is known."""
    if about.price is not None:
        return about.price
    if row is None or row.usd_per_hour is None:
        return usd_each(outside_row(about.target, about.view.snapshot))
    priced = row.nodes - row.unpriced_nodes
    return row.usd_per_hour / priced if priced > 0 else None


def _saving(machines: Machines, wanted: Sizes, price: float | None, reserved: int) -> Saving:
    going, coming = machines.going(wanted.wanted), machines.coming(wanted.wanted)
    blocked = machines.blocked(wanted.wanted)
    if coming:
        usd = None if price is None else -price * coming
        cost = f"adds about {rate(-usd)}" if usd is not None else "what it adds is not known"
        return Saving(usd, f"{cost} once {counted(coming, 'machine')} run")
    if not going:
        return Saving(0.0, f"no machine ends or starts by it{f': {blocked}' if blocked else ''}")
    sure = 0 if machines.reserved else max(0, going - reserved)
    until = [blocked, machines.stays]
    if not sure:
        return Saving(0.0, "reserved machines are paid for either way", until_then=_joined(until))
    if sure < going:
        until.insert(0, f"{counted(reserved, 'machine')} of the pool, reserved, cost the same either way")
    usd = None if price is None else price * sure
    return Saving(usd, f"once {counted(going, 'machine')} are ended, {machines.when}", until_then=_joined(until))


def _joined(parts: list[str]) -> str:
    return "; ".join(filter(None, parts))


def _danger(
    machines: Machines, sizes: tuple[Sizes, Sizes], target: Target, row: PoolRow | None, snapshot: Snapshot
) -> Danger:
    """Judge what it does to end some machines of a pool: as `objectives.fewer` does for the pods of a workload."""
    before, wanted = sizes
    going = machines.going(wanted.wanted)
    if not going and wanted.most >= before.most:
        return Danger(Risk.NONE, "it takes nothing from an SLO")
    if place_named(target.cluster) is not None:
        return Danger(Risk.UNKNOWN, "what the group serves is not known")
    pool = target.key.removeprefix(f"{target.cluster}/")
    slos = served_from(target.cluster, pool, snapshot)
    if not slos:
        return Danger(Risk.NONE, f"no SLO is served from {pool}")
    keys, names = tuple(slo.key for slo in slos), listed([slo.name for slo in slos])
    worst = max((slo.burn(HOUR) or 0.0 for slo in slos), default=0.0)
    if not going:
        return Danger(
            Risk.HIGH if worst > SPENT else Risk.LOW, f"{names}: what runs stays, more may find no node", keys
        )
    share_left = 1 - going / max(machines.running, row.nodes if row is not None else 0)
    return _shared(slos, share_left, row.utilization if row is not None else None)


def _shared(slos: Sequence[SloRow], share_left: float, utilization: float | None) -> Danger:
    """Judge what it does that only this share (0-1) of a pool is left."""
    keys, names = tuple(slo.key for slo in slos), listed([slo.name for slo in slos])
    worst = max((slo.burn(HOUR) or 0.0 for slo in slos), default=0.0)
    now = burn_rate(worst)
    if share_left <= 0:
        burn = max(1 / max(1 - slo.objective, 1e-9) for slo in slos)
        return Danger(Risk.HIGH, f"{names}: no machine is left to serve it, burn {now} → {burn_rate(burn)}", keys)
    if utilization is None:
        return Danger(Risk.UNKNOWN, f"{names}: the pool's utilization is not known, burn {now} now", keys)
    after = utilization / share_left
    turned_away = max(0.0, 1 - 1 / after) if after > 0 else 0.0
    burn = max([worst, *(turned_away / max(1 - slo.objective, 1e-9) for slo in slos)])
    words = f"{names}: utilization {utilization:.0%} → {after:.0%}, burn {now} → {burn_rate(burn)}"
    return Danger(Risk.HIGH if after >= FULL or burn > SPENT else Risk.LOW, words, keys)


def _touches(target: Target, going: int, coming: int, gpus: int, pods: int) -> str:
    if not going and not coming:
        return f"pool {target.key.rpartition('/')[2]}; its machines stay"
    verb = "end" if going else "start"
    machines = going or coming
    parts = [f"{counted(machines, 'machine')} {verb}{'s' if machines == 1 else ''}"]
    parts += [counted(machines * gpus, "GPU")] if gpus else []
    parts += [f"up to {counted(pods, 'pod')}"] if pods else []
    return ", ".join(parts)


def _loses(pods: int, how: str) -> str:
    if not pods:
        return NOTHING
    return f"work of up to {counted(pods, 'pod')} since their last checkpoints: {how}"


def _most_pods(about: About, nodes: list[Node], going: int) -> int:
    """Return how many pods are on the busiest machines: which ones go is not ours to say."""
    cluster = about.view.fleet.clusters.get(about.target.cluster)
    if cluster is None or not going:
        return 0
    names = {node.name for node in nodes}
    pods: Counter[str] = Counter()
    for workload in cluster.workloads.values():
        if workload.kind not in STAY:
            for place in workload.placements:
                if place.node in names:
                    pods[place.node] += place.pods
    return sum(count for _, count in pods.most_common(going))


def _reserved(node: Node) -> bool:
    return node.capacity_type is CapacityType.RESERVED
