"""The way back as a tag: short, in letters that every service takes, and read back as it was."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.actions.cloud.note import UNDO_TAG, Note, note_on, word
from finops_tui.errors import ActionError

VALUES = st.lists(st.integers(0, 10_000) | st.sampled_from(["ENABLED", "running"]), min_size=3, max_size=3).map(tuple)
TAG = re.compile(r"[\w .:/=+\-@]{1,256}", re.ASCII)
"""The strictest that any of the services asks for."""


@given(VALUES, VALUES, st.text(max_size=300), st.sampled_from(["", "2026-03-10T14:30:00Z"]))
def test_whoever_did_it_a_note_fits_a_tag_and_is_read_back_as_it_was(
    was: tuple[int | str, ...], now: tuple[int | str, ...], by: str, until: str
) -> None:
    note = Note(
        action="resize", plan="5f0c9e21aa04bb17", by=word(by), at="2026-03-10T12:00:00Z", was=was, set=now, until=until
    )
    written = note.to_tag()
    assert TAG.fullmatch(written)
    assert note_on({UNDO_TAG: written}, 3) == note


@given(st.text(max_size=256))
def test_what_somebody_else_wrote_there_is_none_of_ours(written: str) -> None:
    with pytest.raises(ActionError, match="cannot be read"):
        note_on({UNDO_TAG: written}, 3)


@pytest.mark.parametrize(
    "written",
    [
        "v2 do=resize plan=p by=ana at=2026 was=1/2/3 set=1/2/3",
        "v1 do=resize plan=p by=ana at=2026 was=1/2 set=1/2",
        "v1 do=resize plan=p by=ana at=2026 was=1/2/3",
        "v1 do",
    ],
)
def test_another_version_and_half_a_note_are_refused(written: str) -> None:
    with pytest.raises(ActionError, match="cannot be read"):
        note_on({UNDO_TAG: written}, 3)


def test_a_thing_without_one_has_none() -> None:
    assert note_on({"team": "nlp"}, 3) is None
