from __future__ import annotations

import pytest

from finops_tui.errors import ConfigError
from finops_tui.ui.keymap import BY_ID, GROUPS, KEYS, RESERVED, resolve


def test_ids_are_unique_and_every_group_is_known() -> None:
    assert len(BY_ID) == len(KEYS)
    assert {spec.group for spec in KEYS} == set(GROUPS)


def test_no_key_is_bound_twice_or_reserved() -> None:
    bound = [key for keys in resolve({}).values() for key in keys]
    assert len(bound) == len(set(bound))
    assert not RESERVED & set(bound)


def test_an_override_replaces_the_keys_of_its_id() -> None:
    keys = resolve({"view.zoom": "w, f11", "view.freeze": "f"})
    assert keys["view.zoom"] == ("w", "f11")
    assert keys["view.freeze"] == ("f",)
    assert keys["app.quit"] == ("q", "ctrl+c")


def test_two_ids_may_change_places() -> None:
    assert resolve({"row.copy": "f", "view.zoom": "c"})["view.zoom"] == ("c",)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"view.zom": "z"}, ("no key id 'view.zom'", "Did you mean view.zoom?")),
        ({"qqqqq": "z"}, ("no key id", "docs/keys.md")),
        ({"view.zoom": "q"}, ("q is bound to both view.zoom and app.quit",)),
        ({"view.zoom": "w", "view.freeze": "w"}, ("w is bound to both",)),
        ({"view.zoom": "ctrl+s"}, ("may not use ctrl+s",)),
        ({"view.zoom": "hyper+z"}, ("'hyper+z', which is not a key",)),
        ({"view.zoom": "zz"}, ("'zz', which is not a key",)),
        ({"view.zoom": ""}, ("'', which is not a key",)),
        ({"action.pause": "y"}, ("action.pause may not use y", "dialog that confirms")),
        ({"action.undo": "f2"}, ("action.undo may not use f2",)),
        ({"view.zoom": "z,"}, ("'', which is not a key",)),
    ],
)
def test_a_wrong_keymap_says_what_is_wrong(overrides: dict[str, str], words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(overrides)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("key", [",", ";", "f24", "alt+x", "é"])
def test_odd_keys_are_keys(key: str) -> None:
    assert resolve({"view.zoom": key})["view.zoom"] == (key,)


@pytest.mark.parametrize("key", ["y", "escape", "enter", "f4"])
def test_an_action_of_ones_own_may_not_have_a_key_of_the_dialog(key: str) -> None:
    usual = {id_: "f24" for id_, spec in BY_ID.items() if key in spec.keys}
    with pytest.raises(ConfigError, match=f"action.own may not use {key}"):
        resolve(usual, {"action.own": (key,)})


def test_a_key_of_the_dialog_may_be_bound_to_what_opens_none() -> None:
    assert resolve({"view.zoom": "y"})["view.zoom"] == ("y",)


def test_every_key_of_the_dialog_is_known_to_be_one() -> None:
    from textual.binding import Binding

    from finops_tui.ui.keymap import DIALOG_KEYS
    from finops_tui.ui.screens.plan import PlanDialog

    bound = [one.key.split(",") for one in PlanDialog.BINDINGS if isinstance(one, Binding)]
    assert {key for keys in bound for key in keys} <= DIALOG_KEYS
