"""How the accounts of one source fare, told as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from finops_tui.errors import FinopsError
from finops_tui.model.health import HealthState
from finops_tui.model.observations import SourceHealth
from finops_tui.sources.aws.settings import AwsSettings

SHORT = "aws"
BILL_FRESH_SECONDS = 12 * 3600.0
"""Twice the pace of the first question about bills: later than that, something is wrong."""
FREE_FRESH_ROUNDS = 4.0


@dataclass(slots=True)
class AccountState:
    """How one account fares."""

    title: str = ""
    fault: FinopsError | None = None
    """Why it gives nothing at all; None while it gives something."""
    parts: int = 0
    """How many it is asked for; 0 until somebody is let in."""
    asked_all: bool = False
    """Whether each part has been asked once."""
    missing: dict[str, FinopsError] = field(default_factory=dict)
    """By part."""
    warnings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By part."""
    answered_at: datetime | None = None
    bill_at: datetime | None = None
    """When AWS gave the bill that we have."""
    cost: str = ""
    """What requests have cost this month: `$1.20 of $4 this month`."""

    @property
    def lost(self) -> bool:
        """Whether nothing comes from it."""
        return self.fault is not None or 0 < self.parts <= len(self.missing)


class Health:
    """Remembers since when it is as it is."""

    def __init__(self, source: str, settings: AwsSettings) -> None:
        self._source = source
        self._settings = settings
        self._state: HealthState | None = None
        self._since: datetime | None = None

    def told(self, at: datetime, accounts: Sequence[AccountState]) -> SourceHealth:
        """Return the word on all accounts as they are at this moment."""
        faults = {account.title: account.fault for account in accounts if account.fault is not None}
        missing = {**faults, **_missing(accounts, several=len(accounts) > 1)}
        state = _state(accounts, missing=bool(missing))
        if state is not self._state or self._since is None:
            self._state, self._since = state, at
        first = next(iter(missing.values()), None)
        down = state is HealthState.DOWN
        return SourceHealth(
            at=at,
            source=self._source,
            cluster=self._settings.cluster,
            short=SHORT,
            state=state,
            since=self._since,
            answered_at=self._answered_at([account for account in accounts if account.answered_at is not None]),
            stale_after_seconds=self._stale_after(),
            primed=all(account.asked_all or account.fault is not None for account in accounts),
            reason=first.title if first is not None and down else "",
            hint=first.hint if first is not None else "",
            missing=tuple(f"{what}: {error.title}" for what, error in missing.items()),
            note=request_cost(accounts),
            warnings=tuple(word for account in accounts for words in account.warnings.values() for word in words),
        )

    def _answered_at(self, answered: Sequence[AccountState]) -> datetime | None:
        """Return how old the oldest bill is; without bills, when an account last answered."""
        if self._settings.bills:
            bills = [account.bill_at for account in answered if account.bill_at is not None]
            if bills:
                return min(bills)
        return min((account.answered_at for account in answered if account.answered_at is not None), default=None)

    def _stale_after(self) -> float:
        return BILL_FRESH_SECONDS if self._settings.bills else FREE_FRESH_ROUNDS * self._settings.interval_seconds


def request_cost(accounts: Sequence[AccountState]) -> str:
    """Say what requests have cost: of one account, or of each of several."""
    told = [account for account in accounts if account.cost]
    if len(told) == 1:
        return told[0].cost
    return ", ".join(f"{account.title} {account.cost}" for account in told)


def _missing(accounts: Sequence[AccountState], *, several: bool) -> Mapping[str, FinopsError]:
    return {
        f"{part} of {account.title}" if several else part: error
        for account in accounts
        if account.fault is None
        for part, error in account.missing.items()
    }


def _state(accounts: Sequence[AccountState], *, missing: bool) -> HealthState:
    if all(account.lost for account in accounts):
        return HealthState.DOWN
    if not any(account.asked_all for account in accounts):
        return HealthState.CONNECTING
    return HealthState.PARTIAL if missing else HealthState.POLLED
