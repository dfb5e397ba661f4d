"""What a plan is about: the target in bold with its cluster, and at the far end whom to ask."""

from __future__ import annotations

from collections.abc import Sequence

from finops_tui.phrases import counted
from finops_tui.ui.palette import PANEL, Palette, Span
from finops_tui.ui.screens.plan_parts import common_noun
from finops_tui.ui.text import clean, cut_path
from finops_tui.ui.widgets.lines import Line, Lines, spread, width_of
from finops_tui.ui.widgets.plan_body import margins

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.plan import Target

NAME_CELLS = 24
"""A name keeps so many cells before who is to be asked goes."""


class PlanHead(Lines[Sequence["Target"]]):
    """`nlp-train/job/retrain-v7  in prod-us          owner nlp  #nlp-oncall`."""

    GROUND = PANEL

    def __init__(self) -> None:
        super().__init__((), id="target")

    def draw(self, width: int, palette: Palette) -> list[Line]:
        if not self.value:
            return [[]]
        indent, _ = margins(width)
        name, where, right = self._words(palette)
        room = width - 2 * indent - width_of(where)
        if room - width_of(right) - 2 < min(NAME_CELLS, width_of([(name, "")])):
            right = []
        if room < NAME_CELLS // 2:
            where, room = [], width - 2 * indent
        cells = max(1, room - (width_of(right) + 2 if right else 0))
        shown = cut_path(name, cells, palette.glyphs.fold("…"))
        return [spread([(" " * indent, "text"), (shown, "text bold"), *where], [*right, (" " * indent, "text")], width)]

    def _words(self, palette: Palette) -> tuple[str, list[Span], list[Span]]:
        targets = self.value
        clusters = sorted({clean(one.cluster) for one in targets if one.cluster})
        where: list[Span] = []
        if clusters:
            more = f" +{len(clusters) - 1}" if len(clusters) > 1 else ""
            where = [("  in ", "quiet"), palette.fold((clusters[0] + more, "text bold"))]
        owners = sorted({clean(one.owner) for one in targets if one.owner})
        contacts = sorted({clean(one.contact) for one in targets if one.contact})
        right: list[Span] = []
        if len(owners) == 1:
            right = [("owner ", "quiet"), palette.fold((owners[0], "text"))]
        elif not owners:
            right = [("no owner is known", "quiet")]
        if len(contacts) == 1:
            right.append(palette.fold((f"  {contacts[0]}", "quiet")))
        name = targets[0].name if len(targets) == 1 else counted(len(targets), common_noun(targets))
        return palette.fold((name, ""))[0], where, right
