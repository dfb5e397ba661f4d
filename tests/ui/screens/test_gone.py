from __future__ import annotations

from typing import Any

from textual.screen import Screen

from finops_tui.ui.issues import Issue, Rank
from finops_tui.ui.screens.gone import Gone

LOST, INCOMPLETE = Issue(Rank.LOST, "No answer."), Issue(Rank.INCOMPLETE, "Two are missing.")


def test_what_is_lost_is_told_before_what_is_gone_and_the_rest_after_it() -> None:
    screen: Screen[Any] = Screen()
    gone = Gone(screen, lambda: None)
    assert gone.among((LOST, INCOMPLETE)) == (LOST, INCOMPLETE)
    gone.words = "nlp is no longer listed."
    own = Issue(Rank.REFUSED, "nlp is no longer listed.")
    assert gone.among((LOST, INCOMPLETE)) == (LOST, own, INCOMPLETE)
    assert gone.among(()) == (own,)
