"""What must never be shown: values that came from outside the config file, and whatever looks like a credential."""

from __future__ import annotations

import re

MASK = "********"
SHORTEST = 6
"""Characters: masking every `1` or `prod` in a report would hide the report, not a secret."""

_known: set[str] = set()

_PATTERNS = (
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+(@)"), rf"\g<1>{MASK}\g<2>"),
    (re.compile(r"(?i)\b((?:bearer|basic|token)\s+)[A-Za-z0-9._~+/=-]{8,}"), rf"\g<1>{MASK}"),
    (
        re.compile(
            r"(?i)((?:password|passwd|secret|token|api[_-]?key|authorization)[\"']?\s*[=:]\s*[\"']?)[^\s\"',}]+"
        ),
        rf"\g<1>{MASK}",
    ),
)
_SECRET_NAME = re.compile(r"(?i)password|passwd|secret|token|api[_-]?key|credential|authorization|cookie")


def remember(value: str) -> None:
    """Mask this value wherever `redact` meets it from now on."""
    if len(value) >= SHORTEST:
        _known.add(value)


def redact(text: str) -> str:
    """Return `text` with known secrets, passwords in URLs and tokens masked."""
    for value in sorted(_known, key=len, reverse=True):
        text = text.replace(value, MASK)
    for pattern, mask in _PATTERNS:
        text = pattern.sub(mask, text)
    return text


def names_a_secret(name: str) -> bool:
    """Tell whether a field of this name holds something to hide. A path to it (`token_file`) is none."""
    return bool(_SECRET_NAME.search(name)) and not name.lower().endswith(("_file", "_path"))
