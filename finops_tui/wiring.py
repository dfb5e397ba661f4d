"""The composition root: the one place that builds objects from a config or from the command line.

What only the engine needs is imported when the engine is built: the first frame comes before that.
"""

from __future__ import annotations

import asyncio
import gc
import math
import os
import signal
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from finops_tui.clock import Clock, SimulatedClock, VirtualTimeLoop, WallClock
from finops_tui.engine.feed import Feed
from finops_tui.engine.runner import EngineThread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from finops_tui.config.models import Config
    from finops_tui.detectors.registry import DetectionRules
    from finops_tui.engine.compose import Composer
    from finops_tui.engine.deeds import Deed
    from finops_tui.engine.desk import Desk
    from finops_tui.engine.hub import Companion, Hub
    from finops_tui.engine.settings import EngineSettings
    from finops_tui.ledger.drilling import Drilling
    from finops_tui.ledger.ledger import Ledger
    from finops_tui.model.fleet import Fleet
    from finops_tui.model.snapshot import Mode, Scenario, Snapshot
    from finops_tui.simulation.billing import SimulatedBilling
    from finops_tui.simulation.clouds import SimulatedClouds
    from finops_tui.simulation.source import SimulatedCloud
    from finops_tui.sources.base import Source
    from finops_tui.sources.bills.focus_files import FocusFiles
    from finops_tui.ui.app import FinopsApp
    from finops_tui.ui.settings import UiSettings

DEMO_BUDGET_USD = 720_000.0
"""For a month: some 5 % more than the simulated company spends on machines and the rest."""
DEED_AFTER_SECONDS = 0.5
"""What happens in the world at the moment of a change happens before it."""
DEMO_ARMED_MINUTES = 15.0
"""Of real time: the demo begins armed."""
HEADLESS_DEMO_START = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
"""A fixed moment, a Tuesday afternoon, so that a seed always prints the same snapshot."""
SIGNALLED = 128
"""Plus the signal's number is the exit status of what a signal ended, as shells have it."""
HEADLESS_REFRESH_SECONDS = 60.0
"""Simulated time between two snapshots of a headless run: what is kept of the past is kept by the minute."""
JUDGED_AFTER_SECONDS = 0.1
"""After the first figures, until what judges them is loaded: the screen draws them meanwhile."""
BILLS_KEPT_DAYS = 400
"""A year and the month before it: enough to hold a month against the one of last year."""
COLLECT_AFTER_SECONDS = 3.0
"""Garbage is collected only from so long after the first frame on: until then nearly all that is made stays."""


def demo_sources(
    seed: int, clock: Clock, interval_seconds: float | None = None, scenario: str | None = None
) -> tuple[Source, SimulatedCloud]:
    """`interval_seconds` of the clock pass between two reports of the simulated cloud; by default two real ones.

    `scenario` names the incident that it shall have. Raises UsageError where there is none of that name.
    """
    from finops_tui.simulation.source import SimulatedCloud
    from finops_tui.sources.prices import PriceTable

    return PriceTable(clock), SimulatedCloud(seed, clock, interval_seconds, scenario)


def live_sources(config: Config, clock: Clock) -> tuple[Source, ...]:
    """Build what the config names. What Kubernetes may not list of a cluster, its Prometheus tells."""
    from finops_tui.bill_wiring import bill_source
    from finops_tui.sources.annotations.file import AnnotationFile
    from finops_tui.sources.annotations.grafana import Grafana
    from finops_tui.sources.annotations.settings import AnnotationsSettings, GrafanaSettings
    from finops_tui.sources.inventory_share import InventoryShare
    from finops_tui.sources.kubernetes.settings import KubernetesSettings
    from finops_tui.sources.kubernetes.source import KubernetesSource
    from finops_tui.sources.prices import PriceTable
    from finops_tui.sources.prometheus.settings import PrometheusSettings
    from finops_tui.sources.prometheus.source import PrometheusSource

    rules = config.scopes.rules()
    owners, payers = rules.keys(), tuple(dict.fromkeys((*rules.team, *rules.model)))
    overrides = [override.override() for override in config.pricing.overrides]
    priced = {label for override in overrides for label in override.labels}
    watched = {source.cluster for source in config.sources if isinstance(source, KubernetesSettings)}
    shares = {source.cluster: InventoryShare(watched=source.cluster in watched) for source in config.sources}
    sources: list[Source] = [PriceTable(clock, overrides, listed=config.pricing.built_in)]
    for source in config.sources:
        if isinstance(source, KubernetesSettings):
            keep = tuple(sorted(priced.union(source.keep_labels)))
            kept = source.model_copy(update={"keep_labels": keep})
            sources.append(KubernetesSource(kept, clock, shares[source.cluster]))
        elif isinstance(source, AnnotationsSettings):
            sources.append(AnnotationFile(source, clock))
        elif isinstance(source, GrafanaSettings):
            sources.append(Grafana(source, clock))
        elif (bills := bill_source(source, config, clock, partial(ledger, config, clock))) is not None:
            sources.append(bills)
        elif isinstance(source, PrometheusSettings):
            ownership = tuple(sorted(owners.union(source.labels.ownership)))
            labels = source.labels.model_copy(update={"ownership": ownership})
            asked = source.model_copy(update={"labels": labels})
            sources.append(PrometheusSource(asked, clock, config.slos, share=shares[source.cluster], payers=payers))
    return tuple(sources)


