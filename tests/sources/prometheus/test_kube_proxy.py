from __future__ import annotations

import json
from pathlib import Path

import pytest

from finops_tui.clock import WallClock
from finops_tui.sources.prometheus.client import PrometheusClient
from finops_tui.sources.prometheus.faults import PrometheusError
from tests.servers.scripted import Reply, Request, error, scripted, vector
from tests.sources.prometheus.collect import settings

PROXY = "/api/v1/namespaces/monitoring/services/prometheus-operated:9090/proxy"


def kubeconfig(folder: Path, server: str, token: str = "cluster-token") -> Path:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "prod",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "prod", "context": {"cluster": "c", "user": "u"}}],
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(config))  # JSON is YAML
    return path


def client(path: Path, url: str = "kube://monitoring/prometheus-operated:9090") -> PrometheusClient:
    return PrometheusClient(settings(url, kubeconfig=str(path), kube_context="prod"), WallClock())


async def test_through_the_api_server(tmp_path: Path) -> None:
    def api_server(request: Request) -> Reply:
        if request.headers.get("Authorization") != "Bearer cluster-token":
            return error(401, "Unauthorized")
        return vector(({"node": "a"}, 1)) if request.path == f"{PROXY}/api/v1/query" else Reply(404, b"not found")

    with scripted(api_server) as server:
        asked = client(kubeconfig(tmp_path, server.url))
        (sample,) = (await asked.query("up")).samples
        asked.close()
        assert sample.labels == {"node": "a"}
        assert server.requests[0].method == "GET", "reading a service's proxy needs `get services/proxy` only"


async def test_a_path_below_the_service(tmp_path: Path) -> None:
    with scripted(lambda _: vector()) as server:
        asked = client(kubeconfig(tmp_path, server.url), "kube://monitoring/thanos:http/prefix")
        await asked.query("up")
        asked.close()
        assert server.requests[0].path == "/api/v1/namespaces/monitoring/services/thanos:http/proxy/prefix/api/v1/query"


async def test_a_new_login_is_used_after_401(tmp_path: Path) -> None:
    def api_server(request: Request) -> Reply:
        fresh = request.headers.get("Authorization") == "Bearer fresh"
        return vector() if fresh else error(401, "token expired")

    with scripted(api_server) as server:
        asked = client(kubeconfig(tmp_path, server.url, "old"))
        with pytest.raises(PrometheusError, match="401 Unauthorized: token expired"):
            await asked.query("up")
        kubeconfig(tmp_path, server.url, "fresh")
        await asked.query("up")
        asked.close()


async def test_forbidden_in_the_api_servers_words(tmp_path: Path) -> None:
    status = {"kind": "Status", "status": "Failure", "message": 'services "x" is forbidden: User "ana"', "code": 403}
    with scripted(lambda _: Reply(403, json.dumps(status).encode())) as server:
        asked = client(kubeconfig(tmp_path, server.url))
        with pytest.raises(PrometheusError, match='services "x" is forbidden: User "ana"') as caught:
            await asked.query("up")
        assert caught.value.hint == "needs: get services/proxy in namespace monitoring"
        asked.close()


async def test_no_kubeconfig(tmp_path: Path) -> None:
    asked = client(tmp_path / "none")
    with pytest.raises(PrometheusError, match="No kubeconfig") as caught:
        await asked.query("up")
    assert caught.value.whole
