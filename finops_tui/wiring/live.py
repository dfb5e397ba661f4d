"""A live run: what the config names."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from finops_tui.clock import Clock, WallClock
from finops_tui.config.find import platform_state
from finops_tui.engine.feed import Feed
from finops_tui.wiring.engine import desk_to_come, engine_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from finops_tui.config.models import Config
    from finops_tui.engine.compose import Composer
    from finops_tui.engine.desk import Desk
    from finops_tui.engine.hub import Companion, Hub
    from finops_tui.engine.settings import EngineSettings
    from finops_tui.ledger.ledger import Ledger
    from finops_tui.sources.base import Source
    from finops_tui.sources.bills.focus_files import FocusFiles

BILLS_KEPT_DAYS = 400
"""A year and the month before it: enough to hold a month against the one of last year."""
_NOWHERE = logging.NullHandler()


def wall_clock() -> WallClock:
    return WallClock()


def hub(config: Config, clock: Clock, feed: Feed, *, attended: bool = True) -> Hub:
    """Build the engine on what the config names. Unattended, it answers one question: nobody else is told anything."""
    from finops_tui.engine.keeper import Keeper
    from finops_tui.model.snapshot import Mode
    from finops_tui.notify.notifier import notifiers

    def desk() -> Desk:
        from finops_tui.wiring.hands import live_desk

        return live_desk(config, state_folder(config), clock, feed)

    def companions(composer: Composer) -> Sequence[Companion]:
        keeper = Keeper(state_folder(config), composer, clock)
        if not attended:
            return (keeper,)
        possible = config.policy.policies().allow_changes
        others = (*notifiers(config.notify, clock), *_unbilled_days(config, composer, clock))
        return keeper, desk_to_come(desk, clock, possible=possible), *others

    return engine_on(
        sources(config, clock), clock, feed, settings=engine_settings(config), mode=Mode.LIVE,
        companions=companions,
    )  # fmt: skip


def sources(config: Config, clock: Clock) -> tuple[Source, ...]:
    """Build what the config names. What Kubernetes may not list of a cluster, its Prometheus tells."""
    from finops_tui.sources.annotations.file import AnnotationFile
    from finops_tui.sources.annotations.grafana import Grafana
    from finops_tui.sources.annotations.settings import AnnotationsSettings, GrafanaSettings
    from finops_tui.sources.inventory_share import InventoryShare
    from finops_tui.sources.kubernetes.settings import KubernetesSettings
    from finops_tui.sources.kubernetes.source import KubernetesSource
    from finops_tui.sources.prices import PriceTable
    from finops_tui.sources.prometheus.settings import PrometheusSettings
    from finops_tui.sources.prometheus.source import PrometheusSource
    from finops_tui.wiring.bills import bill_source

    _keep_libraries_quiet()
    rules = config.scopes.rules()
    owners, payers = rules.keys(), tuple(dict.fromkeys((*rules.team, *rules.model)))
    overrides = [override.override() for override in config.pricing.overrides]
    priced = {label for override in overrides for label in override.labels}
    watched = {source.cluster for source in config.sources if isinstance(source, KubernetesSettings)}
    shares = {source.cluster: InventoryShare(watched=source.cluster in watched) for source in config.sources}
    found: list[Source] = [PriceTable(clock, overrides, listed=config.pricing.built_in)]
    for source in config.sources:
        if isinstance(source, KubernetesSettings):
            keep = tuple(sorted(priced.union(source.keep_labels)))
            kept = source.model_copy(update={"keep_labels": keep})
            found.append(KubernetesSource(kept, clock, shares[source.cluster]))
        elif isinstance(source, AnnotationsSettings):
            found.append(AnnotationFile(source, clock))
        elif isinstance(source, GrafanaSettings):
            found.append(Grafana(source, clock))
        elif (bills := bill_source(source, config, clock, partial(ledger, config, clock))) is not None:
            found.append(bills)
        elif isinstance(source, PrometheusSettings):
            ownership = tuple(sorted(owners.union(source.labels.ownership)))
            labels = source.labels.model_copy(update={"ownership": ownership})
            asked = source.model_copy(update={"labels": labels})
            found.append(PrometheusSource(asked, clock, config.slos, share=shares[source.cluster], payers=payers))
    return tuple(found)


def _keep_libraries_quiet() -> None:
    """Let client libraries write nothing to the terminal: what is wrong their source says, once and cleaned."""
    logging.getLogger().addHandler(_NOWHERE)  # instead of the standard one, which writes warnings to stderr
    warnings.filterwarnings("ignore", module=r"google\.auth|urllib3")  # of a missing quota project, TLS not verified


def bill_files(config: Config, clock: Clock) -> tuple[FocusFiles, ...]:
    """Build the sources whose bills lie in files; nothing else is asked."""
    from finops_tui.sources.bills.settings import FocusSettings
    from finops_tui.wiring.bills import focus_files

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


def state_folder(config: Config) -> Path:
    """Return where what is learned and decided is kept: apart for every set of sources, unless the config names it."""
    import hashlib

    if config.state_folder is not None:
        return config.state_folder
    watched = sorted(f"{source.type} {source.cluster}" for source in config.sources)
    mark = hashlib.sha256("\n".join(watched).encode()).hexdigest()[:12]
    return platform_state() / mark


def _unbilled_days(config: Config, composer: Composer, clock: Clock) -> tuple[Companion, ...]:
    """Return who writes estimated days into the ledger, where the config names clusters for that."""
    if not config.bills.estimated:
        return ()
    from finops_tui.engine.unbilled import UnbilledDays

    billed = tuple(each.cluster for each in config.bills.clusters)
    opened = partial(ledger, config, clock)
    days, clusters = composer.estimated_days, config.bills.unbilled()
    return (UnbilledDays(days, clusters=clusters, billed=billed, ledger=opened, clock=clock),)