def bill_files(config: Config, clock: Clock) -> tuple[FocusFiles, ...]:
    """Build the sources whose bills lie in files; nothing else is asked."""
    from finops_tui.bill_wiring import focus_files
    from finops_tui.sources.bills.settings import FocusSettings

    files = (source for source in config.sources if isinstance(source, FocusSettings))
    return tuple(focus_files(each, config, clock, partial(ledger, config, clock)) for each in files)


def ledger(config: Config, clock: Clock) -> Ledger:
    """Open the ledger of bills; what is older than its retention goes. Raises LedgerError."""
    from finops_tui.ledger.dimensions import NAMESPACE_KEYS
    from finops_tui.ledger.ledger import FILE, Ledger

    rules = config.scopes.rules()
    scopes = {"team": rules.team, "model": rules.model, "namespace": NAMESPACE_KEYS, **dict(rules.extra)}
    opened = Ledger(state_folder(config) / FILE, scopes)
    opened.forget(clock.now() - timedelta(days=BILLS_KEPT_DAYS))
    return opened


def engine_settings(config: Config) -> EngineSettings:
    from finops_tui.analysis.idle import IdleRules
    from finops_tui.engine.settings import EngineSettings

    return EngineSettings(
        refresh_seconds=config.refresh_seconds,
        ownership=config.scopes.rules(),
        idle=IdleRules(below_utilization=config.idle.below_utilization),
        usage=config.pricing.usage(),
        detection=config.findings.detection,
        watch=config.findings.watch(),
        bill_links=config.bills.links(),
    )


