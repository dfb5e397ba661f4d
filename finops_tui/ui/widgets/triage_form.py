"""What a decision about findings is about, and the choices there are: the part of the dialog that is only drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from finops_tui.ui.glyphs import CURSOR
from finops_tui.ui.palette import PANEL, Palette, Span
from finops_tui.ui.text import cut_end, cut_path, cut_words, pad
from finops_tui.ui.widgets.lines import Line, Lines, fill, spread, width_of
from finops_tui.ui.wrap import wrapped_into

LABEL_CELLS = 12
INDENT = 2
NARROW = 60


class Choices(NamedTuple):
    names: tuple[str, ...] = ()
    chosen: int = 0

    @property
    def name(self) -> str:
        return self.names[self.chosen] if self.names else ""

    def moved(self, steps: int) -> Choices:
        return self._replace(chosen=max(0, min(self.chosen + steps, len(self.names) - 1)))


class Form(NamedTuple):
    target: str = ""
    where: str = ""
    right: tuple[Span, ...] = ()
    """Beside the target, at the far end: whom it belongs to."""
    about: tuple[Span, ...] = ()
    about_brief: tuple[Span, ...] = ()
    """The same in fewer words, for where it would be cut."""
    reasons: Choices = Choices()
    lengths: Choices = Choices()
    note_label: str = "Note"
    then: tuple[Span, ...] = ()
    rows: Mapping[str, tuple[int, int]] = {}
    """By part, its first row and how many it has."""


def rows_of(form: Form, height: int, *, custom: bool) -> dict[str, tuple[int, int]]:
    """Share `height` rows among the parts: what only explains goes first, blank rows take what is left over."""
    parts = [
        ("target", 1),
        ("about", 1),
        *([("reasons", len(form.reasons.names))] if form.reasons.names else []),
        *([("lengths", 1)] if form.lengths.names else []),
        *([("custom", 1)] if custom else []),
        ("note", 1),
        ("then", 2),
    ]
    wanted = dict(parts)
    for part, least in (("then", 0), ("about", 0), ("reasons", 1)):
        if part in wanted and sum(wanted.values()) > height:
            wanted[part] = least
    shown = [(part, wanted[part]) for part, _ in parts if wanted[part]]
    blanks = max(0, height - sum(rows for _, rows in shown))
    places = {}
    y = 0
    for part, rows in shown:
        if blanks and part != "custom":
            y, blanks = y + 1, blanks - 1
        places[part] = y, rows
        y += rows
    return places


class TriageForm(Lines[Form]):
    """The target in bold with its cluster and owner, what it costs, reasons, lengths, and what comes of it."""

    GROUND = PANEL

    def __init__(self) -> None:
        super().__init__(Form(), id="form")

    def draw(self, width: int, palette: Palette) -> list[Line]:
        form = self.value
        lines: list[Line] = [[] for _ in range(self.size.height)]
        drawn = {
            "target": [self._target(width, palette)],
            "about": [self._about(width, palette)],
            "reasons": self._reasons(palette),
            "lengths": [_labelled("For", _row(form.lengths, "" if width < NARROW else " "), palette)],
            "custom": [_labelled("Length", (), palette)],
            "note": [_labelled(form.note_label, (), palette)],
            "then": self._then(width, palette),
        }
        for part, (y, rows) in form.rows.items():
            for offset, line in enumerate(drawn[part][:rows]):
                if y + offset < len(lines):
                    lines[y + offset] = fill(line, width)
        return lines

    def _target(self, width: int, palette: Palette) -> Line:
        form = self.value
        dots = palette.glyphs.fold("…")
        right = [*(palette.fold(span) for span in form.right), (" " * INDENT, "text")]
        where = palette.fold((f"  {form.where}", "quiet")) if form.where else ("", "quiet")
        room = width - INDENT - width_of(right) - width_of([where]) - 2
        least = min(width - INDENT, 24)
        if room < least:
            right, room = [], width - INDENT - width_of([where]) - 1
        if room < least:
            where, room = ("", "quiet"), width - INDENT
        name = cut_path(palette.fold((form.target, ""))[0], room, dots)
        return spread([(" " * INDENT, "text"), (name, "text bold"), where], right, width)

    def _about(self, width: int, palette: Palette) -> Line:
        whole = _labelled("Finding", self.value.about, palette)
        if width_of(whole) <= width - INDENT:
            return whole
        *before, last = _labelled("Finding", self.value.about_brief, palette)
        text, role = last
        return [*before, (cut_words(text, width - INDENT - width_of(before), palette.glyphs.fold("…")), role)]

    def _reasons(self, palette: Palette) -> list[Line]:
        reasons = self.value.reasons
        lines: list[Line] = []
        few = self.value.rows.get("reasons", (0, 0))[1] < len(reasons.names)
        for number, name in enumerate(reasons.names):
            chosen = number == reasons.chosen
            if few and not chosen:
                continue
            spans = ((CURSOR if chosen else " ", "focus"), (f"{number + 1} ", "key"), (name, _role(chosen=chosen)))
            lines.append(_labelled("" if lines else "Reason", spans, palette))
        return lines

    def _then(self, width: int, palette: Palette) -> list[Line]:
        text, role = self.value.then[0] if self.value.then else ("", "text")
        rows = self.value.rows.get("then", (0, 0))[1]
        words = wrapped_into(palette.fold((text, role))[0], width - 2 * INDENT - LABEL_CELLS, rows)
        return [
            _labelled("" if row else "Then", ((palette.glyphs.fold(line), role),), palette)
            for row, line in enumerate(words)
        ]


def _role(*, chosen: bool) -> str:
    return "text bold" if chosen else "text"


def _row(choices: Choices, gap: str) -> Sequence[Span]:
    spans: list[Span] = []
    for number, name in enumerate(choices.names):
        chosen = number == choices.chosen
        spans += [(CURSOR if chosen else " ", "focus"), (f"{name}{gap}", _role(chosen=chosen))]
    return spans


def _labelled(label: str, spans: Sequence[Span], palette: Palette) -> Line:
    text = pad(cut_end(label, LABEL_CELLS - 1), LABEL_CELLS)
    return [(" " * INDENT, "text"), (text, "quiet"), *(palette.fold(span) for span in spans)]
