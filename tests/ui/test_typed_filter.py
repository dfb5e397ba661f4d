"""What a line that is being typed means for the list."""

from __future__ import annotations

import pytest

from finops_tui.ui.filter import parse
from finops_tui.ui.typed_filter import TypedFilter
from tests.ui.samples import INCIDENT
from tests.ui.screen import shown
from tests.ui.test_filter import FIELDS, ROWS

NAMES = [name for field in FIELDS for name in field.names]


def following(before: str = "") -> TypedFilter:
    def check(text: str) -> None:
        parse(text, FIELDS)

    return TypedFilter(before, NAMES, check, lambda text: bool(parse(text, FIELDS).apply(ROWS)))


def after(*lines: str, before: str = "") -> str:
    """Return the filter of the list once these lines stood there one after the other."""
    line = following(before)
    return [line.typed(text).filter for text in lines][-1]


def letters(text: str) -> tuple[str, ...]:
    return tuple(text[:end] for end in range(1, len(text) + 1))


@pytest.mark.parametrize("mistake", ["foo=1", "usd>", 'ns="ml', "usd>x", "nss=ml", "!", "batch=1"])
def test_a_mistake_leaves_the_list_as_it_was_before_its_term(mistake: str) -> None:
    assert after(*letters(mistake)) == ""
    assert after(*letters(f"ns=ml {mistake}")).strip() == "ns=ml"


def test_a_filter_that_was_kept_before_stays_through_a_mistake() -> None:
    assert after("batch=", "batch=1", before="batch") == "batch"


def test_taking_letters_away_leaves_the_filter_that_was_there() -> None:
    assert after("usd>50", "usd>5", "usd>") == "usd>5"


def test_a_word_that_may_become_a_fields_name_empties_no_list() -> None:
    assert after("a") == "a", "it stands in some rows"
    assert after("a", "ag", "age") == ""
    assert after("ns=ml ", "ns=ml us") == "ns=ml "
    assert after(*letters("usd>5")) == "usd>5"
    assert after("usd ") == "usd ", "after a blank it is a word"
    assert after("zzz") == "zzz", "no field begins so"
    assert following().entered("usd").filter == "usd", "kept, it is a word"


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [
        ("usd>", True), ("usd>$", True), ('ns="ml', True), ("batch !", True),
        ("foo=", False), ("usd>x", False), ("usd> batch", False), ("usd>$ batch", False), ("! batch", False),
    ],
)  # fmt: skip
def test_what_may_just_go_on_is_no_mistake_yet(text: str, unfinished: bool) -> None:
    error = following().typed(text).error
    assert error is not None
    assert error.unfinished is unfinished


async def test_enter_keeps_no_line_with_a_mistake_and_says_what_it_is() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("6", "slash")
        await screen.type("foo=1")
        assert len(screen.app.main.pane.table.rows) == 8
        await screen.press("enter")
        assert "at 1: no field 'foo'" in screen.lines[39]
        await screen.press(*["backspace"] * 5)
        await screen.type("usd>")
        assert len(screen.app.main.pane.table.rows) == 8
        assert "say a value after usd>" in screen.lines[39]
        await screen.press("enter")
        assert "at 5: say a value after usd>" in screen.lines[39]
        await screen.type("50")
        await screen.press("enter")
        assert not screen.app.main.typing
        assert "/usd>50  3 of 8" in screen.lines[8]


async def test_the_list_stays_while_a_fields_name_is_typed_and_a_word_can_still_be_looked_for() -> None:
    async with shown(INCIDENT) as screen:
        await screen.press("6", "slash")
        for letter in "usd":
            await screen.type(letter)
            assert screen.app.main.pane.table.rows
        await screen.press("enter")
        assert "/usd  0 of 8" in screen.lines[8]


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40)])
@pytest.mark.parametrize(
    "text",
    [
        "pool=a idle>5 gpus<10 !batch",
        "idle>0 !zzzzzzzzzz !yyyyyyyyyy !deploy !xxxxxxxxx !wwwwwwww !tttttttt !uuuuuuuuuu !vvvvvv !sssssss",
    ],
)
async def test_a_filter_that_is_on_is_always_told_with_its_count(size: tuple[int, int], text: str) -> None:
    async with shown(INCIDENT, size=size) as screen:
        await screen.press("2", "slash")
        pane = screen.app.main.pane
        await screen.type(text)
        await screen.press("enter")
        (line,) = [line for line in screen.lines if " of " in line and "2 GPU" in line]
        assert f"{len(pane.table.rows)} of {len(pane._face.listed)} " in line
        assert f"/{text[:8]}" in line
        assert text in line or "…" in line
