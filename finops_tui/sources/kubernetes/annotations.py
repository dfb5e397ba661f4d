"""Annotations of workloads: the few that are understood, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes.objects import Labels

PREFIX = "finops-tui/"
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    f"{PREFIX}runbook": ("runbook", "runbook_url", "runbook-url", "a8r.io/runbook"),
    f"{PREFIX}owner": ("owner", "a8r.io/owner", "contact"),
    f"{PREFIX}chat": ("slack", "slack-channel", "slack_channel", "a8r.io/chat"),
    f"{PREFIX}planned": (),
    f"{PREFIX}checkpoint-at": (),
    f"{PREFIX}undo": (),
}
"""Each key of this program's own, and what others call the same thing; its own spelling wins."""
CHECKPOINT = f"{PREFIX}checkpoint-at"
RECIPE = f"{PREFIX}undo"
"""What takes back a change of this program: JSON, of use only whole."""
VALUE_LIMIT = 500
RECIPE_LIMIT = 16_384
_OWN = {other: key for key, others in SPELLINGS.items() for other in others}


def kept_annotations(annotations: Labels | None, keep: Sequence[str] = ()) -> Labels:
    """Return what is worth keeping: what is understood, under this program's own keys too, and the keys in `keep`.

    The pods of one workload share one dict: never change it.
    """
    if not annotations:
        return {}
    wanted = [(key, value) for key, value in annotations.items() if key in SPELLINGS or key in _OWN or key in keep]
    return _kept(tuple(sorted(wanted))) if wanted else {}


@lru_cache(maxsize=8192)
def _kept(items: tuple[tuple[str, str], ...]) -> Labels:
    kept = {
        one_line(key): one_line(value, RECIPE_LIMIT if key == RECIPE else VALUE_LIMIT) for key, value in items
    }  # fmt: skip
    for key, others in SPELLINGS.items():
        said = next((kept[spelling] for spelling in (key, *others) if kept.get(spelling)), "")
        if said:
            kept[key] = said
    return kept


@lru_cache(maxsize=8192)
def _moment(text: str) -> datetime | None:
    try:
        moment = msgspec.convert(text, datetime)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (msgspec.ValidationError, OverflowError):
        return None


def checkpoint_at(annotations: Labels) -> datetime | None:
    """Return when work was last saved (RFC 3339 with its zone); None where nothing that makes sense says so."""
    text = annotations.get(CHECKPOINT)
    return _moment(text) if text else None
