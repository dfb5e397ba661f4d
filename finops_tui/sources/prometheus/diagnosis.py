"""What `finops-tui doctor` says about a Prometheus."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from finops_tui.sources.base import Check
from finops_tui.sources.inventory_share import Covered, Part, StandIn
from finops_tui.sources.prometheus.client import PrometheusClient
from finops_tui.sources.prometheus.desk import Desk
from finops_tui.sources.prometheus.discovery import discover
from finops_tui.sources.prometheus.faults import PrometheusError
from finops_tui.sources.prometheus.gpu_queries import WORKLOAD
from finops_tui.sources.prometheus.health import CLOCKS_DIFFER_SECONDS
from finops_tui.sources.prometheus.instruments import ENGINE_ACTIVE, MEMORY, POWER, UTILIZATION, XID
from finops_tui.sources.prometheus.prices import uses_defaults
from finops_tui.sources.prometheus.promql import Found
from finops_tui.sources.prometheus.recording import RECORDED
from finops_tui.sources.prometheus.rules import FAST_FAMILIES, rules
from finops_tui.sources.prometheus.serving_servers import SERVERS
from finops_tui.sources.prometheus.settings import PrometheusSettings
from finops_tui.sources.prometheus.slo_settings import SloDefinition
from finops_tui.sources.prometheus.state_metrics import INSTALL, SUBJECT, lack
from finops_tui.sources.prometheus.strangers import HINT as STRANGERS_HINT
from finops_tui.sources.prometheus.strangers import LOST as LOST_WITH_THEM
from finops_tui.sources.prometheus.strangers import strangers
from finops_tui.sources.prometheus.usage_queries import EGRESS_METRIC, SENT_METRIC
from finops_tui.sources.prometheus.windows import MINUTE, over

EXPORTER = "install dcgm-exporter (or AMD's device-metrics-exporter) and let Prometheus scrape it"
PATIENCE_SECONDS = 20.0
"""How long to wait for what Kubernetes says it may read; who says nothing for so long tells of nothing."""


@dataclass(frozen=True, slots=True)
class _Family:
    """Metrics that stand or fall together. `cost` is what the screen lacks without them."""

    subject: str
    metrics: tuple[str, ...]
    cost: str
    hint: str
    hint_of_amd: str = ""
    """Where only AMD's exporter is there."""


FAMILIES = (
    _Family(
        "GPU utilization",
        tuple(one.metric for one in UTILIZATION),
        "no utilization and no idle dollars",
        EXPORTER,
    ),
    _Family(
        "GPU memory",
        tuple(one.used for one in MEMORY),
        "no GPU memory",
        "add DCGM_FI_DEV_FB_USED and DCGM_FI_DEV_FB_FREE to the exporter's counters",
        "add GPU_USED_VRAM and GPU_TOTAL_VRAM to the exporter's fields",
    ),
    _Family(
        "GPU power",
        tuple(one.metric for one in POWER),
        "no watts",
        "add DCGM_FI_DEV_POWER_USAGE to its counters",
        "add GPU_PACKAGE_POWER to its fields",
    ),
    _Family(
        "pod owners",
        ("kube_pod_owner",),
        "no utilization by workload",
        INSTALL,
    ),
)


async def diagnose(
    client: PrometheusClient,
    settings: PrometheusSettings,
    slos: tuple[SloDefinition, ...],
    payers: tuple[str, ...],
    stand_in: StandIn | None,
) -> list[Check]:
    """Look at everything once; what cannot be reached ends the list."""
    checks: list[Check] = []
    try:
        answer = await client.query("1")
        checks.append(Check("connection", "ok", f"{settings.url} answers queries"))
        checks += [Check("connection", "warn", warning) for warning in answer.warnings]
        checks.append(await _version(client))
        checks += _clocks(client)
        desk = Desk(client, settings)
        found = await discover(desk, settings)
    except PrometheusError as error:
        checks.append(Check("connection", "fail", f"{error.title} ({error.detail})", error.hint))
        return checks
    if found is None:
        refused = desk.failures[-1]  # of the look around, which nothing else can come of
        checks.append(Check("metrics", "fail", refused.title, refused.hint))
        return checks
    desk.adopt(found)
    checks += _families(found)
    needed = await stand_in.needed(PATIENCE_SECONDS) if stand_in is not None else {}
    checks += _inventory(found, needed)
    checks += await _refused(desk, FAST_FAMILIES if needed else FAST_FAMILIES - {"inventory"})
    checks += await _hosts(desk)
    checks += await _optional(desk, found)
    checks += [_usage(found), _recording(desk, found, payers)]
    checks += await _objectives(client, found, slos)
    return checks


