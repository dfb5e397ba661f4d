"""What one may not do: asked once the cursor rests, kept a while, told in few words."""

from __future__ import annotations

from msgspec.structs import replace

from finops_tui.actions.base import Permission
from finops_tui.ui.permitted import AGAIN_SECONDS, KEPT, KEPT_SECONDS, Permitted, long_words, short_words
from tests.ui.desk import RETRAIN_TARGET

OTHER = replace(RETRAIN_TARGET, key="prod-us/Job/a/b")
PATCH = Permission(verb="patch", resource="jobs", group="batch", namespace="nlp-train")
LIST = Permission(verb="list", resource="pods", namespace="nlp-train", optional=True)


def test_it_is_asked_once_and_again_after_a_while() -> None:
    now = 0.0
    permitted = Permitted(lambda: now)
    assert permitted.wants(RETRAIN_TARGET)
    assert not permitted.wants(RETRAIN_TARGET), "the answer is awaited"
    permitted.learn(RETRAIN_TARGET, {"pause": (PATCH,)})
    assert permitted.lacking(RETRAIN_TARGET) == {"pause": (PATCH,)}
    assert not permitted.wants(RETRAIN_TARGET)
    now = KEPT_SECONDS + 1
    assert permitted.wants(RETRAIN_TARGET)
    assert permitted.lacking(RETRAIN_TARGET) == {"pause": (PATCH,)}, "until the new answer comes"


def test_who_could_not_answer_is_asked_again_soon_and_nothing_is_forgotten() -> None:
    now = 0.0
    permitted = Permitted(lambda: now)
    permitted.learn(RETRAIN_TARGET, {"pause": (PATCH,)})
    now = KEPT_SECONDS + 1
    assert permitted.wants(RETRAIN_TARGET)
    permitted.without_answer(RETRAIN_TARGET)
    assert permitted.lacking(RETRAIN_TARGET) == {"pause": (PATCH,)}
    assert not permitted.wants(RETRAIN_TARGET)
    now += AGAIN_SECONDS
    assert permitted.wants(RETRAIN_TARGET)


def test_a_cursor_that_moved_on_leaves_nothing_to_ask() -> None:
    permitted = Permitted(lambda: 0.0)
    permitted.wants(RETRAIN_TARGET)
    assert permitted.wants(OTHER)
    assert not permitted.still(RETRAIN_TARGET)
    assert permitted.still(OTHER)


def test_what_does_not_fit_is_known_once_somebody_was_asked() -> None:
    permitted = Permitted(lambda: 0.0)
    assert permitted.fits(RETRAIN_TARGET, "scale")
    permitted.learn(RETRAIN_TARGET, {"pause": ()})
    assert permitted.fits(RETRAIN_TARGET, "pause")
    assert not permitted.fits(RETRAIN_TARGET, "scale")


def test_it_does_not_grow_for_ever() -> None:
    permitted = Permitted(lambda: 0.0)
    for number in range(3 * KEPT):
        permitted.learn(replace(RETRAIN_TARGET, key=str(number)), {})
    assert len(permitted._known) <= KEPT


def test_what_matters_is_told() -> None:
    assert short_words((PATCH, LIST)) == "needs patch"
    assert short_words((LIST,)) == ""
    assert long_words((PATCH, LIST)) == "needs patch batch/jobs in nlp-train"
