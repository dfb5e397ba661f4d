"""Copying through the terminal itself (OSC 52), so that it works over SSH and inside tmux or screen."""

from __future__ import annotations

import base64
from collections.abc import Mapping

LIMIT_BYTES = 74_994
"""What fits xterm's limit of 100,000 bytes for one sequence once it is in base64."""


def sequence(text: str, environment: Mapping[str, str]) -> str | None:
    """Return what to write to the terminal to copy `text`; None when it is longer than terminals take.

    Inside tmux and screen the sequence is wrapped so that it passes to the terminal outside. tmux needs
    `set-option -g allow-passthrough on` for that; with its `set-clipboard on` the plain sequence works as well, so
    both are sent.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > LIMIT_BYTES:
        return None
    plain = f"\x1b]52;c;{base64.b64encode(data).decode('ascii')}\x07"
    if environment.get("TMUX"):
        inner = plain.replace("\x1b", "\x1b\x1b")
        return f"{plain}\x1bPtmux;{inner}\x1b\\"
    if environment.get("STY"):
        return "".join(f"\x1bP{plain[at : at + 700]}\x1b\\" for at in range(0, len(plain), 700))
    return plain
