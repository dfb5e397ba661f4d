"""Leave to carry out one plan once, within a minute. Only `permit` gives it, and it asks the guard itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, NoReturn

import msgspec

from finops_tui.engine.arming import Arming
from finops_tui.engine.guard import judge
from finops_tui.engine.guard_checks import rank
from finops_tui.engine.journal_entry import Entry, Who
from finops_tui.engine.policy import Policy, SecondPerson
from finops_tui.errors import Refused
from finops_tui.model.plan import Decision, Judgement, Plan
from finops_tui.model.snapshot import Snapshot

VALID_FOR = timedelta(minutes=1)
_SEAL = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What a person answered, and who it was."""

    who: Who
    typed: str = ""
    reason: str = ""
    approver: str = ""
    """Name of the second person, and behind it their code where the policy asks for one: `mei 123456`."""
    bulk: str = ""
    """Id of the first plan of several that the same key confirms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a confirmation must have."""

    typed: str
    """Exactly this; empty where a key is enough."""
    reason_pattern: str
    """Regular expression; empty where no reason is asked for."""
    approver: bool
    code: bool = False
    """Whether their code is asked for, too."""


class Permit:
    """First the journal takes it, then whoever sends the first request. Cannot be made, copied or kept by others."""

    __slots__ = ("_digest", "_expires", "_lock", "_spent", "_written", "confirmation", "judgement")

    def __init__(
        self, seal: object, plan: Plan, judgement: Judgement, confirmation: Confirmation, now: datetime
    ) -> None:
        if seal is not _SEAL:
            raise TypeError("only permit() makes permits")
        self.judgement = judgement
        self.confirmation = confirmation
        self._digest = digest(plan)
        self._expires = now + VALID_FOR
        self._written = self._spent = False
        self._lock = Lock()

    def write(self, plan: Plan, now: datetime) -> None:
        """Take it for the journal. Raises Refused for another plan, too late, or the second time."""
        with self._lock:
            self._require(plan, now)
            if self._written:
                raise Refused("This change was already written down.", hint="Plan it again.")
            self._written = True

    def spend(self, plan: Plan, now: datetime) -> None:
        """Take it for the first request. Raises Refused for another plan, too late, unwritten, or the second time."""
        with self._lock:
            self._require(plan, now)
            if not self._written:
                raise Refused("This change is not in the journal, so it is not sent.")
            if self._spent:
                raise Refused("This change was already sent.", hint="Plan it again.")
            self._spent = True

    def _require(self, plan: Plan, now: datetime) -> None:
        if digest(plan) != self._digest:
            raise Refused("The plan is not the one that was confirmed.", hint="Look at it again, then confirm.")
        if not self._expires - VALID_FOR <= now < self._expires:
            raise Refused("The confirmation is more than a minute old.", hint="Look at the plan again, then confirm.")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a permit cannot be copied")


def permit(
    judgement: Judgement,
    plan: Plan,
    confirmation: Confirmation,
    *,
    snapshot: Snapshot,
    policy: Policy,
    armed: Arming,
    now: datetime,
    recent: Sequence[Entry] = (),
    beside: Sequence[Plan] = (),
    place: int | None = None,
) -> Permit:
    """Judge the plan once more and check the answer; `judgement` is what the person was shown.

    The arguments by name are those of `judge`. Raises Refused when the guard refuses now, when it asks for more than
    was shown, or when the answer is not what it asks for.
    """
    fresh = judge(plan, snapshot, policy, armed, now, recent=recent, beside=beside, place=place)
    if fresh.decision is Decision.REFUSE:
        raise Refused(fresh.reason)
    if rank(fresh.decision) > rank(judgement.decision):
        raise Refused(
            "More is asked for than when the plan was shown.", fresh.reason, "Look at it again, then confirm."
        )
    asked = wanted(fresh, policy)
    if asked.typed and confirmation.typed.strip() != asked.typed:
        raise Refused(f"What was typed is not {asked.typed}.", fresh.reason)
    if asked.reason_pattern and not re.search(asked.reason_pattern, confirmation.reason):
        raise Refused("The reason is not as policy.reason_pattern wants it.", f"It must contain {asked.reason_pattern}")
    if asked.approver:
        name = agreed(confirmation, policy, now)
        confirmation = replace(confirmation, approver=name)
    return Permit(_SEAL, plan, fresh, confirmation, now)


def agreed(confirmation: Confirmation, policy: Policy, now: datetime) -> str:
    """Return who agreed, without their code. Raises Refused where nobody did who may."""
    name, _, code = confirmation.approver.strip().partition(" ")
    if name.casefold() in {"", *_names(confirmation.who)}:
        raise Refused("A second person must agree.", "policy.second_person wants the name of a colleague.")
    if not policy.approvers:
        return confirmation.approver.strip()
    from pyotp import TOTP

    known = next((each for each in policy.approvers if each.name.casefold() == name.casefold()), None)
    if known is None:
        raise Refused(f"{name} is not among policy.approvers.", "Ask one of them for the code of their authenticator.")
    if not TOTP(known.secret).verify(code.strip(), for_time=now, valid_window=1):
        raise Refused(f"That is not {known.name}'s code now.", "Write their name and the six digits: mei 123456.")
    return f"{known.name} (by code)"


def wanted(judgement: Judgement, policy: Policy) -> Wanted:
    typed = judgement.decision is Decision.TYPE_NAME
    second = policy.second_person
    return Wanted(
        typed=judgement.type_name if typed else "",
        reason_pattern=policy.reason_pattern,
        approver=second is SecondPerson.ALWAYS or (second is SecondPerson.TYPED and typed),
        code=bool(policy.approvers),
    )


def digest(plan: Plan) -> str:
    """Return the SHA-256 of everything that a plan says. Raises Refused for one that cannot be written down."""
    try:
        return hashlib.sha256(msgspec.json.encode(plan, enc_hook=plain_data, order="deterministic")).hexdigest()
    except (TypeError, ValueError) as error:
        raise Refused("The plan cannot be written down.", str(error)) from None


def plain_data(value: Any) -> Any:
    """Return as plain data what the encoder does not know. Raises TypeError for what is none."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no data")


def _names(who: Who) -> set[str]:
    """Return every name in `root (sudo by ana)` and the cluster's: none of them is a second person."""
    return {name.casefold() for name in (*re.findall(r"[^\s()]+", who.user), who.cluster_user)}
