"""Armed for a while: until then a change can be confirmed, and the screen says so all the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from finops_tui.engine.policy import Policies, Policy
from finops_tui.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Arming:
    """Disarmed unless `since` says otherwise. A cluster with a shorter time of its own is disarmed earlier."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, now: datetime, policy: Policy) -> bool:
        """Tell whether changes may be confirmed. A clock that was set back disarms."""
        return self.left(now, policy) > timedelta(0)

    def left(self, now: datetime, policy: Policy) -> timedelta:
        """Return how much longer it is armed under these rules; zero when it is not."""
        if self.since is None or self.until is None or now < self.since:
            return timedelta(0)
        end = min(self.until, self.since + timedelta(minutes=policy.arm_minutes))
        return max(timedelta(0), end - now)


DISARMED = Arming()


def arm(policies: Policies, now: datetime) -> Arming:
    """Arm for as long as any cluster that may be changed allows. Raises Refused where none may."""
    minutes = [policy.arm_minutes for policy in policies.all if not policy.read_only]
    if not minutes:
        raise Refused(
            "Everything is read-only, so there is nothing to arm.",
            hint="policy.read_only in config.yaml says so; false allows changes.",
        )
    return Arming(since=now, until=now + timedelta(minutes=max(minutes)))
