"""What goes over the line to the terminal: only the cells that look different from what stands there.

Textual sends a changed region from its widget's left edge on, every piece with its full colours. Over a slow SSH line
that is what one waits for. `Wire` remembers what the terminal shows and sends changed runs of cells instead. An app
puts it in between by wrapping what it displays: `super()._display(screen, wire.thin(renderable))`.

Only the app knows when the terminal may show something else than was sent, after a resize or a stop: it says `forget`.
The wire reads private classes of Textual, so it keeps a way back: when anything in them is not as expected,
Textual's own output is sent from then on.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

Cell = tuple[str, Style | None]
"""One cell's text and style; the second half of a wide character is empty text."""

BRIDGE = 6
"""So many unchanged cells of one style are cheaper to write again than to jump over."""

_PLAIN = Style()
_NOTHING: Cell = ("\0", None)
_NO_CHANGE = "\x1b[0m"


class Wire:
    """Remembers one terminal. `enabled` False sends everything as Textual would."""

    def __init__(self, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self._shown: list[list[Cell]] = []

    def thin(self, update: RenderableType | None) -> RenderableType | None:
        """Wrap what is about to be displayed; other things than screen updates pass as they are."""
        if self.enabled and isinstance(update, LayoutUpdate | ChopsUpdate):
            return _Thinned(self, update)
        return update

    def write(self, update: LayoutUpdate | ChopsUpdate, console: Console) -> str:
        """Return the bytes that bring the terminal up to date, as text."""
        try:
            colours = console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001  Rich keeps it there
            if isinstance(update, LayoutUpdate):
                return self._whole(update, colours) or update.render_segments(console)
            if not self._shown:
                return update.render_segments(console)
            return self._changes(update, colours)
        except (AttributeError, IndexError, TypeError, ValueError):
            self.enabled = False
            return update.render_segments(console)

    def forget(self) -> None:
        """Send the next whole screen in full: what the terminal shows is no longer known."""
        self._shown = []

    def _whole(self, update: LayoutUpdate, colours: ColorSystem) -> str | None:
        """Return what a whole screen changes; None when it must be sent in full."""
        before = self._shown
        self._shown = [[cell for strip in line for cell in _cells(strip)] for line in map(list, update.strips)]
        if [len(line) for line in before] != [len(line) for line in self._shown]:
            return None
        pen = _Pen(colours)
        for y, (old, new) in enumerate(zip(before, self._shown, strict=True)):
            for start, stop in _runs(old, new):
                pen.write(start, y, new[start:stop])
        return pen.text() or _NO_CHANGE

    def _changes(self, update: ChopsUpdate, colours: ColorSystem) -> str:
        pen = _Pen(colours)
        for y, x1, x2 in update.spans:
            shown = self._shown[y]
            for x, strip in update.chops[y].items():
                if strip is None or x >= x2 or x + strip.cell_length <= x1:
                    continue
                new = list(_cells(strip))
                end = x + len(new)
                if len(shown) < end:
                    shown += [_NOTHING] * (end - len(shown))
                for start, stop in _runs(shown[x:end], new):
                    pen.write(x + start, y, new[start:stop])
                shown[x:end] = new
        return pen.text()


class _Thinned(CompositorUpdate):
    """An update that goes through the wire when it is written, and not before."""

    def __init__(self, wire: Wire, update: LayoutUpdate | ChopsUpdate) -> None:
        self._wire = wire
        self._update = update

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        return self._update.__rich_console__(console, options)

    def render_segments(self, console: Console) -> str:
        return self._wire.write(self._update, console)


class _Pen:
    """Writes runs of cells, and says a place or a style only when it changes."""

    def __init__(self, colours: ColorSystem) -> None:
        self._colours = colours
        self._out: list[str] = []
        self._style: Style | None = None
        self._at = (-1, -1)

    def write(self, x: int, y: int, cells: list[Cell]) -> None:
        here_x, here_y = self._at
        if (x, y) != self._at:
            ahead = here_y == y and x > here_x >= 0
            self._out.append(f"\x1b[{x - here_x}C" if ahead else f"\x1b[{y + 1};{x + 1}H")
        for text, style in cells:
            wanted = _PLAIN if style is None else style
            if wanted is not self._style and wanted != self._style:
                codes = Strip.render_ansi(wanted, self._colours)
                self._out.append(f"\x1b[0;{codes}m" if codes else "\x1b[0m")
                self._style = wanted
            self._out.append(text)
        self._at = (x + len(cells), y)

    def text(self) -> str:
        return "".join(self._out) + "\x1b[0m" if self._out else ""


def _cells(strip: Strip) -> Iterator[Cell]:
    """Take a strip apart into its cells."""
    for text, style, control in strip:
        if control:
            continue
        if text.isascii():
            for char in text:
                yield char, style
        else:
            yield from _wide_cells(text, style)


def _wide_cells(text: str, style: Style | None) -> list[Cell]:
    """Take text apart where characters may be of other widths than one; a combining mark stays with its letter."""
    cells: list[Cell] = []
    for char in text:
        size = get_character_cell_size(char)
        if size:
            cells += [(char, style), *[("", style)] * (size - 1)]
        else:
            lead = max((index for index, cell in enumerate(cells) if cell[0]), default=None)
            if lead is not None:
                cells[lead] = (cells[lead][0] + char, style)
    return cells


def _runs(old: list[Cell], new: list[Cell]) -> list[tuple[int, int]]:
    """Return where `new` differs, start and end; runs join where that is cheaper, and split no wide character."""
    runs: list[tuple[int, int]] = []
    for index, (before, now) in enumerate(zip(old, new, strict=True)):
        if before == now:
            continue
        start, end = index, index + 1
        while start and not new[start][0]:
            start -= 1
        while end < len(new) and not new[end][0]:
            end += 1
        if runs and (start <= runs[-1][1] or _bridged(new, runs[-1][1], start)):
            start = runs.pop()[0]
        runs.append((start, end))
    return runs


def _bridged(cells: list[Cell], end: int, start: int) -> bool:
    style = cells[end - 1][1]
    return start - end <= BRIDGE and all(cell[1] == style for cell in cells[end : start + 1])
