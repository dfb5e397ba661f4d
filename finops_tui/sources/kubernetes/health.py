"""How one cluster answers, summed up over its readers and the heartbeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec.structs import replace

from finops_tui.model.health import HealthState
from finops_tui.model.observations import SourceHealth
from finops_tui.phrases import span
from finops_tui.sources.kubernetes.api import FORBIDDEN, NOT_FOUND, ApiError
from finops_tui.sources.kubernetes.kinds import KUBE_STATE_METRICS, Kind
from finops_tui.sources.kubernetes.reader import Reader, ReaderState

STALE_AFTER_SECONDS = 60.0
REFUSALS = (FORBIDDEN, NOT_FOUND)
"""Not a fault that passes, but how it is."""

Teller = Callable[[str], str]
"""Names who tells of a resource in place of this source; empty where nobody does."""


class Health:
    """Remembers since when things are as they are."""

    def __init__(self, name: str, cluster: str, now: datetime, teller: Teller) -> None:
        self._name = name
        self._cluster = cluster
        self._teller = teller
        self._state = HealthState.CONNECTING
        self._since = now
        self._answered_at: datetime | None = None
        self._unreachable: ApiError | None = None

    def answered(self, now: datetime) -> None:
        self._answered_at = now
        self._unreachable = None

    def unreachable(self, failure: ApiError) -> None:
        """Take note that the API server as a whole does not answer us."""
        self._unreachable = failure

    @property
    def reachable(self) -> bool:
        return self._unreachable is None

    def sum_up(
        self, states: Mapping[Reader, tuple[ReaderState, ApiError | None]], now: datetime, *, settled: bool
    ) -> SourceHealth:
        """Return the state of the whole from each reader's; `settled` says that every reader has answered somehow."""
        failures: list[tuple[Reader, ApiError]] = []
        minor: list[tuple[Reader, ApiError]] = []
        for reader, (_, failure) in states.items():
            gone = reader.kind.optional and failure is not None and failure.status == NOT_FOUND
            if failure is not None and not gone:  # an extension that was taken away tells of nothing, as before it came
                (minor if reader.kind.minor and failure.status in REFUSALS else failures).append((reader, failure))
        reason = hint = ""
        if self._unreachable is not None:
            state = HealthState.DOWN
            reason, hint = self._unreachable.reason, self._unreachable.hint
            if self._answered_at is None:  # nothing is known of it yet, and there may be another way to
                teller = self._teller("nodes")
                hint = f"{hint} {f'Its nodes come from {teller}.' if teller else KUBE_STATE_METRICS}".strip()
        elif not settled:
            state = HealthState.CONNECTING
        elif not failures:
            state = HealthState.LIVE
        elif len(failures) + len(minor) == len(states):
            state = HealthState.DOWN
            reason, hint = failures[0][1].reason, self._hint(*failures[0])
        else:
            state = HealthState.PARTIAL
            hint = next((self._hint(reader, failure) for reader, failure in failures if failure.hint), "")
        blind = next((failure for reader, failure in failures if reader.kind.resource == "nodes"), None)
        lost = dict.fromkeys(self._missing(reader, failure) for reader, failure in failures)
        if state != self._state:
            self._state, self._since = state, now
        return SourceHealth(
            at=now,
            source=self._name,
            cluster=self._cluster,
            short="k8s",
            state=state,
            since=self._since,
            answered_at=self._answered_at,
            stale_after_seconds=STALE_AFTER_SECONDS,
            reason=reason,
            hint=hint,
            missing=tuple(lost) if state is HealthState.PARTIAL else (),
            without_nodes=self._without_nodes(blind) if blind is not None else "",
            warnings=(
                *(
                    f"{reader.unreadable} {reader.kind.resource} could not be read"
                    for reader in states
                    if reader.unreadable
                ),
                *(self._missing(reader, failure) for reader, failure in minor),
            ),
        )

    def _without_nodes(self, failure: ApiError) -> str:
        if self._teller("nodes"):
            return ""
        return f"cannot list nodes: {'forbidden' if failure.status == FORBIDDEN else failure.reason}"

    def waiting(self, now: datetime, what: str) -> SourceHealth:
        """Say for what it waits since it began."""
        told = self.sum_up({}, now, settled=False)
        return replace(told, reason=f"waits for {what}, for {span(now - self._since)}")

    def _hint(self, reader: Reader, failure: ApiError) -> str:
        told = failure.status != FORBIDDEN or self._teller(reader.kind.resource)
        return f"{failure.hint} {'' if told else reader.kind.elsewhere}".strip()

    def _missing(self, reader: Reader, failure: ApiError) -> str:
        teller = self._teller(reader.kind.resource)
        return missing(reader.kind, reader.namespace, self._cluster, failure, teller)


def missing(kind: Kind, namespace: str, cluster: str, failure: ApiError, teller: str = "") -> str:
    """Say in one line what a reader cannot give, what it would take, and who gives it instead."""
    where = f"{cluster}, namespace {namespace}" if namespace and kind.namespaced else cluster
    cost = f"Meanwhile they come from {teller}." if teller else f"Without: {kind.lost}."
    if failure.status == FORBIDDEN:
        user = f" for user {failure.user}" if failure.user else ""
        return (
            f"Cannot list {kind.resource} in {where}: forbidden{user}. "
            f"Needs: list, watch {kind.resource} (docs/permissions). {cost}"
        )
    return f"Cannot read {kind.resource} in {where}: {failure.reason}. {cost}"
