"""What holds machines in a subscription and has a size: AKS agent pools, and scale sets that AKS did not make. Free.

https://learn.microsoft.com/rest/api/aks/managed-clusters/list
https://learn.microsoft.com/rest/api/compute/virtual-machine-scale-sets/list-all
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from finops_tui.clock import Clock
from finops_tui.errors import SourceError
from finops_tui.model.cloud import MachineGroup
from finops_tui.model.observations import Observation
from finops_tui.sources.azure.access import AKS, READER, SCALE_SETS, Desk, service
from finops_tui.sources.azure.settings import AzureScope, AzureSettings
from finops_tui.sources.azure.tokens import Token
from finops_tui.sources.billing.beside import Told
from finops_tui.sources.billing.calls import Calls
from finops_tui.sources.billing.feed import checked
from finops_tui.sources.billing.groups import Regions, size
from finops_tui.sources.billing.values import moment
from finops_tui.sources.clean import one_line

POOL, SCALE_SET = "aks-agentpool", "vmss"
MADE_BY_AKS = "aks-managed-poolname"
"""The tag, in lower case, that AKS puts on the scale sets behind its pools."""
NEVER_USED = "not registered to use namespace"
"""Azure's words where a subscription has never had such a thing: there is none then, and nothing is amiss."""
STOPPED = "Stopped"
MIXED = "Mix"
"""Size of a scale set that chooses among several."""
_AKS_VERSION = ("api-version", "2025-10-01")
_COMPUTE_VERSION = ("api-version", "2024-11-01")
_GROUP = re.compile(r"/resourceGroups/([^/]+)/", re.IGNORECASE)


class Holder:
    """One subscription or resource group, asked for its groups."""

    def __init__(self, settings: AzureSettings, token: Token, clock: Clock, source: str, scope: AzureScope) -> None:
        self.title = scope.title
        self._settings = settings
        self._token = token
        self._clock = clock
        self._scope = scope
        self._asked = (
            ("AKS agent pools", AKS, agent_pools, Regions(source, scope.account, POOL)),
            ("scale sets", SCALE_SETS, scale_sets, Regions(source, scope.account, SCALE_SET)),
        )

    async def look(self) -> Told:
        """Ask once. Trouble is in the answer: what is missing, with the permission that it takes."""
        faults: dict[str, SourceError] = {}
        told: list[Observation] = []
        for what, needed, read, regions in self._asked:
            calls = Calls(service(self._settings, self._scope, self._token, needed, READER), self._clock)
            desk = Desk(settings=self._settings, scope=self._scope, calls=calls)
            try:
                told += regions.told(await checked(read(desk)), self._clock.now())
            except SourceError as error:
                if NEVER_USED not in error.title:
                    faults[f"{what} of {self.title}"] = error
            finally:
                await calls.close()
        return Told(observations=tuple(told), faults=faults)


async def agent_pools(desk: Desk) -> tuple[MachineGroup, ...]:
    """Return the pools of all clusters. Raises SourceError, and others where the answer is of another shape."""
    clusters = desk.pages(_address(desk, "Microsoft.ContainerService/managedClusters"), (_AKS_VERSION,))
    return tuple(
        [
            _pool(pool, cluster, desk.scope.account)
            async for cluster in clusters
            for pool in cluster["properties"].get("agentPoolProfiles") or ()
        ]
    )


async def scale_sets(desk: Desk) -> tuple[MachineGroup, ...]:
    """Return the scale sets that stand behind no pool of AKS. Raises as `agent_pools`."""
    found = desk.pages(_address(desk, "Microsoft.Compute/virtualMachineScaleSets"), (_COMPUTE_VERSION,))
    return tuple([_scale_set(each, desk.scope.account) async for each in found if not _by_aks(each)])


def _address(desk: Desk, what: str) -> str:
    return f"{desk.settings.endpoint}/{desk.scope.scope}/providers/{what}"


def _pool(pool: Mapping[str, Any], cluster: Mapping[str, Any], account: str) -> MachineGroup:
    scaled = bool(pool.get("enableAutoScaling"))
    stopped = STOPPED in {(each.get("powerState") or {}).get("code") for each in (pool, cluster["properties"])}
    nodes = pool.get("virtualMachineNodesStatus") or ()  # of a pool with several sizes
    types = {one_line(each, 80) for each in (pool.get("vmSize"), *(node.get("size") for node in nodes)) if each}
    count = sum(size(node.get("count")) or 0 for node in nodes) if nodes else size(pool.get("count"))
    return MachineGroup(
        kind=POOL,
        account=account,
        region=_region(cluster),
        name=one_line(pool["name"]),
        cluster=one_line(cluster["name"]),
        instance_types=tuple(sorted(types)),
        spot=(pool.get("scaleSetPriority") or "Regular") == "Spot",
        minimum=size(pool.get("minCount")) if scaled else None,
        maximum=size(pool.get("maxCount")) if scaled else None,
        desired=count,
        running=0 if stopped else None,
        state=STOPPED if stopped else one_line(pool.get("provisioningState") or "", 60),
    )


def _by_aks(each: Mapping[str, Any]) -> bool:
    return any(key.casefold() == MADE_BY_AKS for key in each.get("tags") or ())


def _scale_set(each: Mapping[str, Any], account: str) -> MachineGroup:
    sku, told = each.get("sku") or {}, each.get("properties") or {}
    group, name = _GROUP.search(str(each.get("id"))), one_line(each["name"])
    several = [one["name"] for one in (told.get("skuProfile") or {}).get("vmSizes") or ()]
    types = several or ([sku["name"]] if sku.get("name") not in {None, MIXED} else [])
    return MachineGroup(
        kind=SCALE_SET,
        account=account,
        region=_region(each),
        name=f"{one_line(group[1])}/{name}" if group is not None else name,
        instance_types=tuple(sorted({one_line(one, 80) for one in types})),
        spot=_spot(told),
        desired=size(sku.get("capacity")),
        state=one_line(told.get("provisioningState") or "", 60),
        since=moment(told.get("timeCreated")),
    )


def _spot(told: Mapping[str, Any]) -> bool | None:
    """Tell whether its machines are spot machines; None where some are, or each machine has its own profile."""
    profile = told.get("virtualMachineProfile")
    if profile is None or told.get("priorityMixPolicy"):
        return None
    return profile.get("priority") in {"Spot", "Low"}


def _region(each: Mapping[str, Any]) -> str:
    """Return where it is as nodes name it: `West Europe` and `westeurope` are the same."""
    return one_line(each["location"], 60).replace(" ", "").lower()
