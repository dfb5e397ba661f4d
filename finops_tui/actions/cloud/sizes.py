"""Which sizes a group gets from what somebody asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from finops_tui.errors import ActionError

NODES, LEAST, MOST = "nodes", "min", "max"
"""Parameters: how many machines, and the bounds between which whatever scales the group may set that."""
LIMIT = 10_000
"""More is a slip of the finger: no group holds so many machines."""


class Sizes(NamedTuple):
    least: int
    most: int
    wanted: int

    def __str__(self) -> str:
        return f"{self.wanted} ({self.least}–{self.most})"


def resized(now: Sizes, parameters: Mapping[str, str], smallest_most: int = 0) -> Sizes:
    """Return the sizes that are asked for; a number of machines outside the bounds moves them. Raises ActionError.

    No cloud takes a size outside the bounds. `smallest_most` is the least that a kind of group takes as its upper one.
    """
    asked = {name: _number(name, parameters[name]) for name in (NODES, LEAST, MOST) if name in parameters}
    if not asked:
        raise ActionError("How many machines it should have is missing", "give `nodes`, or bounds as `min` and `max`")
    wanted = asked.get(NODES)
    least = asked.get(LEAST, now.least if wanted is None else min(now.least, wanted))
    most = asked.get(MOST, max(now.most if wanted is None else max(now.most, wanted), smallest_most))
    if LEAST not in asked and MOST in asked:
        least = min(least, most)
    if MOST not in asked and LEAST in asked:
        most = max(most, least)
    if least > most:
        raise ActionError(f"min={least} is above max={most}", "the bounds exclude each other")
    if most < smallest_most:
        raise ActionError(f"max={most} is too small", f"it takes {smallest_most} or more; `nodes=0` empties the group")
    if wanted is None:
        wanted = min(max(now.wanted, least), most)
    elif not least <= wanted <= most:
        raise ActionError(f"nodes={wanted} is not from {least} to {most}", "its cloud takes no size outside the bounds")
    found = Sizes(least, most, wanted)
    if found == now:
        raise ActionError(f"It is that size already: {now}", "there is nothing to change")
    return found


class Fixed(Sizes):
    """The size of a group that nothing scales: it has no bounds, or itself for both."""

    __slots__ = ()

    def __str__(self) -> str:
        return str(self.wanted)


def fixed(nodes: int) -> Fixed:
    return Fixed(nodes, nodes, nodes)


def refixed(now: Fixed, parameters: Mapping[str, str]) -> Fixed:
    """Return the size that is asked for of a group without bounds. Raises ActionError."""
    for name in (LEAST, MOST):
        if name in parameters:
            raise ActionError(
                f"{name} has no meaning for it", "nothing scales it, so it has no bounds", "Give `nodes`."
            )
    if NODES not in parameters:
        raise ActionError("How many machines it should have is missing", "give `nodes`")
    found = fixed(_number(NODES, parameters[NODES]))
    if found == now:
        raise ActionError(f"It is that size already: {now}", "there is nothing to change")
    return found


def evened(now: Sizes, sizes: Sizes, zones: int, parameters: Mapping[str, str]) -> Sizes:
    """Return sizes as a group in several zones takes them, which gives each zone as many machines.

    A number that somebody asks for is refused where it does not divide; one that only follows from bounds becomes the
    next that does, within them; one that stays is left alone. Raises ActionError.
    """
    if sizes.wanted in {now.wanted, sizes.wanted // zones * zones}:
        return sizes
    below = sizes.wanted // zones * zones
    if NODES in parameters:
        detail = f"it is in {zones} zones, and each has as many machines"
        raise ActionError(f"nodes={sizes.wanted} cannot be", detail, f"Give {below} or {below + zones}.")
    found = below if below >= sizes.least else below + zones
    if found > sizes.most:
        detail = f"it is in {zones} zones, and no multiple of that is from {sizes.least} to {sizes.most}"
        raise ActionError("No size is within these bounds", detail, "Give other bounds.")
    return sizes._replace(wanted=found)


def _number(name: str, written: str) -> int:
    if not written.isdecimal() or int(written[: len(str(LIMIT)) + 1]) > LIMIT:
        raise ActionError(f"{name}={written} is no number of machines", f"it is a whole number from 0 to {LIMIT:,}")
    return int(written)
