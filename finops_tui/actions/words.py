"""Foreign text in the sentences of plans."""

from __future__ import annotations

LIMIT = 253


def plain(text: object, limit: int = LIMIT) -> str:
    """Return foreign text as one line without control characters and unseen ones."""
    line = "".join(character for character in str(text)[: 2 * limit] if character.isprintable()).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"
