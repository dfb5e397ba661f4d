"""Who would set a workload back by itself, as far as what was seen of it tells. A plan asks the system itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from finops_tui.actions.releases import Delays
from finops_tui.actions.reverters import FLUX
from finops_tui.actions.words import plain
from finops_tui.model.action import ActionRow
from finops_tui.model.inventory import Workload
from finops_tui.model.observations import ChangeSeen
from finops_tui.model.plan import Reverter
from finops_tui.phrases import clock

GITOPS: Mapping[str, str] = {"argocd": "Argo CD", "flux": "Flux"}
"""Tools that keep objects as they stand in Git, by the word under which changes name them."""
AUTOSCALERS: Mapping[str, str] = {"hpa": "its HPA", "keda": "KEDA"}
ARGO_LABEL = "argocd.argoproj.io/instance"
"""By which Argo CD marks what is its own (docs of Argo CD: resource tracking)."""
RESIZING = "scale"
"""Id of the action that autoscalers set back: a pause they stand down for, or are held at."""

Writers = Mapping[str, Mapping[str, datetime]]
"""By key of a workload, which of these tools wrote to it, each with when it did so last."""


def writers(changes: Iterable[ChangeSeen]) -> Writers:
    found: dict[str, dict[str, datetime]] = {}
    for seen in changes:
        if seen.change.who in GITOPS or seen.change.who in AUTOSCALERS:
            last = found.setdefault(seen.change.subject, {})
            last[seen.change.who] = max(seen.at, last.get(seen.change.who, seen.at))
    return found


def known_reverters(workload: Workload, action: str, wrote: Writers, now: datetime) -> tuple[Reverter, ...]:
    """Return who would set a change of a workload back; `action` is what would be done."""
    last = wrote.get(workload.key, {})
    scalers = _autoscalers(last, now) if action == RESIZING else ()
    return (*scalers, *_gitops(workload, last, now))


def known_delays(actions: Iterable[ActionRow]) -> Mapping[str, Delays]:
    """Return by cluster after how long its pools let empty nodes go, as the plans of earlier changes were told."""
    found: dict[str, dict[str, timedelta]] = {}
    for row in actions:
        if row.saves_at is not None and row.saves_at >= row.at and len(row.pools) == 1:
            cluster, _, pool = row.pools[0].partition("/")
            found.setdefault(cluster, {})[pool] = row.saves_at - row.at
    return found


def _autoscalers(last: Mapping[str, datetime], now: datetime) -> Iterator[Reverter]:
    for who, name in AUTOSCALERS.items():
        if who in last:
            words = f"{name} set its size at {clock(last[who], now)} and sets it again"
            yield Reverter(who=who, words=words, advice="autoscaler=min=…,max=… moves its bounds instead")


def _gitops(workload: Workload, last: Mapping[str, datetime], now: datetime) -> Iterator[Reverter]:
    labelled = _labelled(workload.labels)
    for who, name in GITOPS.items():
        if who in labelled:
            yield Reverter(who=who, words=f"{name} keeps it as {plain(labelled[who])} says")
        elif who in last:
            yield Reverter(who=who, words=f"{name} wrote it last at {clock(last[who], now)} and may set it back")


def _labelled(labels: Mapping[str, str]) -> dict[str, str]:
    """Return by tool the name under which it keeps an object."""
    flux = next((labels[f"{prefix}/name"] for prefix, _, _ in FLUX if labels.get(f"{prefix}/name")), "")
    named = {"argocd": labels.get(ARGO_LABEL, ""), "flux": flux}
    return {who: name for who, name in named.items() if name}
