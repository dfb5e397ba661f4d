"""What explained each excess, held once its onset is longer ago than samples are kept."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from finops_tui.detectors.attribution import BEFORE_SECONDS, PLATEAU, STEADY, SWING, Share, explain, itself
from finops_tui.detectors.base import PAST_SECONDS, SAMPLE_SECONDS, Scene
from finops_tui.model.scope import Scope

TIMELESS = (SWING, PLATEAU)
"""Questions whose answer does not need the time before the onset."""
KEPT_SECONDS = 86_400.0
"""From its onset on, what explained an alarm is known even while that is off."""


class _Answer(NamedTuple):
    since: float
    """Onset of the excess, unix seconds."""
    scope: Scope
    """What explained it."""
    before: float
    """$/h of that before the onset."""
    whole_before: float
    """$/h of what was asked about."""


class Explained:
    """Explains excesses while the time before them can be seen, and from then on keeps to what was found.

    Held against the oldest sample there is, whatever moved lately would explain an excess of hours ago.
    """

    def __init__(self) -> None:
        self._answers: dict[Scope, _Answer] = {}
        """By the scope that was asked about."""

    def keep(self, alarms: Container[Scope], now: float) -> None:
        """Forget what is no alarm at this time (unix seconds) and began long ago; what pauses comes back as it was."""
        self._answers = {
            scope: answer
            for scope, answer in self._answers.items()
            if scope in alarms or now - answer.since < KEPT_SECONDS
        }

    def explain(self, scene: Scene, scope: Scope, since: float, question: str, held: Scope | None) -> Share | None:
        """Return what explains a scope's excess, as `attribution.explain` does."""
        before = scene.now.timestamp() - since + BEFORE_SECONDS  # seconds ago
        if before >= PAST_SECONDS - SAMPLE_SECONDS and question not in TIMELESS:
            share = self._as_before(scene, scope, since)
            if share is not None:
                return share
        share = explain(scene, scope, since, question, held)
        whole = share if share is None or share.scope == scope else itself(scene, scope, since, question)
        if share is not None and whole is not None:
            self._answers[scope] = _Answer(since, share.scope, share.before, whole.before)
        return share

    def _as_before(self, scene: Scene, scope: Scope, since: float) -> Share | None:
        """Return the answer that was found in time, while it still explains enough of what is left."""
        answer, whole = self._answers.get(scope), scene.rows.get(scope)
        if answer is None or answer.since != since or whole is None or whole.usd_per_hour is None:
            return None
        excess = whole.usd_per_hour - answer.whole_before
        if excess <= 0:
            return Share(scope, whole, answer.whole_before, excess, 1.0)
        row = scene.rows.get(answer.scope)
        delta = row.usd_per_hour - answer.before if row is not None and row.usd_per_hour is not None else 0.0
        if row is None or delta < STEADY * excess:
            return None
        return Share(answer.scope, row, answer.before, delta, delta / excess)
