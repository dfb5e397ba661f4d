"""Two pages about one row: everything that is known of it, and how each of its figures came to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from finops_tui.ui.bindings import bindings, hints, live
from finops_tui.ui.format import clock_time
from finops_tui.ui.issues import issues
from finops_tui.ui.keymap import BY_ID, Where
from finops_tui.ui.palette import Span, palette_of
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.panes.facts import Fact
from finops_tui.ui.screens.acting import ACTIONS, ActingScreen
from finops_tui.ui.screens.page import LABEL_CELLS, Page, fact_lines, paragraph
from finops_tui.ui.settings import UiSettings
from finops_tui.ui.widgets.footer import KeyHint
from finops_tui.ui.widgets.lines import Line

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.snapshot import Snapshot


EXPLAIN = BY_ID["row.explain"]


class RowPage(Page, ActingScreen):
    """Follows one thing from snapshot to snapshot; when it is gone, its last figures stay and the page says so."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHANGES)

    def __init__(self, settings: UiSettings, spec: PaneSpec[Any], row: Any, snapshot: Snapshot) -> None:
        super().__init__(settings)
        self.spec = spec
        self.row = row
        self._seen = snapshot
        self._kind = getattr(row, "kind", None)
        self.snapshot = snapshot

    def tick(self, snapshot: Snapshot | None, now: datetime) -> None:
        if snapshot is not None:
            key = self.spec.key(self.row)
            found = next((row for row in self.spec.rows(snapshot, self._kind) if self.spec.key(row) == key), None)  # type: ignore[arg-type]  # only the spend pane looks at the scope, and its rows have a kind
            if found is not None:
                self.row, self._seen = found, snapshot
        super().tick(snapshot, now)

    @property
    def gone(self) -> bool:
        return self.snapshot is not self._seen

    def chosen_rows(self) -> Sequence[Any]:
        return () if self.gone else (self.row,)

    def falls_back(self) -> bool:
        return False

    def footer_keys(self) -> tuple[KeyHint, ...]:
        return hints(live(self), self.act_verbs(), self.dimmed)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action not in ACTIONS or self.can(action, parameters)

    def _gone_lines(self, width: int) -> list[Line]:
        if not self.gone:
            return []
        words = f"It no longer exists. These are its figures of {clock_time(self._seen.at)}."
        return [*paragraph(words, width, role="ticket"), []]


class DetailsPage(RowPage):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(EXPLAIN.keys), EXPLAIN.action, EXPLAIN.verb, show=False, tooltip=EXPLAIN.about, id=EXPLAIN.id)
    ]

    def action_explain(self) -> None:
        self.app.push_screen(ExplainPage(self.settings, self.spec, self.row, self._seen))

    def heading(self) -> tuple[str, tuple[Span, ...]]:
        where = getattr(self.row, "cluster", "")
        return self.spec.name(self.row) or "–", ((f"in {where}", "quiet"),) if where else ()

    def document(self, width: int, now: datetime) -> list[Line]:
        palette = palette_of(self.app)
        lines: list[Line] = [[], *self._gone_lines(width)]
        lines += fact_lines(self.spec.facts(self.row, self._seen, now), width, palette)
        lines += fact_lines((Fact("Identity", self.spec.key(self.row)),), width, palette)
        trouble = [issue for issue in issues(self._seen, now) if self._concerns(issue.words)]
        if trouble:
            lines += [
                [],
                *(
                    line
                    for issue in trouble
                    for line in paragraph(f"{issue.mark} {issue.words}", width, role=issue.role)
                ),
            ]
        return lines

    def _concerns(self, words: str) -> bool:
        cluster = getattr(self.row, "cluster", "")
        return bool(cluster) and cluster in words


class ExplainPage(RowPage):
    def heading(self) -> tuple[str, tuple[Span, ...]]:
        return f"How the figures of {self.spec.name(self.row)} came to be", ()

    def document(self, width: int, now: datetime) -> list[Line]:
        palette = palette_of(self.app)
        lines: list[Line] = [[], *self._gone_lines(width)]
        for origin in self.spec.origins(self.row, self._seen):
            lines += fact_lines((Fact(origin.figure, origin.value),), width, palette)
            lines += [*paragraph(origin.how, width, indent=LABEL_CELLS + 2, role="quiet"), []]
        ages = [fact for fact in self.spec.facts(self.row, self._seen, now) if fact.label == "Age"]
        lines += fact_lines(ages, width, palette)
        answered = [
            source
            for source in self._seen.sources
            if not source.cluster or source.cluster == getattr(self.row, "cluster", "")
        ]
        facts = tuple(
            Fact(
                "Source" if index == 0 else "",
                source.name,
                f"{source.state.value}, answered {clock_time(source.answered_at)}",
            )
            for index, source in enumerate(answered)
        )
        return [*lines, *fact_lines(facts, width, palette)]
