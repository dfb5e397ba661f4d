"""Words from outside in Markdown: data, whatever they say."""

from __future__ import annotations

from finops_tui.ui.text import clean

LIMIT = 2_000


def code(text: str) -> str:
    """Return a code span, in which nothing is markup; a pipe would still end a cell and a backtick the span."""
    return f"`{clean(text, LIMIT).replace('`', chr(39)).replace('|', '¦')}`" if text else ""
