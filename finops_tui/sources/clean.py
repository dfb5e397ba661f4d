"""Outside text made harmless where it enters the model: one line, no control characters, no unseen ones."""

from __future__ import annotations

import re

LIMIT = 253
"""Characters in the longest name that Kubernetes allows."""

_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.")
_SPACES = re.compile(r"\s+")


def one_line(text: object, limit: int = LIMIT) -> str:
    """Return `text` as one line of at most `limit` characters.

    White space becomes single spaces. Escape sequences, control characters, and the unseen ones that reorder or hide
    text (bidirectional marks, zero-width characters, lone surrogates) are dropped. What is cut off ends in `…`.
    """
    line = text if isinstance(text, str) else str(text)
    if len(line) > limit * 8:  # whatever it is, nobody reads that far
        line = line[: limit * 8]
    if not line.isprintable():
        line = _ESCAPE_SEQUENCE.sub("", line)
        line = _SPACES.sub(" ", line)
        line = "".join(character for character in line if character.isprintable())
    line = line.strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"
