"""How many there are of a kind that has no scale subresource: bounds, and groups that have a size each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from finops_tui.actions.objects import Document, Path, value
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError
from finops_tui.phrases import listed

MANY = 1_000
"""Replicas; nobody has a wider range of a kind that runs on GPUs, and a plan lists them."""
UNBOUNDED = 2**31 - 1
"""What KubeRay writes for a group without an upper bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Paths from the top of an object, or from that of a group where it has groups."""

    least: Path
    most: Path
    size: Path = ()
    """Empty where there is only a lower and an upper bound."""
    groups: Path = ()
    """A list of groups; empty where the object is the only one."""
    called: str = ""
    """What holds a group's name."""
    each: Path = ()
    """How many pods one of a group is, where it may be more than one."""
    autoscaled: Path = ()
    """Tells whether an autoscaler sets the size within its bounds."""
    now: Path = ()
    """How many pods of all groups there should be, as its controller has understood it."""

    def holds(self, path: Path) -> bool:
        """Tell whether a path is that of a size or a bound of it."""
        depth = len(self.groups) + 1 if self.groups else 0
        item = path[depth - 1 : depth]
        if self.groups and not (path[: depth - 1] == self.groups and item and item[0].startswith(f"{self.called}=")):
            return False
        return path[depth:] in {self.least, self.most, self.size} - {()}

    def group(self, document: Document, wanted: str) -> tuple[str, Path]:
        """Return the name of a group and the path to it; the only one needs no name. Raises ActionError."""
        if not self.groups:
            if wanted:
                raise ActionError(f"There is no group {plain(wanted)}", "this kind has none")
            return "", ()
        found = value(document, self.groups)
        names = [str(each.get(self.called)) for each in found or () if isinstance(each, Mapping)]
        name = wanted or (names[0] if len(names) == 1 else "")
        if name not in names:
            known = listed([plain(each) for each in names], 9) or "none"
            title = f"There is no group {plain(wanted)}" if wanted else "It has several groups"
            raise ActionError(title, f"its groups are {known}", "`group` names one.")
        return name, (*self.groups, f"{self.called}={name}")


WORKER_GROUPS = Sizes(
    least=("minReplicas",),
    most=("maxReplicas",),
    size=("replicas",),
    groups=("spec", "workerGroupSpecs"),
    called="groupName",
    each=("numOfHosts",),
    autoscaled=("spec", "enableInTreeAutoscaling"),
    now=("status", "desiredWorkerReplicas"),
)
"""RayCluster: KubeRay keeps `replicas` within `minReplicas` and `maxReplicas`."""
PREDICTOR = Sizes(least=("spec", "predictor", "minReplicas"), most=("spec", "predictor", "maxReplicas"))
"""InferenceService: 1 where `minReplicas` is not said; 0 or nothing as `maxReplicas` is no upper bound."""


def count(document: Document, path: Path, default: int = 1) -> int:
    found = value(document, path)
    return found if type(found) is int else default


def parsed_count(written: str) -> int:
    """Read a number of replicas. Raises ActionError."""
    if not written.isdecimal() or len(written) > len(str(MANY)) + 1:
        raise ActionError(f"{written or 'nothing'} is no number of replicas", "replicas is a whole number from 0 on")
    return int(written)


def parsed_bounds(told: str, low: int, high: int) -> tuple[int, int]:
    """Read `min=1,max=4`; what is not named stays as it is. Raises ActionError."""
    wanted = dict(part.strip().partition("=")[::2] for part in told.split(","))
    if not wanted or not wanted.keys() <= {"min", "max"} or not all(each.isdecimal() for each in wanted.values()):
        raise ActionError(f"{told} names no bounds", "bounds are written min=1,max=4")
    low, high = (int(wanted[name]) if name in wanted else now for name, now in (("min", low), ("max", high)))
    if not low <= high or high < 1:
        raise ActionError(f"min {low} and max {high} are no bounds", "min is at most max, and max at least 1")
    return low, high
