"""Managed instance groups, the bounds that autoscalers keep them in, and the machines that templates make of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finops_tui.model.cloud import MachineGroup
from finops_tui.sources.billing.calls import Calls
from finops_tui.sources.billing.groups import size
from finops_tui.sources.billing.values import moment
from finops_tui.sources.clean import one_line
from finops_tui.sources.gcp.aggregated import listed, path, region
from finops_tui.sources.gcp.settings import GcpSettings

KIND = "mig"
MADE_BY_GKE = ("gke-", "gk3-", "k8s-")
"""How names begin of what GKE makes for its node pools, Autopilot's too, and for load balancers."""
RUNNING = ("none", "refreshing", "restarting", "verifying")
"""What a group may be doing to a machine that runs and stays, in its `currentActions`."""
WITH_GPUS = re.compile(r"[ag]\d")
"""How machine types begin that have GPUs of their own: A2, A3, A4, G2, G4. https://cloud.google.com/compute/docs/gpus"""
SUSPENDED = {"OFF": ("autoscaling",), "ONLY_UP": ("scaling in",), "ONLY_SCALE_OUT": ("scaling in",)}
"""What an autoscaler does not do, by its mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """One instance group."""

    path: str
    name: str
    region: str
    desired: int | None
    running: int | None
    templates: tuple[str, ...]
    """Paths: several while a new one is rolled out."""
    types: tuple[str, ...]
    """Machine types, where it is free to choose among several."""
    state: str
    since: datetime | None

    @property
    def by_gke(self) -> bool:
        """Whether it stands behind a node pool."""
        return self.name.startswith(MADE_BY_GKE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Managers:
    all: Mapping[str, Manager]
    """By path."""
    silent: frozenset[str]
    """Regions that did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    minimum: int | None
    maximum: int | None
    suspended: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What machines a template makes."""

    machine_type: str
    accelerators: str
    spot: bool


async def managers(calls: Calls, settings: GcpSettings, project: str) -> Managers:
    """Return all instance groups. Raises SourceError, and others where the answer is of another shape."""
    fields = (
        "name,selfLink,targetSize,currentActions,instanceTemplate,versions/instanceTemplate,"
        "instanceFlexibilityPolicy/instanceSelections,status/isStable,creationTimestamp"
    )
    found = await listed(calls, settings, project, "instanceGroupManagers", fields)
    told = [_manager(each) for each in found.items]
    return Managers(all={each.path: each for each in told}, silent=found.silent)


async def bounds(calls: Calls, settings: GcpSettings, project: str) -> Mapping[str, Bounds]:
    """Return what autoscalers keep groups in, by path of the group. Raises as `managers`."""
    fields = "target,autoscalingPolicy(minNumReplicas,maxNumReplicas,mode)"
    found = await listed(calls, settings, project, "autoscalers", fields)
    return {path(each["target"]): _bounds(each.get("autoscalingPolicy") or {}) for each in found.items}


async def shapes(calls: Calls, settings: GcpSettings, project: str) -> Mapping[str, Shape]:
    """Return what machines templates make, by path of the template. Raises as `managers`."""
    fields = "selfLink,properties(machineType,guestAccelerators,scheduling(preemptible,provisioningModel))"
    found = await listed(calls, settings, project, "instanceTemplates", fields)
    return {path(each["selfLink"]): _shape(each.get("properties") or {}) for each in found.items}


def group(one: Manager, limits: Mapping[str, Bounds], known: Mapping[str, Shape], project: str) -> MachineGroup:
    """Return one group with its bounds and its machines, as far as they are known."""
    kept, made = limits.get(one.path), [known[each] for each in one.templates if each in known]
    spot = {each.spot for each in made}
    return MachineGroup(
        kind=KIND,
        account=project,
        region=one.region,
        name=one.name,
        instance_types=one.types or tuple(sorted({each.machine_type for each in made})),
        accelerators=" or ".join(sorted({each.accelerators for each in made} - {""})),
        spot=spot.pop() if len(spot) == 1 else None,
        minimum=kept.minimum if kept is not None else None,
        maximum=kept.maximum if kept is not None else None,
        desired=one.desired,
        running=one.running,
        suspended=kept.suspended if kept is not None else (),
        state=one.state,
        since=one.since,
    )


def accelerators(machine_type: str, told: Iterable[Mapping[str, Any]] | None) -> str:
    """Return what was added to each machine, as Google names it: `4 nvidia-tesla-t4`.

    Empty where nothing was, and where what is told belongs to the type.
    """
    if WITH_GPUS.match(machine_type):
        return ""
    found = ((size(each.get("acceleratorCount")), each.get("acceleratorType")) for each in told or ())
    return " and ".join(f"{count} {one_line(str(kind).rpartition('/')[2], 60)}" for count, kind in found if count)


def _manager(each: Mapping[str, Any]) -> Manager:
    place = path(each["selfLink"])
    versions = [each, *(each.get("versions") or ())]
    chosen = ((each.get("instanceFlexibilityPolicy") or {}).get("instanceSelections") or {}).values()
    actions, stable = each.get("currentActions"), bool((each.get("status") or {}).get("isStable"))
    return Manager(
        path=place,
        name=one_line(each["name"]),
        region=region(place.split("/")[2]),
        desired=size(each.get("targetSize")),
        running=None if actions is None else sum(size(actions.get(action)) or 0 for action in RUNNING),
        templates=tuple(sorted({path(version.get("instanceTemplate")) for version in versions} - {""})),
        types=tuple(sorted({one_line(name, 80) for one in chosen for name in one.get("machineTypes") or ()})),
        state="stable" if stable else "not stable",
        since=moment(each.get("creationTimestamp")),
    )


def _bounds(policy: Mapping[str, Any]) -> Bounds:
    return Bounds(
        minimum=size(policy.get("minNumReplicas")),
        maximum=size(policy.get("maxNumReplicas")),
        suspended=SUSPENDED.get(str(policy.get("mode")), ()),
    )


def _shape(told: Mapping[str, Any]) -> Shape:
    scheduling = told.get("scheduling") or {}
    machine_type = one_line(str(told["machineType"]).rpartition("/")[2], 80)
    return Shape(
        machine_type=machine_type,
        accelerators=accelerators(machine_type, told.get("guestAccelerators")),
        spot=bool(scheduling.get("preemptible")) or scheduling.get("provisioningModel") == "SPOT",
    )
