"""What holds machines and has a size: Auto Scaling groups and EKS node groups."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from finops_tui.model.cloud import MachineGroup, MachineGroupsSeen
from finops_tui.sources.aws.calls import EKS_CLUSTERS, NODE_GROUP, NODE_GROUPS, SCALING_GROUPS
from finops_tui.sources.aws.desk import Desk, Question
from finops_tui.sources.aws.faults import AwsError
from finops_tui.sources.aws.part import Asking, Outcome, Part
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.aws.tags import EKS_NODE_GROUP, cluster_in, read
from finops_tui.sources.aws.values import moment, number
from finops_tui.sources.clean import one_line

ASG = "asg"
NODE_GROUP_KIND = "eks-nodegroup"


def parts(settings: AwsSettings, desk: Desk) -> tuple[Part, ...]:
    if not settings.groups:
        return ()
    every = timedelta(seconds=settings.interval_seconds)
    return tuple(
        part
        for region in desk.regions
        for part in (
            Part(title=f"{SCALING_GROUPS.why} in {region}", every=every, ask=partial(_scaling_groups, region)),
            Part(title=f"EKS node groups in {region}", every=every, ask=partial(_node_groups, region)),
        )
    )


def seen(asking: Asking, region: str, kinds: tuple[str, ...], groups: Iterable[MachineGroup]) -> Outcome:
    """Return the word about all groups of these kinds."""
    told = MachineGroupsSeen(
        **asking.origin(asking.now), account=asking.desk.account, region=region, kinds=kinds, groups=tuple(groups)
    )
    return Outcome(observations=(told,), at=asking.now)


async def _scaling_groups(region: str, asking: Asking) -> Outcome:
    kept = await asking.desk.ask(Question(id=ASG, call=SCALING_GROUPS, params={"MaxRecords": 100}, region=region))
    account = asking.desk.account
    found = (group for page in kept.pages for group in page.get("AutoScalingGroups", ()))
    return seen(asking, region, (ASG,), (_scaling_group(group, account, region) for group in found))


def _scaling_group(group: Mapping[str, Any], account: str, region: str) -> MachineGroup:
    machines = group.get("Instances", ())
    mixed = group.get("MixedInstancesPolicy") or {}
    overrides = (mixed.get("LaunchTemplate") or {}).get("Overrides", ())
    types = {one_line(each.get("InstanceType", "")) for each in (*machines, *overrides)} - {""}
    tags = read(group.get("Tags"))
    above = (mixed.get("InstancesDistribution") or {}).get("OnDemandPercentageAboveBaseCapacity")
    return MachineGroup(
        kind=ASG,
        account=account,
        region=region,
        name=one_line(group.get("AutoScalingGroupName", "")),
        cluster=cluster_in(tags),
        instance_types=tuple(sorted(types)),
        spot=None if above is None else {0: True, 100: False}.get(above),
        minimum=number(group.get("MinSize")),
        maximum=number(group.get("MaxSize")),
        desired=number(group.get("DesiredCapacity")),
        running=sum(machine.get("LifecycleState") == "InService" for machine in machines),
        protected=sum(bool(machine.get("ProtectedFromScaleIn")) for machine in machines),
        suspended=tuple(one_line(each.get("ProcessName", "")) for each in group.get("SuspendedProcesses", ())),
        state=one_line(group.get("Status", "")),
        node_group=tags.get(EKS_NODE_GROUP, ""),
        since=moment(group.get("CreatedTime")),
    )


async def _node_groups(region: str, asking: Asking) -> Outcome:
    desk = asking.desk
    clusters = await desk.ask(Question(id="eks clusters", call=EKS_CLUSTERS, region=region))
    groups: list[Mapping[str, Any]] = []
    for cluster in (name for page in clusters.pages for name in page.get("clusters", ())):
        names = await _names(cluster, region, desk)
        wanted = ({"clusterName": cluster, "nodegroupName": name} for name in names)
        asked = (desk.page(Question(id="eks", call=NODE_GROUP, params=params, region=region)) for params in wanted)
        groups += [page.get("nodegroup") or {} for page in await asyncio.gather(*asked) if page is not None]
    return seen(asking, region, (NODE_GROUP_KIND,), (_node_group(group, desk.account, region) for group in groups))


async def _names(cluster: str, region: str, desk: Desk) -> tuple[str, ...]:
    """Return the names of a cluster's node groups; none where it is gone by now."""
    try:
        kept = await desk.ask(Question(id="eks", call=NODE_GROUPS, params={"clusterName": cluster}, region=region))
    except AwsError as error:
        if error.gone:
            return ()
        raise
    return tuple(name for page in kept.pages for name in page.get("nodegroups", ()))


def _node_group(group: Mapping[str, Any], account: str, region: str) -> MachineGroup:
    sizes = group.get("scalingConfig") or {}
    return MachineGroup(
        kind=NODE_GROUP_KIND,
        account=account,
        region=region,
        name=one_line(group.get("nodegroupName", "")),
        cluster=one_line(group.get("clusterName", "")),
        instance_types=tuple(one_line(each) for each in group.get("instanceTypes") or ()),
        spot={"SPOT": True, "ON_DEMAND": False}.get(group.get("capacityType", "")),
        minimum=number(sizes.get("minSize")),
        maximum=number(sizes.get("maxSize")),
        desired=number(sizes.get("desiredSize")),
        state=one_line(group.get("status", "")),
    )