def hub(
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


def demo_settings(refresh_seconds: float = 1.0, *, figures_first: bool = False) -> EngineSettings:
    """Return the simulated company's settings: whose bill each cluster is on, and what a month may cost."""
    from finops_tui.analysis.bill_links import BillLink
    from finops_tui.engine.settings import EngineSettings
    from finops_tui.simulation.billing import ACCOUNTS

    return EngineSettings(
        refresh_seconds=refresh_seconds,
        detection=_demo_rules,
        bill_links=tuple(BillLink(cluster=cluster, account=account) for cluster, account in ACCOUNTS.items()),
        figures_first=figures_first,
    )


def _demo_rules() -> DetectionRules:
    from finops_tui.detectors.budget import Budget, BudgetRules
    from finops_tui.detectors.registry import DetectionRules
    from finops_tui.model.billing import Period

    company = Budget(name="company", period=Period.MONTH, usd=DEMO_BUDGET_USD)
    return DetectionRules(budget=BudgetRules(budgets=(company,), thresholds=(1.0,), of_clouds=False))


def demo_hub(
    seed: int,
    clock: Clock,
    feed: Feed,
    scenario: str | None = None,
    billing: Callable[[SimulatedBilling], None] = lambda _: None,
) -> Hub:
    """Build the engine on the simulated cloud; `billing` is told what brings its bills."""
    from finops_tui.model.snapshot import Mode

    prices, cloud = demo_sources(seed, clock, scenario=scenario)
    accounts = _demo_accounts(seed, clock, cloud)
    billing(accounts[0])

    def desk() -> Desk:
        from finops_tui.hands import demo_desk

        return demo_desk(cloud.calls, clock, feed, armed_for=armed_for, explorer=accounts[1].explorer)

    armed_for = timedelta(minutes=DEMO_ARMED_MINUTES * clock.speed)
    return hub(
        (prices, cloud, *accounts), clock, feed, settings=demo_settings(figures_first=True),
        mode=Mode.DEMO,
        scenario=lambda: cloud.scenario,
        companions=lambda _: (_later(desk, clock, possible=True, armed_for=armed_for),),
    )  # fmt: skip


def demo_answers(billing: Sequence[SimulatedBilling], clock: Clock) -> Drilling:
    """Return who answers drill-downs into simulated bills; `billing` is empty until the engine runs."""
    from finops_tui.ledger.drilling import Drilling
    from finops_tui.simulation.exports import SimulatedExport, written

    def ledger() -> Ledger:
        return written(billing[0] if billing else None)

    exports = (SimulatedExport(ledger, clock),)
    return Drilling(lambda: exports, ledger, clock)


def _demo_accounts(seed: int, clock: Clock, cloud: SimulatedCloud) -> tuple[SimulatedBilling, SimulatedClouds]:
    """Build what tells of the simulated company's bills, and what its clouds say of themselves."""
    from finops_tui.simulation.billing import SimulatedBilling
    from finops_tui.simulation.clouds import SimulatedClouds

    billing = SimulatedBilling(seed, clock)
    return billing, SimulatedClouds(seed, clock, cloud, billing)


def _later(build: Callable[[], Desk], clock: Clock, *, possible: bool, armed_for: timedelta | None = None) -> Companion:
    """Return the desk to come, and what the screen says of it until then."""
    from finops_tui.engine.later import Later
    from finops_tui.model.observations import ArmingSeen

    now = clock.now()
    until = now + armed_for if armed_for is not None else None
    return Later("actions", build, (ArmingSeen(at=now, source="actions", cluster="", possible=possible, until=until),))


def live_hub(config: Config, clock: Clock, feed: Feed, *, attended: bool = True) -> Hub:
    """Build the engine on what the config names. Unattended, it answers one question: nobody else is told anything."""
    from finops_tui.engine.keeper import Keeper
    from finops_tui.model.snapshot import Mode
    from finops_tui.notify.notifier import notifiers

    def desk() -> Desk:
        from finops_tui.hands import live_desk

        return live_desk(config, state_folder(config), clock, feed)

    def companions(composer: Composer) -> Sequence[Companion]:
        keeper = Keeper(state_folder(config), composer, clock)
        if not attended:
            return (keeper,)
        possible = config.policy.policies().allow_changes
        others = (*notifiers(config.notify, clock), *_unbilled_days(config, composer, clock))
        return keeper, _later(desk, clock, possible=possible), *others

    return hub(
        live_sources(config, clock), clock, feed, settings=engine_settings(config), mode=Mode.LIVE,
        companions=companions,
    )  # fmt: skip


def _unbilled_days(config: Config, composer: Composer, clock: Clock) -> tuple[Companion, ...]:
    """Return who writes estimated days into the ledger, where the config names clusters for that."""
    if not config.bills.estimated:
        return ()
    from finops_tui.engine.unbilled import UnbilledDays

    billed = tuple(each.cluster for each in config.bills.clusters)
    opened = partial(ledger, config, clock)
    days, clusters = composer.estimated_days, config.bills.unbilled()
    return (UnbilledDays(days, clusters=clusters, billed=billed, ledger=opened, clock=clock),)


def state_folder(config: Config) -> Path:
    """Return where what is learned and decided is kept: apart for every set of sources, unless the config names it."""
    import hashlib

    from platformdirs import user_state_path

    if config.state_folder is not None:
        return config.state_folder
    watched = sorted(f"{source.type} {source.cluster}" for source in config.sources)
    mark = hashlib.sha256("\n".join(watched).encode()).hexdigest()[:12]
    return user_state_path("finops-tui", appauthor=False) / mark


def demo_clock(speed: float, begin: datetime | None = None) -> SimulatedClock:
    """Return the clock of a demo on the screen; it begins now unless told otherwise."""
    return SimulatedClock(begin or datetime.now(UTC), speed)


def headless_demo(
    seed: int,
    seconds: float,
    speed: float,
    scenario: str | None = None,
    *,
    begin: datetime | None = None,
    watch: Callable[[Snapshot], None] | None = None,
    deeds: Sequence[Deed] = (),
    short: Callable[[str], None] = lambda _: None,
) -> Snapshot:
    """Run the simulated cloud for so many simulated seconds and return its last snapshot; `watch` is shown every one.

    Its clock begins at HEADLESS_DEMO_START unless told otherwise. `deeds` are done at their times; `short` is told of
    what does not reach what was asked. Raises FinopsError when one of them is refused or fails.

    `speed` is a factor on real time. An infinite one runs on virtual time, as fast as the machine can: then the same
    seed, duration and scenario always give the same snapshot.
    """
    from finops_tui.model.snapshot import Mode

    feed = Feed()
    if watch is not None:
        feed.subscribe(lambda: watch(feed.snapshot) if feed.snapshot is not None else None)
    jumping = math.isinf(speed)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        clock = SimulatedClock(begin or HEADLESS_DEMO_START, 1.0 if jumping else speed, loop.time)
        settings = demo_settings(HEADLESS_REFRESH_SECONDS / clock.speed)
        prices, cloud = demo_sources(seed, clock, HEADLESS_REFRESH_SECONDS, scenario)
        desk = _headless_desk(cloud, clock, feed, seconds, seed) if deeds else None
        engine = hub(
            (prices, cloud, *_demo_accounts(seed, clock, cloud)), clock, feed, settings=settings, mode=Mode.DEMO,
            timer=loop.time, scenario=lambda: cloud.scenario, companions=lambda _: (desk,) if desk is not None else (),
        )  # fmt: skip
        running = asyncio.create_task(engine.run())
        ending = asyncio.create_task(clock.sleep(seconds))
        doing = [asyncio.create_task(_in_its_time(each, desk, clock, feed)) for each in deeds if desk is not None]
        await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        engine.publish()
        running.cancel()
        for each in doing:
            each.cancel()
        outcomes = await asyncio.gather(*doing, return_exceptions=True)
        await asyncio.gather(running, ending, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
            if isinstance(outcome, str) and outcome:
                short(outcome)

    with asyncio.Runner(loop_factory=VirtualTimeLoop if jumping else None) as runner:
        runner.run(main())
    snapshot = feed.snapshot
    assert snapshot is not None, "the last act of main is to publish"
    return snapshot


def _headless_desk(cloud: SimulatedCloud, clock: Clock, feed: Feed, seconds: float, seed: int) -> Desk:
    from finops_tui.hands import demo_desk

    return demo_desk(cloud.calls, clock, feed, armed_for=timedelta(seconds=seconds), seed=seed)


async def _in_its_time(deed: Deed, desk: Desk, clock: Clock, feed: Feed) -> str:
    from finops_tui.engine.deeds import do

    await clock.sleep(deed.at_seconds + DEED_AFTER_SECONDS)
    assert feed.snapshot is not None, "the engine has published since"
    return await do(deed, desk, feed.snapshot)


def show(build: Callable[[Feed], Hub], ui: UiSettings) -> int:
    """Open the screen on what the hub publishes; return the exit status when it closes."""
    from finops_tui.ui.app import FinopsApp

    for name in ("COLUMNS", "LINES"):  # whoever started us may have set them; they would be believed over the terminal
        os.environ.pop(name, None)
    feed = Feed()
    crashes: list[BaseException] = []

    def crash(error: BaseException) -> None:
        crashes.append(error)
        app.call_from_thread(app.exit)

    engine = EngineThread(lambda: build(feed), crash)

    def go_on() -> None:
        engine.start()  # only now, so that the two do not compete for the start
        app.set_timer(COLLECT_AFTER_SECONDS, collect_garbage)

    app = FinopsApp(feed, ui, on_first_frame=go_on)
    try:
        asyncio.run(_until_told_to_end(app))
    finally:
        engine.stop()
    if app.failure is not None:
        crashes.append(app.failure)
    if crashes:
        raise crashes[0]
    return app.return_code or 0


def collect_garbage() -> None:
    """Collect from now on, but never look again at what the start has made."""
    gc.freeze()
    gc.enable()


async def _until_told_to_end(app: FinopsApp) -> None:
    """Run the screen; a signal to end closes it as the quit key does, so that the terminal is as it was."""
    loop = asyncio.get_running_loop()

    def end(number: int, _: object) -> None:
        status = SIGNALLED + number
        if not os.isatty(0):  # the terminal went away: there is nothing to restore, and writing to it may wait forever
            os._exit(status)
        loop.call_soon_threadsafe(partial(app.exit, return_code=status))

    # Not the loop's own handlers: with SIGHUP comes SIGCONT, at which Textual would take up the lost terminal again.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, end)
    await app.run_async()


def first_snapshot(build: Callable[[Feed], Hub], wait_seconds: float, ready: Callable[[Snapshot], bool]) -> Snapshot:
    """Run the hub until its snapshot is `ready`, or for `wait_seconds`; return the last one."""
    feed = Feed()

    async def main() -> None:
        engine = build(feed)
        running = asyncio.create_task(engine.run())
        news = asyncio.Event()
        feed.subscribe(news.set)

        async def until_ready() -> None:
            while feed.snapshot is None or not ready(feed.snapshot):
                news.clear()
                await news.wait()

        waiting = asyncio.create_task(until_ready())
        await asyncio.wait({running, waiting}, timeout=wait_seconds, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        engine.publish()
        running.cancel()
        waiting.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)

    asyncio.run(main())
    snapshot = feed.snapshot
    assert snapshot is not None, "the last act of main is to publish"
    return snapshot


def live_clock() -> WallClock:
    return WallClock()
