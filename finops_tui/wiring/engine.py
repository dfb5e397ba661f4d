"""The engine on any sources, and the desk that comes once its first figures stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from finops_tui.clock import Clock
from finops_tui.engine.feed import Feed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.engine.compose import Composer
    from finops_tui.engine.desk import Desk
    from finops_tui.engine.hub import Companion, Hub
    from finops_tui.engine.settings import EngineSettings
    from finops_tui.model.fleet import Fleet
    from finops_tui.model.snapshot import Mode, Scenario, Snapshot
    from finops_tui.sources.base import Source

JUDGED_AFTER_SECONDS = 0.1
"""After the first figures, until what judges them is loaded: the screen draws them meanwhile."""


def engine_on(
    sources: Sequence[Source],
    clock: Clock,
    feed: Feed,
    *,
    settings: EngineSettings,
    mode: Mode,
    timer: Callable[[], float] | None = None,
    companions: Callable[[Composer], Sequence[Companion]] = lambda _: (),
    scenario: Callable[[], Scenario | None] = lambda: None,
) -> Hub:
    """Build what turns news of `sources` into snapshots in `feed`.

    `companions` are made once there is a composer; `timer` (seconds) replaces the real one on virtual time; `scenario`
    says which incident the simulated cloud has.
    """
    from msgspec.structs import replace

    from finops_tui.engine.compose import Composer
    from finops_tui.engine.hub import Hub
    from finops_tui.engine.primer import Primer

    composer = Composer(settings, mode, clock.speed)
    pace = {} if timer is None else {"timer": timer}

    def compose(fleet: Fleet, now: datetime) -> Snapshot:
        snapshot, incident = composer.compose(fleet, now), scenario()
        return snapshot if incident is None else replace(snapshot, scenario=incident)

    return Hub(
        sources, clock, feed, compose, companions=(Primer(composer.catch_up, **pace), *companions(composer)),
        refresh_seconds=settings.refresh_seconds,
        second_after_seconds=JUDGED_AFTER_SECONDS if settings.figures_first else None, **pace,
    )  # fmt: skip


def desk_to_come(
    build: Callable[[], Desk], clock: Clock, *, possible: bool, armed_for: timedelta | None = None
) -> Companion:
    """Return the desk to come, and what the screen says of it until then."""
    from finops_tui.engine.later import Later
    from finops_tui.model.observations import ArmingSeen

    now = clock.now()
    until = now + armed_for if armed_for is not None else None
    return Later("actions", build, (ArmingSeen(at=now, source="actions", cluster="", possible=possible, until=until),))
