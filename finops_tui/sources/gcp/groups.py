"""What holds machines in a project and has a size: GKE node pools, and instance groups that GKE did not make. Free.

https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters/list
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.model.cloud import MachineGroup
from finops_tui.model.observations import Observation
from finops_tui.sources.billing.beside import Told
from finops_tui.sources.billing.calls import Calls
from finops_tui.sources.billing.feed import checked
from finops_tui.sources.billing.groups import Regions, size
from finops_tui.sources.clean import one_line
from finops_tui.sources.gcp.access import COMPUTE, GKE, machines_service
from finops_tui.sources.gcp.aggregated import path, region
from finops_tui.sources.gcp.instance_groups import (
    KIND,
    Manager,
    Managers,
    accelerators,
    bounds,
    group,
    managers,
    shapes,
)
from finops_tui.sources.gcp.settings import GcpSettings
from finops_tui.sources.gcp.tokens import Token

POOL, AUTOPILOT = "gke-nodepool", "gke-autopilot"
"""Pools of clusters that somebody sizes, and of those that Google does, which are not billed by their machines."""
NEVER_USED = "has not been used in project"
"""Google's words where an API is not enabled: there is nothing of it then, and nothing is amiss."""
_FIELDS = (
    "clusters(name,location,locations,autopilot/enabled,nodePools(name,status,locations,initialNodeCount,"
    "instanceGroupUrls,autoscaling,config(machineType,spot,preemptible,accelerators))),missingZones"
)
"""A cluster also tells certificates, and what it is started with: nobody asks for those."""

T = TypeVar("T")


class Project:
    """One project, asked for its groups."""

    def __init__(self, settings: GcpSettings, token: Token, clock: Clock, source: str, name: str) -> None:
        self.name = name
        self._settings = settings
        self._token = token
        self._clock = clock
        self._pools = Regions(source, name, POOL, AUTOPILOT)
        self._groups = Regions(source, name, KIND)

    async def look(self) -> Told:
        """Ask once. Trouble is in the answer: what is missing, with the permission that it takes."""
        settings, name = self._settings, self.name
        compute = Calls(machines_service(settings, self._token, name, COMPUTE), self._clock)
        container = Calls(machines_service(settings, self._token, name, GKE), self._clock)
        faults: dict[str, SourceError] = {}
        told: list[Observation] = []
        try:
            known = await self._tried("instance groups", managers(compute, settings, name), faults)
            pools = await self._tried("GKE node pools", node_pools(container, settings, name, known), faults)
            if pools is not None:
                told += self._pools.told(pools[0], self._clock.now(), self._silent("GKE node pools", pools[1], faults))
            if known is not None:
                own = [each for each in known.all.values() if not each.by_gke]
                found = await self._with_bounds(compute, own, faults)
                told += self._groups.told(
                    found, self._clock.now(), self._silent("instance groups", known.silent, faults)
                )
        finally:
            await compute.close()
            await container.close()
        return Told(observations=tuple(told), faults=faults)

    async def _with_bounds(
        self, compute: Calls, own: list[Manager], faults: dict[str, SourceError]
    ) -> Iterable[MachineGroup]:
        if not own:
            return ()
        asked = compute, self._settings, self.name
        limits = await self._tried("autoscalers", bounds(*asked), faults) or {}
        known = await self._tried("instance templates", shapes(*asked), faults) or {}
        return (group(each, limits, known, self.name) for each in own)

    async def _tried(self, what: str, asked: Awaitable[T], faults: dict[str, SourceError]) -> T | None:
        try:
            return await checked(asked)
        except SourceError as error:
            if NEVER_USED not in error.title:
                faults[f"{what} of {self.name}"] = error
            return None

    def _silent(self, what: str, regions: frozenset[str], faults: dict[str, SourceError]) -> frozenset[str]:
        if regions:
            title = f"{', '.join(sorted(regions))} did not answer"
            faults[f"{what} of {self.name}"] = SourceError(title, "", "Look at Google Cloud's status page.")
        return regions


async def node_pools(
    calls: Calls, settings: GcpSettings, project: str, known: Managers | None
) -> tuple[tuple[MachineGroup, ...], frozenset[str]]:
    """Return all node pools of a project, and the regions that did not answer.

    A node pool does not tell its size: the instance groups behind it do, as far as they are `known`.
    Raises SourceError, and others where the answer is of another shape.
    """
    address = f"{settings.container_url}/v1/projects/{quote(project, safe=':')}/locations/-/clusters"
    told = await calls.get(address, (("fields", _FIELDS),)) or {}
    found = [
        _pool(pool, cluster, project, known)
        for cluster in told.get("clusters") or ()
        for pool in cluster.get("nodePools") or ()
    ]
    return tuple(found), frozenset(region(zone) for zone in told.get("missingZones") or ())


def _pool(pool: Mapping[str, Any], cluster: Mapping[str, Any], project: str, known: Managers | None) -> MachineGroup:
    config = pool.get("config") or {}
    zones = max(1, len(pool.get("locations") or cluster.get("locations") or ()))
    minimum, maximum = _bounds(pool.get("autoscaling") or {}, zones)
    behind = _behind(pool, known)
    machine = one_line(config.get("machineType") or "", 80)
    return MachineGroup(
        kind=AUTOPILOT if (cluster.get("autopilot") or {}).get("enabled") else POOL,
        account=project,
        region=region(cluster["location"]),
        name=one_line(pool["name"]),
        cluster=one_line(cluster["name"]),
        instance_types=(machine,) if machine else (),
        accelerators=accelerators(machine, config.get("accelerators")),
        spot=bool(config.get("spot") or config.get("preemptible")) if config else None,
        minimum=minimum,
        maximum=maximum,
        desired=_desired(pool, zones, behind),
        running=_sum(each.running for each in behind) if behind else None,
        state=one_line(pool.get("status") or "", 60),
    )


def _behind(pool: Mapping[str, Any], known: Managers | None) -> list[Manager]:
    """Return the instance groups of a pool, one for each zone; none where not all of them are known."""
    paths = [path(link) for link in pool.get("instanceGroupUrls") or ()]
    found = [known.all[each] for each in paths if each in known.all] if known is not None else []
    return found if len(found) == len(paths) else []


def _desired(pool: Mapping[str, Any], zones: int, behind: list[Manager]) -> int | None:
    """Return how many machines a pool is to have.

    Resizing by hand sets `initialNodeCount`, which is for each zone; the cluster autoscaler leaves it as it is.
    """
    if behind:
        return _sum(each.desired for each in behind)
    each = None if (pool.get("autoscaling") or {}).get("enabled") else size(pool.get("initialNodeCount", 0))
    return None if each is None else each * zones


def _bounds(scaling: Mapping[str, Any], zones: int) -> tuple[int | None, int | None]:
    """Return the bounds for all zones together; a bound that Google leaves out is 0."""
    if not scaling.get("enabled"):
        return None, None
    totals = size(scaling.get("totalMinNodeCount", 0)), size(scaling.get("totalMaxNodeCount", 0))
    if any(totals):
        return totals
    least, most = size(scaling.get("minNodeCount", 0)), size(scaling.get("maxNodeCount", 0))
    return None if least is None else least * zones, None if most is None else most * zones


def _sum(sizes: Iterable[int | None]) -> int | None:
    told = list(sizes)
    return None if None in told else sum(each for each in told if each is not None)
