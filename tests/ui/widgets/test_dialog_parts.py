"""The parts of a dialog, and the sentences above a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.ui.glyphs import ASCII, Glyphs
from finops_tui.ui.palette import Palette
from finops_tui.ui.widgets.button import Button, Label
from finops_tui.ui.widgets.lead import Lead
from finops_tui.ui.widgets.triage_form import Choices, Form, rows_of
from tests.ui.widgets.harness import Bench, lines_of, without_colour

SENTENCES = (
    (("✓ Nothing costs more than normal.", "ok"),),
    (("212 workloads, 8 pools and 18 SLOs watched.", "text"),),
    (("Last: l40s-infer, resolved 09:41Z.", "text"),),
)


async def lead_lines(width: int) -> list[str]:
    lead = Lead()
    lead.value = SENTENCES
    async with Bench(lead).run_test(size=(width, 5)) as pilot:
        await pilot.pause()
        return [line.rstrip() for line in lines_of(lead)]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (
            118,
            [f"  {' '.join(text for ((text, _),) in SENTENCES)}", ""],
        ),
        (
            80,
            [
                "  ✓ Nothing costs more than normal. 212 workloads, 8 pools and 18 SLOs watched.",
                "  Last: l40s-infer, resolved 09:41Z.",
            ],
        ),
        (50, ["  ✓ Nothing costs more than normal.", "  212 workloads, 8 pools and 18 SLOs watched."]),
        (20, ["  ✓ Nothing costs", "  more than normal."]),
        (14, ["  ✓ Nothing", "  costs more…"]),
    ],
)
async def test_whole_sentences_or_none_but_the_first(width: int, lines: list[str]) -> None:
    assert await lead_lines(width) == lines


async def test_the_focused_button_differs_without_colour() -> None:
    one, other = Button(Label("esc", "Cancel"), id="one"), Button(Label("esc", "Cancel"), id="other")
    app = Bench(one, other, theme="mono")
    async with app.run_test(size=(40, 5)) as pilot:
        one.focus()
        await pilot.pause()
        assert without_colour(one) != without_colour(other)
        assert "esc  Cancel" in lines_of(one)[0]


async def test_a_button_that_loses_the_focus_is_not_filled_any_more() -> None:
    one, other = Button(Label("esc", "Cancel"), id="one"), Button(Label("y", "Pause"), id="other")
    app = Bench(one, other, theme="mono")
    async with app.run_test(size=(40, 5)) as pilot:
        one.focus()
        await pilot.pause()
        filled = without_colour(one)
        other.focus()
        await pilot.pause()
        assert without_colour(one) != filled
        one.focus()
        await pilot.pause()
        assert without_colour(one) == filled


@pytest.mark.parametrize("glyphs", [Glyphs("unicode"), ASCII])
def test_a_button_cuts_its_words_and_never_its_key(glyphs: Glyphs) -> None:
    palette = Palette({}, glyphs)
    button = Button(Label("y", "Acknowledge retrain-v7-with-a-very-long-name-worker-0"))
    text = "".join(part for part, _ in button.draw(30, palette)[0])
    assert text.startswith(" y  Ack")
    assert text.rstrip().endswith("worker-0")
    assert len(text) <= 30


FORM = Form(reasons=Choices(("a", "b", "c", "d", "e"), 0), lengths=Choices(("15m", "custom"), 0))


@given(height=st.integers(5, 60), custom=st.booleans(), snoozes=st.booleans(), reasons=st.booleans())
def test_the_parts_of_the_form_never_overlap_and_what_is_chosen_stays(
    height: int, *, custom: bool, snoozes: bool, reasons: bool
) -> None:
    form = FORM._replace(lengths=FORM.lengths if snoozes else Choices(), reasons=FORM.reasons if reasons else Choices())
    rows = rows_of(form, height, custom=custom and snoozes)
    taken = [y for first, count in rows.values() for y in range(first, first + count)]
    assert len(taken) == len(set(taken))
    assert taken == sorted(taken)
    assert max(taken) < height
    wanted = {"target", "note", *(["lengths"] if snoozes else []), *(["reasons"] if reasons else [])}
    assert wanted <= set(rows)


def test_choices_stop_at_both_ends() -> None:
    choices = Choices(("a", "b"), 0)
    assert choices.moved(-1).name == "a"
    assert choices.moved(5).name == "b"
    assert Choices().name == ""
