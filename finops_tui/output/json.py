"""A snapshot as JSON: the published form, described by `docs/snapshot.schema.json`.

Times are RFC 3339 in UTC. A figure that is not known is null, never 0.
"""

from __future__ import annotations

import re

import msgspec

from finops_tui.model.scope import Scope
from finops_tui.model.snapshot import Snapshot

_UNSEEN = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""Characters that JSON lets stand and a terminal acts on or hides: 8-bit controls, zero width, changes of direction."""


def write(snapshot: Snapshot) -> str:
    published = msgspec.to_builtins(snapshot)
    for finding in (*published["findings"], *published["resolved"]):
        finding["scope"] = dict(zip(Scope._fields, finding["scope"], strict=True))
    text = msgspec.json.format(msgspec.json.encode(published), indent=2).decode()
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"
