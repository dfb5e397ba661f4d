"""The key registry as Textual's bindings."""

from __future__ import annotations

from collections.abc import Container, Mapping

from textual.binding import Binding, BindingType

from finops_tui.ui.keymap import BY_ID, KEYS, KeySpec, Where, shown
from finops_tui.ui.widgets.footer import KeyHint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from textual.screen import Screen


def bindings(*where: Where) -> list[BindingType]:
    return [
        Binding(",".join(spec.keys), spec.action, spec.verb, show=False, tooltip=spec.about, id=spec.id)
        for spec in KEYS
        if spec.where in where
    ]


Bound = Mapping[str, tuple[KeySpec, tuple[str, ...]]]
"""By id: what a key is for, and the keys that do it."""


def live(screen: Screen[Any]) -> Bound:
    """Return what the keys do on this screen, with its present focus and state: by id, with the keys bound now."""
    known: Mapping[str, KeySpec] = {**BY_ID, **getattr(screen.app, "own_keys", {})}
    found: dict[str, tuple[KeySpec, tuple[str, ...]]] = {}
    for key, active in screen.active_bindings.items():
        id_ = active.binding.id or ""
        if id_ in known and active.enabled:
            spec, keys = found.get(id_, (known[id_], ()))
            found[id_] = spec, (*keys, shown(key))
    return {id_: found[id_] for id_ in known if id_ in found}


def hints(bound: Bound, verbs: Mapping[str, str], dimmed: Container[str] = ()) -> tuple[KeyHint, ...]:
    """Return what the footer says of the keys that are `live`.

    `verbs` replaces the words of some ids, and shows those that it else leaves out. An id without a word is left out.
    `dimmed` ids stand there quietly: they would come to nothing.
    """
    return tuple(
        KeyHint(keys[0], verb, dim=id_ in dimmed)
        for id_, (spec, keys) in bound.items()
        if (verb := verbs.get(id_, spec.verb if spec.footer else ""))
    )