async def _version(client: PrometheusClient) -> Check:
    try:
        version = await client.version()
    except PrometheusError:
        version = ""  # managed services often keep this to themselves
    return Check("version", "ok", version or "not told by the server")


def _clocks(client: PrometheusClient) -> list[Check]:
    skew = client.skew_seconds
    if skew is None or abs(skew) <= CLOCKS_DIFFER_SECONDS:
        return []
    detail = f"its clock differs from this machine's by {skew:+.0f}s; ages of figures are wrong by as much"
    return [Check("clock", "warn", detail, "set both clocks by NTP")]


def _families(found: Found) -> list[Check]:
    checks = []
    nvidia = any(name.startswith("DCGM_") for name in found.metrics)
    amd = found.any_of(UTILIZATION) and not nvidia
    for family in FAMILIES:
        there = [name for name in family.metrics if name in found.metrics]
        if there:
            checks.append(Check(family.subject, "ok", ", ".join(there)))
        else:
            needed = family.subject == "GPU utilization"
            hint = family.hint_of_amd if amd and family.hint_of_amd else family.hint
            checks.append(Check(family.subject, "fail" if needed else "warn", f"not there: {family.cost}", hint))
    if nvidia and found.any_of(UTILIZATION) and not found.any_of(ENGINE_ACTIVE):  # AMD's exporter has no better one
        checks.append(
            Check(
                "GPU profiling",
                "warn",
                "utilization is the share of time in which any kernel ran: a stuck job reads 100 %",
                "add DCGM_FI_PROF_GR_ENGINE_ACTIVE to the exporter's counters (needs CAP_SYS_ADMIN)",
            )
        )
    if nvidia and found.any_of(UTILIZATION) and not found.any_of(XID):
        checks.append(Check("XID errors", "ok", "none reported since the exporters started"))
    return checks


def _inventory(found: Found, needed: Covered) -> list[Check]:
    """Say whether what Kubernetes does not tell of can be told from here."""
    if not needed:
        return []
    if lacking := lack(found, needed):
        return [Check(SUBJECT, "fail" if lacking.whole else "warn", lacking.detail, INSTALL)]
    if Part.NODES in needed and "kube_node_labels" not in found.metrics:
        hint = "start kube-state-metrics with --metric-labels-allowlist=nodes=[*],pods=[team]"
        return [Check(SUBJECT, "warn", "no node labels: no pools, no prices by instance type", hint)]
    told = ", ".join(f"{part} of other namespaces" if needed[part] else part for part in needed)
    return [Check(SUBJECT, "ok", f"tells of {told}")]


async def _refused(desk: Desk, families: frozenset[str]) -> list[Check]:
    """Try the dear queries: a server that holds all metrics may still refuse to join them."""
    asked = {query.id: query for query in RECORDED if query.id.partition(".")[0] in families}
    before = len(desk.failures)
    try:
        await asyncio.gather(
            *(desk.ask(query, desk.by_workload if query in WORKLOAD else None) for query in asked.values())
        )
    except PrometheusError as error:
        return [Check("queries", "fail", error.title, error.hint)]
    refused = sorted(desk.rests.failing & asked.keys())
    if not refused:
        return []
    first = f"{refused[0]}: {desk.missing[refused[0]]}"
    detail = f"{len(refused)} of {len(asked)} are refused: {first}" if refused[1:] else first
    return [Check("queries", "fail", detail, desk.failures[before].hint)]


