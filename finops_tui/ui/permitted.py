"""What the person at the keys may not do, as far as the clusters say. Asked once the cursor rests, and kept a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.actions.base import Permission
    from finops_tui.model.plan import Target

KEPT_SECONDS = 60.0
AGAIN_SECONDS = 5.0
"""How long until somebody is asked again who could not answer."""
REST_SECONDS = 0.4
"""How long the cursor must rest on a thing before anybody is asked about it."""
KEPT = 256

Lacking = Mapping[str, "tuple[Permission, ...]"]
"""By action that fits a target, the permissions that are missing."""


class _Known(NamedTuple):
    until: float
    lacking: Lacking


class Permitted:
    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._known: dict[str, _Known] = {}
        self._asked: str = ""

    def lacking(self, target: Target) -> Lacking:
        """Return what is known of a target; nothing where nobody was asked yet."""
        known = self._known.get(target.key)
        return known.lacking if known is not None else {}

    def fits(self, target: Target, action: str) -> bool:
        """Tell whether an action is for such a target; until that is known it counts as being so."""
        known = self.lacking(target)
        return not known or action in known

    def wants(self, target: Target) -> bool:
        """Tell whether somebody should be asked about a target, and remember that it is the one looked at."""
        known = self._known.get(target.key)
        fresh = known is not None and self._monotonic() < known.until
        if fresh or self._asked == target.key:
            return False
        self._asked = target.key
        return True

    def still(self, target: Target) -> bool:
        """Tell whether it is still the one looked at."""
        return self._asked == target.key

    def learn(self, target: Target, lacking: Lacking) -> None:
        self._keep(target, lacking, KEPT_SECONDS)

    def without_answer(self, target: Target) -> None:
        """Keep what was known: whoever tries it is told by the server itself."""
        self._keep(target, self.lacking(target), AGAIN_SECONDS)

    def _keep(self, target: Target, lacking: Lacking, seconds: float) -> None:
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[target.key] = _Known(self._monotonic() + seconds, lacking)
        self._asked = ""


def short_words(lacking: tuple[Permission, ...]) -> str:
    """Say what is missing in the footer: `needs patch`; empty where nothing that matters is."""
    verbs = dict.fromkeys(one.verb for one in lacking if not one.optional)
    return f"needs {', '.join(verbs)}" if verbs else ""


def long_words(lacking: tuple[Permission, ...]) -> str:
    """Say the same in full: `needs patch batch/jobs in nlp-train`."""
    return f"needs {', '.join(str(one) for one in lacking if not one.optional)}"
