"""EC2 machines with GPUs that are in no cluster: nobody else on the screen tells of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from finops_tui.model.cloud import Machine, MachinesSeen
from finops_tui.sources.aws.calls import MACHINES
from finops_tui.sources.aws.desk import Desk, Question
from finops_tui.sources.aws.part import Asking, Outcome, Part
from finops_tui.sources.aws.prices import accelerated
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.aws.tags import cluster_in, read
from finops_tui.sources.aws.values import moment
from finops_tui.sources.clean import one_line

ALLOWED_TAG, ALLOWED = "finops-tui", "allowed"
"""By which its owner says that a machine may be stopped and started from here (docs/actions-clouds.md)."""
GROUP = "aws:autoscaling:groupName"
STOPPED = frozenset({"stopping", "stopped"})
STATES = ("pending", "running", *sorted(STOPPED))
PAGE = 500
FILTER_VALUES = 200
"""So many may be given at once (DescribeInstances)."""


def parts(settings: AwsSettings, desk: Desk) -> tuple[Part, ...]:
    if not settings.groups:
        return ()
    every = timedelta(seconds=settings.interval_seconds)
    return tuple(
        Part(title=f"{MACHINES.why} in {region}", every=every, ask=partial(_machines, region))
        for region in desk.regions
    )


async def _machines(region: str, asking: Asking) -> Outcome:
    desk = asking.desk
    types = sorted(await accelerated(desk, region))
    machines: list[Machine] = []
    for first in range(0, len(types), FILTER_VALUES):
        wanted = {"instance-state-name": STATES, "instance-type": types[first : first + FILTER_VALUES]}
        filters = [{"Name": name, "Values": list(values)} for name, values in wanted.items()]
        params = {"Filters": filters, "MaxResults": PAGE}
        kept = await desk.ask(Question(id="machines", call=MACHINES, params=params, region=region, pick=_outside))
        machines += [_machine(each, desk.account, region) for page in kept.pages for each in page["Instances"]]
    told = MachinesSeen(**asking.origin(asking.now), account=desk.account, region=region, machines=tuple(machines))
    return Outcome(observations=(told,), at=asking.now)


def _outside(page: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is wanted of a page: a large cluster's machines take no memory."""
    kept = {"NextToken": page["NextToken"]} if page.get("NextToken") else {}
    return {**kept, "Instances": list(_listed(page))}


def _listed(page: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for reservation in page.get("Reservations", ()):
        for each in reservation.get("Instances", ()):
            tags = read(each.get("Tags"))
            allowed = tags.get(ALLOWED_TAG) == ALLOWED
            if not cluster_in(tags) and (allowed or _state(each) not in STOPPED):
                yield {
                    **{name: each.get(name) for name in ("InstanceId", "InstanceType", "LaunchTime")},
                    "State": _state(each),
                    "Zone": (each.get("Placement") or {}).get("AvailabilityZone", ""),
                    "Spot": each.get("InstanceLifecycle") == "spot",
                    "Name": tags.get("Name", ""),
                    "Group": tags.get(GROUP, ""),
                    "Allowed": allowed,
                }


def _state(each: Mapping[str, Any]) -> str:
    return str((each.get("State") or {}).get("Name", ""))


def _machine(each: Mapping[str, Any], account: str, region: str) -> Machine:
    return Machine(
        account=account,
        region=region,
        id=one_line(each["InstanceId"]),
        name=each["Name"],
        instance_type=one_line(each["InstanceType"]),
        zone=one_line(each["Zone"]),
        spot=each["Spot"],
        state=one_line(each["State"]),
        group=each["Group"],
        allowed=each["Allowed"],
        started_at=moment(each["LaunchTime"]),
    )
