"""Which group of machines at AWS stands behind a pool of a cluster: its nodes' machines tell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.node_group import NodeGroup
from finops_tui.actions.aws.scaling_group import EKS_CLUSTER, EKS_GROUP, SERVICE, ScalingGroup, described
from finops_tui.actions.cloud.places import Place, place_named
from finops_tui.actions.cloud.pools import Behind, nodes_of
from finops_tui.actions.cloud.things import Ref
from finops_tui.actions.objects import text
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Target
from finops_tui.phrases import counted, listed

AT_ONCE = 50
"""Machines that one request may ask about (DescribeAutoScalingInstances)."""
_MACHINE = re.compile(r"aws:///(?:[a-z0-9-]*)/(i-[0-9a-f]+)")


async def groups_behind(hands: AwsHands, target: Target, fleet: Fleet) -> Behind:
    """Find the groups of a pool. Raises ActionError where that cannot be told, and says why."""
    direct = place_named(target.cluster)
    if direct is not None:
        return Behind(await _refs(hands, direct, [target.key.removeprefix(f"{target.cluster}/")]))
    place = await hands.where(target.cluster)
    if place is None:
        raise ActionError(
            f"In which AWS account {target.cluster} is, is not known",
            "nothing says so, and a group of that name may be in another account as well",
            "Name its account and region under clouds: in config.yaml.",
        )
    machines = await _machines(hands, target, fleet)
    names: set[str] = set()
    held = 0
    for first in range(0, len(machines), AT_ONCE):
        asked = machines[first : first + AT_ONCE]
        answer = await hands.read(place, SERVICE, "DescribeAutoScalingInstances", InstanceIds=asked)
        held += len(answer["AutoScalingInstances"])
        names |= {str(each["AutoScalingGroupName"]) for each in answer["AutoScalingInstances"]}
    if not names:
        raise ActionError(
            f"No group stands behind {target.name}",
            f"none of its {counted(len(machines), 'machine')} is in an Auto Scaling group of {place}",
            "Karpenter's pools are limited instead; check the account and region where that is wrong.",
        )
    return Behind(await _refs(hands, place, sorted(names)), alone=len(machines) - held)


async def _refs(hands: AwsHands, place: Place, names: Sequence[str]) -> tuple[Ref, ...]:
    """Return groups as they are to be changed: those that EKS made through EKS."""
    groups = [each for first in range(0, len(names), AT_ONCE) for each in await _described(hands, place, names, first)]
    if not groups:
        raise ActionError(f"{listed(names)} is not there", f"{place} has no Auto Scaling group of this name")
    refs = []
    for group in groups:
        tags = {str(tag["Key"]): str(tag.get("Value") or "") for tag in group.get("Tags") or ()}
        kind, name = ScalingGroup.kind, str(group["AutoScalingGroupName"])
        if tags.get(EKS_CLUSTER) and tags.get(EKS_GROUP):
            kind, name = NodeGroup.kind, f"{tags[EKS_CLUSTER]}/{tags[EKS_GROUP]}"
        refs.append(Ref(kind=kind, account=place.account, region=place.region, name=name))
    return tuple(sorted(dict.fromkeys(refs), key=lambda each: each.shown))


async def _described(hands: AwsHands, place: Place, names: Sequence[str], first: int) -> list[Mapping[str, Any]]:
    return await described(hands, place, list(names[first : first + AT_ONCE]))


async def _machines(hands: AwsHands, target: Target, fleet: Fleet) -> list[str]:
    """Return the ids of the machines that a pool's nodes are, as the cluster itself says. Raises ActionError."""
    found = [_MACHINE.fullmatch(text(each, "spec", "providerID")) for each in await nodes_of(hands, target, fleet)]
    machines = [each[1] for each in found if each is not None]
    if not machines:
        raise ActionError(f"The nodes of {target.name} are no EC2 machines", "their providerID names none")
    return machines
