"""The simulated cloud as a Prometheus exporter, for a real Prometheus to scrape; and its past, for a backfill."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from finops_tui.clock import Clock
from finops_tui.errors import UsageError
from finops_tui.simulation.cluster_metrics import dcgm, kube_nodes, kube_pods, kube_works, opencost
from finops_tui.simulation.estate import CLUSTERS
from finops_tui.simulation.exposition import Family, openmetrics_text, prometheus_text
from finops_tui.simulation.meters import Meter
from finops_tui.simulation.network_metrics import NetworkMeter, network_prices, volumes
from finops_tui.simulation.service_metrics import ingress, sloth, triton, vllm
from finops_tui.simulation.traffic import DAY
from finops_tui.simulation.world import TICK_SECONDS, World

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
CATCH_UP_SECONDS = 1.0
"""Real time after which the world is brought up to date even if nobody asks."""
LABELS = frozenset({"kube_node_labels", "kube_pod_labels", "kube_namespace_labels"})
"""What the past keeps of kube-state-metrics."""
CLUSTER_NAMES = tuple(cluster.name for cluster in CLUSTERS)


class Exporter:
    """One world and what its instruments would say of it. Safe to ask from several threads."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self.world = World(seed, int(clock.now().timestamp()))
        self._clock = clock
        self._lock = threading.Lock()
        self._meters = [Meter(service, self.world.objectives) for service in self.world.services]
        self._network = NetworkMeter()
        self._network.count(self.world, 0.0)

    def catch_up(self) -> None:
        """Step the world to what its clock says."""
        with self._lock:
            self._step_to(self._clock.now().timestamp())

    def text(self, cluster: str | None = None) -> str:
        """Return the metrics of one cluster; of all, with a `cluster` label, where none is named."""
        with self._lock:
            self._step_to(self._clock.now().timestamp())
            if cluster is not None:
                return prometheus_text(cluster_families(self.world, self._meters, self._network, cluster))
            return prometheus_text(_merged(self.world, self._meters, self._network))

    def _step_to(self, moment: float) -> None:
        while self.world.now + TICK_SECONDS <= moment:
            self.world.step()
            self.world.news.take()
            for meter in self._meters:
                meter.count(self.world.now, TICK_SECONDS)
            self._network.count(self.world, TICK_SECONDS)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of a scraper that hangs up: it will ask again."""


def serve(
    seed: int,
    clock: Clock,
    host: str,
    port: int,
    *,
    ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Serve `/metrics` and `/metrics/<cluster>` until `stop` is set or the thread is interrupted.

    `ready` is told the address once it listens; port 0 takes a free one. Raises UsageError where it cannot listen.
    """
    exporter = Exporter(seed, clock)
    stop = stop or threading.Event()
    try:
        server = _Server((host, port), _handler(exporter))
    except OSError as error:
        hint = "Choose another address with --listen."
        raise UsageError(f"Cannot listen on {host}:{port}.", str(error), hint) from error
    with server:
        threading.Thread(target=server.serve_forever, name="exporter", daemon=True).start()
        if ready is not None:
            ready(f"http://{host}:{server.server_port}")
        try:
            while not stop.wait(CATCH_UP_SECONDS):
                exporter.catch_up()
        finally:
            server.shutdown()


def cluster_families(world: World, meters: list[Meter], network: NetworkMeter, cluster: str) -> Iterator[Family]:
    """Yield every metric of one cluster."""
    here = [meter for meter in meters if meter.service.cluster == cluster]
    yield from dcgm(world, cluster)
    yield from kube_nodes(world, cluster)
    yield from kube_pods(world, cluster)
    yield from kube_works(world, cluster)
    yield from opencost(world, cluster)
    yield from network.families(cluster)
    yield from network_prices()
    yield from volumes(world, cluster)
    yield from vllm(here)
    yield from triton(here)
    yield from ingress(here)
    yield from sloth(world, cluster)


def openmetrics_history(seed: int, until: int, days: float, step: int, cluster: str | None = None) -> Iterator[str]:
    """Yield OpenMetrics text of the `days` before `until` (unix seconds), a sample every `step` seconds.

    Labels of nodes, pods and namespaces, OpenCost, volumes, Sloth's rules and the ingress's counters; of one cluster,
    or of all with a `cluster` label. The world at each moment is the one that would begin there.
    """
    clusters = CLUSTER_NAMES if cluster is None else (cluster,)
    yield from openmetrics_text(_moments(seed, until - int(days * DAY), until, step, clusters, marked=cluster is None))


def _moments(
    seed: int, first: int, until: int, step: int, clusters: tuple[str, ...], *, marked: bool
) -> Iterator[tuple[int, list[Family]]]:
    counted: dict[str, Meter] = {}
    for at in range(first, until, step):
        world = World(seed, at)
        for service in world.services:
            meter = counted.setdefault(service.key, Meter(service, world.objectives))
            meter.service = service
            meter.objectives = [objective for objective in world.objectives if objective.service is service]
            meter.count(world.now, step)
        families: list[Family] = []
        for cluster in clusters:
            here = [meter for meter in counted.values() if meter.service.cluster == cluster]
            told = [
                *(family for family in _labelled(world, cluster) if family.name in LABELS),
                *opencost(world, cluster),
                *volumes(world, cluster),
                *(family for family in ingress(here) if family.kind == "counter"),
                *sloth(world, cluster),
            ]
            families += [_marked(family, cluster) for family in told] if marked else told
        yield at, families


def _labelled(world: World, cluster: str) -> Iterator[Family]:
    yield from kube_nodes(world, cluster)
    yield from kube_pods(world, cluster)
    yield from kube_works(world, cluster)


def _merged(world: World, meters: list[Meter], network: NetworkMeter) -> list[Family]:
    merged: dict[str, Family] = {}
    for cluster in CLUSTER_NAMES:
        for family in cluster_families(world, meters, network, cluster):
            whole = merged.setdefault(family.name, Family(family.name, family.kind, family.about))
            whole.samples += _marked(family, cluster).samples
    return list(merged.values())


def _marked(family: Family, cluster: str) -> Family:
    marked = Family(family.name, family.kind, family.about)
    for suffix, labels, value in family.samples:
        marked.add(value, suffix, cluster=cluster, **labels)
    return marked


def _handler(exporter: Exporter) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0].strip("/").split("/")
            if path[0] != "metrics" or (path[1:] and path[1:] not in [[name] for name in CLUSTER_NAMES]):
                clusters = ", ".join(f"/metrics/{name}" for name in CLUSTER_NAMES)
                self._answer(HTTPStatus.NOT_FOUND, f"There are /metrics, {clusters}.\n")
            else:
                self._answer(HTTPStatus.OK, exporter.text(path[1] if path[1:] else None))

        def log_message(self, *_: object) -> None:
            """Say nothing: the terminal is not a log."""

        def _answer(self, status: HTTPStatus, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
