"""Sources of clusters as the config asks for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from finops_tui.clock import WallClock
from finops_tui.commands.live import tellers
from finops_tui.config.load import load
from finops_tui.config.models import Config
from finops_tui.errors import ConfigError
from finops_tui.sources.inventory_share import EVERYTHING, NOWHERE, Part
from finops_tui.sources.kubernetes.source import KubernetesSource
from finops_tui.sources.prometheus.source import PrometheusSource
from finops_tui.ui.panes.activity import ACTIVITY
from finops_tui.ui.panes.base import PaneSpec
from finops_tui.ui.panes.gpu import GPU
from finops_tui.ui.panes.serving import SERVING
from finops_tui.ui.panes.slo import SLO
from finops_tui.ui.screens.bills_parts import Parts
from finops_tui.wiring import live

KUBERNETES = {"type": "kubernetes", "cluster": "prod-us"}


def prometheus(name: str, cluster: str = "prod-us", **more: str) -> dict[str, Any]:
    return {"type": "prometheus", "cluster": cluster, "name": name, "url": f"http://{name}", **more}


def built(*sections: dict[str, Any]) -> tuple[list[KubernetesSource], dict[str, PrometheusSource]]:
    sources = live.sources(Config.model_validate({"sources": list(sections)}), WallClock())
    told = {source.title: source for source in sources if isinstance(source, PrometheusSource)}
    return [source for source in sources if isinstance(source, KubernetesSource)], told


def wanted(source: PrometheusSource) -> set[Part]:
    return set(source._stand_in.wanted()) if source._stand_in is not None else set()


@pytest.mark.parametrize("order", [1, -1])
def test_what_kubernetes_may_not_read_is_wanted_of_the_prometheus_of_that_cluster(order: int) -> None:
    sections = (KUBERNETES, prometheus("here"), prometheus("there", "prod-eu"), prometheus("never", inventory="never"))
    (kubernetes,), told = built(*sections[::order])
    assert wanted(told["here"]) == set(), "Kubernetes has not said yet what it may read"
    kubernetes._share.cover({**EVERYTHING, Part.NODES: NOWHERE})
    assert wanted(told["here"]) == {Part.NODES}
    assert wanted(told["there"]) == set(Part), "another cluster, without a Kubernetes source"
    assert wanted(told["never"]) == set()
    kubernetes._share.cover(EVERYTHING)
    assert wanted(told["here"]) == set()
    assert wanted(told["there"]) == set(Part)


def test_always_is_wanted_whatever_kubernetes_may_read() -> None:
    (kubernetes,), told = built(KUBERNETES, prometheus("here", inventory="always"))
    kubernetes._share.cover(EVERYTHING)
    assert wanted(told["here"]) == set(Part)


def test_a_cluster_has_one_kubernetes_source(tmp_path: Path) -> None:
    written = tmp_path / "config.yaml"
    written.write_text("sources: [{type: kubernetes, cluster: a}, {type: kubernetes, cluster: a, context: b}]")
    with pytest.raises(ConfigError, match="kubernetes a"):
        load(written, {})


def test_every_pane_waits_for_the_sources_that_tell_of_it() -> None:
    opencost = {"type": "opencost", "cluster": "prod-us", "url": "http://opencost"}
    grafana = {"type": "grafana", "url": "http://grafana"}
    config = Config.model_validate({"sources": [KUBERNETES, prometheus("here"), opencost, grafana]})
    told = tellers(config)
    assert told[""] == {"kubernetes prod-us", "prometheus here"}
    assert told["slo"] == told["gpu"] == {"prometheus here"}
    assert told["bills"] == told["checked"] == {"opencost prod-us"}
    assert told["activity"] == {*told[""], "grafana grafana"}
    names = {source.name for source in live.sources(config, WallClock())}
    assert set().union(*told.values()) <= names, "as the snapshot calls them"
    panes: tuple[PaneSpec[Any], ...] = (GPU, SLO, SERVING, ACTIVITY, *(part.spec for part in Parts(WallClock().now)))
    assert {pane.id for pane in panes} == {*told} - {""}


def test_where_only_bills_are_read_every_pane_waits_for_them() -> None:
    told = tellers(Config.model_validate({"sources": [{"type": "focus", "folder": "/srv/bills"}]}))
    assert told[""] == told["bills"]
    assert told["slo"] == frozenset()


NOISE = """
import logging, sys, warnings
from finops_tui.clock import WallClock
from finops_tui.config.models import Config
from finops_tui.wiring import live

if "quiet" in sys.argv:
    live.sources(Config(), WallClock())
logging.getLogger("azure.identity").warning("tried everything")
warnings.warn_explicit("no quota project", UserWarning, "_default.py", 1, module="google.auth._default")
warnings.warn_explicit("Unverified HTTPS request", UserWarning, "pool.py", 1, module="urllib3.connectionpool")
"""


def stderr_of(*args: str) -> str:
    return subprocess.run([sys.executable, "-c", NOISE, *args], capture_output=True, text=True, check=True).stderr


def test_what_client_libraries_log_never_reaches_the_terminal() -> None:
    assert "tried everything" in stderr_of()
    assert "no quota project" in stderr_of()
    assert "Unverified" in stderr_of()
    assert stderr_of("quiet") == ""
