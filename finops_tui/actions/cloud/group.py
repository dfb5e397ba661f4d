"""What has the size of a group of machines: three fields, or one where nothing scales it."""

# ruff: noqa: ARG002 - each kind of group takes what it needs of what all of them are given

from __future__ import annotations

from collections.abc import Mapping

from finops_tui.actions.cloud.places import HandsT
from finops_tui.actions.cloud.sizes import Fixed, Sizes, fixed, refixed, resized
from finops_tui.actions.cloud.things import Edit, Fields, State, Thing
from finops_tui.errors import ActionError

OFF = "off"
"""Stands for both bounds of a group that nothing scales."""


class Group(Thing[HandsT]):
    """Its `order` is least, most and wanted size."""

    smallest_most = 0
    """The least that its cloud takes as its upper bound."""
    back: str
    """What happens to machines that ended, once it is set back."""

    def sizes(self, fields: Fields) -> Sizes:
        least, most, wanted = (fields[name] for name in self.order)
        return fixed(int(wanted)) if OFF in (least, most) else Sizes(int(least), int(most), int(wanted))

    def resized(self, state: State, parameters: Mapping[str, str]) -> Sizes:
        """Return the sizes that are asked for. Raises ActionError."""
        now = self.sizes(state.fields)
        if isinstance(now, Fixed):
            return refixed(now, parameters)
        return resized(now, parameters, self.smallest_most)

    def with_sizes(self, sizes: Sizes) -> Fields:
        bounds = (OFF, OFF) if isinstance(sizes, Fixed) else (sizes.least, sizes.most)
        return dict(zip(self.order, (*bounds, sizes.wanted), strict=True))

    def drifted(self, state: State, edit: Edit) -> frozenset[str]:
        """Return the size where new bounds stand and it went further the same way between them: they are for that."""
        *bounds, wanted = self.order
        stand = all(state.fields[name] == edit.set[name] for name in bounds)
        if not stand or not set(bounds).intersection(edit.changed) or wanted not in edit.changed:
            return frozenset()
        least, most, now = self.sizes(state.fields)
        was, given = int(edit.was[wanted]), int(edit.set[wanted])
        further = least <= now < given if given < was else given < now <= most
        return frozenset({wanted} if further else ())

    def restored(self, state: State, was: Fields) -> Fields:
        """Return what it was; a size that was moved since stays, as far as the bounds that it gets back allow."""
        sizes = self.sizes(was)
        return {**was, self.order[-1]: min(max(sizes.wanted, sizes.least), sizes.most)}

    def beside(self, state: State, sizes: Sizes) -> str:
        """Return what else is to be said of what it touches."""
        return ""

    def in_bounds(self, state: State, wanted: Fields) -> None:
        """Raise ActionError for a size outside its bounds."""
        sizes = self.sizes(wanted)
        if not 0 <= sizes.least <= sizes.wanted <= sizes.most or (
            sizes.most < self.smallest_most and not isinstance(sizes, Fixed)
        ):
            bounds = f"its bounds are {sizes.least} and {sizes.most}"
            raise ActionError(f"{state.ref.shown} cannot be {sizes.wanted}", bounds, "Move them as well.")
