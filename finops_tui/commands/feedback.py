"""Telling a cloud what an anomaly was that it found, as a key offers it and as it is chosen."""

from __future__ import annotations

from finops_tui.ui.acts import ANOMALY, Act, Answer

ANSWERS = (
    ("real", "real", "the money was spent and nobody meant it"),
    ("false", "false alarm", "nothing was wrong; the cloud should not call such a thing an anomaly"),
    ("planned", "planned activity", "it was meant: a launch, a migration, a load test"),
)
"""As the action knows them, in words, and what each means."""
FEEDBACK = Act(
    id="feedback",
    key="F",
    verb="judge",
    about="tell AWS whether an anomaly that it found was real, a false alarm or planned",
    kinds=frozenset({ANOMALY}),
    answers=tuple(Answer(id_, words, about, {"feedback": id_}) for id_, words, about in ANSWERS),
    footer=True,
)
