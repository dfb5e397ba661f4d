"""What is done at clouds, as keys offer it: resizing a pool, and telling what an anomaly was."""

from __future__ import annotations

import re
from collections.abc import Mapping

from finops_tui.errors import UsageError
from finops_tui.ui.acts import ANOMALY, POOL, Act, Answer, Question

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.plan import Target
    from finops_tui.model.snapshot import Snapshot

_PART = re.compile(r"(nodes|min|max|group|price)=(\S+)")
HOW_MANY = "a number of machines; bounds as min=1 max=4; group=NAME where several stand behind it; price=$/h of one"


def _machines(target: Target, snapshot: Snapshot) -> str:
    """Return how many machines it has, which is what it has been given where nothing is on its way."""
    pool = next((row.nodes for row in snapshot.pools if row.key == target.key), None)
    outside = next((row.machines for row in snapshot.cloud.outside if row.key == target.key), None)
    found = pool if pool is not None else outside
    return "" if found is None else str(found)


def _read(answer: str) -> Mapping[str, str]:
    """Read `4`, `min=1 max=4` or `4 group=b`."""
    found: dict[str, str] = {}
    for word in answer.replace(",", " ").split():
        part = _PART.fullmatch(word)
        name, value = (part[1], part[2]) if part is not None else ("nodes", word)
        if name in found or (part is None and not word.isdecimal()):
            raise UsageError(f"{word!r} is not understood.", hint=f"Write {HOW_MANY}.")
        found[name] = value
    if not {"nodes", "min", "max"}.intersection(found):
        raise UsageError("Say how many.", hint=f"Write {HOW_MANY}.")
    return found


RESIZE = Act(
    id="resize",
    key="R",
    verb="resize",
    about="give the group of machines behind a pool another size, at its cloud",
    kinds=frozenset({POOL}),
    asks=Question(
        words=lambda name, now: f"Resize {name} from {now} to" if now else f"Resize {name} to",
        now=_machines,
        read=_read,
        hint=HOW_MANY,
    ),
    timed=True,
)
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