async def _hosts(desk: Desk) -> list[Check]:
    """Say which GPUs cannot be put on a node, if any."""
    try:
        strange = await strangers(desk)
    except PrometheusError:
        return []
    return [Check("GPU hosts", "warn", f"{strange}: {LOST_WITH_THEM}", STRANGERS_HINT)] if strange else []


async def _optional(desk: Desk, found: Found) -> list[Check]:
    """Say what is there of what an installation may well do without."""
    checks = []
    if found.has("node_total_hourly_cost"):
        try:
            made_up = await uses_defaults(desk)
        except PrometheusError:
            made_up = False
        if made_up:
            detail = "some GPUs cost its built-in 0.95 $/h: such prices are not used"
            checks.append(Check("OpenCost", "warn", detail, "give OpenCost real prices (customPricing, cloud billing)"))
        else:
            checks.append(Check("OpenCost", "ok", "node prices"))
    else:
        checks.append(Check("OpenCost", "ok", "not there: prices come from the price table"))
    servers = [server.name for server in SERVERS if found.has(server.probe)]
    checks.append(Check("model servers", "ok", ", ".join(servers) or "none found"))
    return checks


def _usage(found: Found) -> Check:
    """Say which instruments tell of traffic and volumes; an installation may do without."""
    if found.has(EGRESS_METRIC):
        traffic = "traffic by where it goes"
    else:
        traffic = "all traffic of pods, wherever it goes" if found.has(SENT_METRIC) else "no traffic"
    claimed = found.has("kube_persistentvolumeclaim_info", "kube_persistentvolume_capacity_bytes")
    volumes = "volumes" if claimed or found.has("kubelet_volume_stats_capacity_bytes") else "no volumes"
    return Check("egress, volumes", "ok", f"{traffic}; {volumes}")


def _recording(desk: Desk, found: Found, payers: tuple[str, ...]) -> Check:
    """Say whether recording rules answer for the dear queries; one whose answer is empty records nothing."""
    wanted = rules(desk, payers)
    work = {rule.record for rule in wanted if (rule.record, rule.digest) in found.recorded}
    other = {record for record, _ in found.recorded} - work
    if not found.recorded:
        return Check("recording rules", "ok", f"none of {len(wanted)}: dear queries are asked each time")
    if other:
        detail = f"{len(other)} do not fit what is asked now, so that is asked each time: {min(other)}"
        return Check("recording rules", "warn", detail, "load what `finops-tui rules` prints now")
    return Check("recording rules", "ok", f"{len(work)} at work")


async def _objectives(client: PrometheusClient, found: Found, slos: tuple[SloDefinition, ...]) -> list[Check]:
    """Try the short window of each objective of the config; name the generators that were found."""
    checks = []
    for slo in slos:
        indicator = slo.indicator
        total = indicator.latency.total() if indicator.latency else indicator.total or indicator.error_ratio or ""
        good = indicator.latency.good() if indicator.latency else indicator.good
        subject = f"objective {slo.service}/{slo.name}"
        try:
            answer = await client.query(over(total, 5 * MINUTE))
            counted = good is None or bool((await client.query(over(good, 5 * MINUTE))).samples)
        except PrometheusError as error:
            checks.append(Check(subject, "fail", error.title, f"check its indicator ({slo.origin})"))
            continue
        value = answer.samples[0].value if answer.samples else None
        if value and not counted:
            of = "`threshold` must be one of the histogram's `le`" if indicator.latency else "check `good`"
            checks.append(Check(subject, "warn", "has events, but nobody counts the good ones", f"{of} ({slo.origin})"))
        elif value:
            checks.append(Check(subject, "ok", "has data"))
        else:
            checks.append(
                Check(subject, "warn", "no events in 5 minutes", "check its indicator; or there is no traffic")
            )
    generators = [
        name for name, metric in (("Sloth", "slo:objective:ratio"), ("Pyrra", "pyrra_objective")) if found.has(metric)
    ]
    if generators:
        checks.append(Check("objectives", "ok", f"imported from {' and '.join(generators)}"))
    elif not slos:
        checks.append(
            Check("objectives", "warn", "none: no burn rates", "add `slos:` to the config, or use Sloth or Pyrra")
        )
    return checks
