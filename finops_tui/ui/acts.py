"""What can be done about a row, once: keys, footer, questions and the dialog read it. A new action is a line here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from finops_tui.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:  # making these classes takes longer than the first frame can wait
    from finops_tui.model.plan import Target
    from finops_tui.model.snapshot import Snapshot

WORKLOAD, POOL, NODE, NAMESPACE, ANOMALY = "workload", "pool", "node", "namespace", "anomaly"
"""Kinds of targets, as `TargetKind` spells them; here before that class is made."""


class Question(NamedTuple):
    """What must be known before there can be a plan."""

    words: Callable[[str, str], str]
    """Asks it, from the name of the target and what is now: `Scale rerank-eu from 6 to`."""
    now: Callable[[Target, Snapshot], str]
    """What it is now, offered as the answer; empty where that is not known."""
    read: Callable[[str], Mapping[str, str]]
    """Makes the action's parameters of the answer. Raises UsageError that says what would do."""
    hint: str
    """What may be answered."""


class Answer(NamedTuple):
    """One of several answers that a question has."""

    id: str
    words: str
    about: str
    given: Mapping[str, str]
    """The action's parameters that it means."""


class Act(NamedTuple):
    """One action, as keys offer it."""

    id: str
    """Of the action, as the engine knows it."""
    key: str
    verb: str
    """As the footer says it, and the button with the name."""
    about: str
    kinds: frozenset[str]
    """Kinds of targets that it is for."""
    asks: Question | None = None
    answers: tuple[Answer, ...] = ()
    """What is chosen from before there can be a plan, in place of a question."""
    timed: bool = False
    """Whether a time can be set at which it should be taken back."""
    footer: bool = False


def _replicas(target: Target, snapshot: Snapshot) -> str:
    """Return how many pods a workload has, which is how many replicas for all that one scales by hand."""
    rows = snapshot.spend.get("workload", ())  # type: ignore[call-overload]  # a StrEnum is its text
    row = next((row for row in rows if row.key == target.key), None)
    return str((row.pods or 0) + (row.pods_pending or 0)) if row is not None else ""


_SIZE = re.compile(r"\d{1,4}")
_HOLD = re.compile(r"hold (\d{1,4})")
_BOUNDS = re.compile(r"(?:min=\d{1,4})?,? ?(?:max=\d{1,4})?")
SIZES = "a number; for an autoscaled one min=1,max=4, or hold 4 where KEDA scales it"


def _size(answer: str) -> Mapping[str, str]:
    """Read `4`, the bounds `min=1,max=4` of an autoscaler, or `hold 4`."""
    text = " ".join(answer.split()).casefold()
    if _SIZE.fullmatch(text):
        return {"replicas": str(int(text))}
    if (held := _HOLD.fullmatch(text)) is not None:
        return {"autoscaler": "pause", "replicas": str(int(held[1]))}
    if text and _BOUNDS.fullmatch(text):
        return {"autoscaler": ",".join(re.findall(r"m(?:in|ax)=\d+", text))}
    raise UsageError(f"{answer.strip()!r} is no size." if answer.strip() else "Say how many.", hint=f"Write {SIZES}.")


ACTS: tuple[Act, ...] = (
    Act(
        id="pause",
        key="p",
        verb="pause",
        about="pause the workload: its pods go, and it can be resumed",
        kinds=frozenset({WORKLOAD}),
        timed=True,
        footer=True,
    ),
    Act(
        id="scale",
        key="s",
        verb="scale",
        about="give the workload another number of replicas, or its autoscaler other bounds",
        kinds=frozenset({WORKLOAD}),
        asks=Question(
            words=lambda name, now: f"Scale {name} from {now} to" if now else f"Scale {name} to",
            now=_replicas,
            read=_size,
            hint=SIZES,
        ),
        timed=True,
        footer=True,
    ),
    Act(
        id="resume",
        key="P",
        verb="resume",
        about="resume what is paused, whoever paused it",
        kinds=frozenset({WORKLOAD}),
    ),
    Act(
        id="cordon",
        key="C",
        verb="cordon",
        about="keep new pods from the node; those that run on it stay",
        kinds=frozenset({NODE}),
    ),
    Act(
        id="uncordon",
        key="U",
        verb="uncordon",
        about="let new pods come to the node again",
        kinds=frozenset({NODE}),
    ),
    Act(
        id="drain",
        key="e",
        verb="drain",
        about="move the node's pods elsewhere, as their disruption budgets allow",
        kinds=frozenset({NODE}),
    ),
    Act(
        id="delete-node",
        key="N",
        verb="delete node",
        about="delete an idle node and its machine; it cannot be undone",
        kinds=frozenset({NODE}),
    ),
    Act(
        id="rollback",
        key="B",
        verb="roll back",
        about="set the workload back to how it was before its last rollout",
        kinds=frozenset({WORKLOAD}),
    ),
    Act(
        id="quota",
        key="Q",
        verb="quota",
        about="limit the GPUs that the namespace may ask for, for some hours",
        kinds=frozenset({NAMESPACE}),
        timed=True,
    ),
    Act(
        id="limit",
        key="M",
        verb="limit",
        about="keep the pool from growing beyond what it has now",
        kinds=frozenset({POOL}),
    ),
)

_DOLLARS = re.compile(r"\$?(\d{1,3}(?:,?\d{3})*(?:\.\d+)?|\d+(?:\.\d+)?)(k?)(?:/h)?")


def dollars_an_hour(answer: str) -> float | None:
    """Read `900`, `$1,284/h` or `1.2k`; None for anything else."""
    found = _DOLLARS.fullmatch(answer.strip().casefold())
    return float(found[1].replace(",", "")) * (1_000.0 if found[2] else 1.0) if found is not None else None


def _under(answer: str) -> Mapping[str, str]:
    usd = dollars_an_hour(answer)
    if usd is None:
        raise UsageError(f"{answer.strip()!r} is no number of dollars.", hint="Write 900 or 1.2k.")
    return {"usd_per_hour": str(usd)}


UNDER = Question(
    words=lambda spent, _: f"Spends {spent} now; get under, in $/h",
    now=lambda _target, _snapshot: "",
    read=_under,
    hint="dollars an hour, as 900 or 1.2k",
)
"""Asked before spend is reduced to a sum."""

KEY_ID = "action."
"""What the id of an action's key begins with."""
