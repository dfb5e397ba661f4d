"""A real Kubernetes control plane on loopback: etcd, kube-apiserver and, where it is there, kube-controller-manager.

The programs are looked for in $KUBE_BINARIES and on PATH. Nodes and pods are objects without machines behind them:
this module sets what kubelets and the scheduler would.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

ADMIN_TOKEN = "admin-token"
REASON = "{name} is not here: set $KUBE_BINARIES to a folder that holds a control plane's programs"


def find_binary(name: str) -> str | None:
    folder = os.environ.get("KUBE_BINARIES")
    return shutil.which(name, path=folder) if folder and shutil.which(name, path=folder) else shutil.which(name)


def require_kube_binary(name: str) -> str:
    path = find_binary(name)
    if path is None:
        pytest.skip(REASON.format(name=name))
    return path


@dataclass
class ControlPlane:
    port: int
    folder: Path
    context: ssl.SSLContext = field(default_factory=ssl._create_unverified_context)

    @property
    def host(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def request(self, method: str, path: str, body: object = None, content_type: str = "application/json") -> Any:
        request = urllib.request.Request(self.host + path, method=method)
        request.add_header("Authorization", f"Bearer {ADMIN_TOKEN}")
        data = None
        if body is not None:
            request.add_header("Content-Type", content_type)
            data = json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=30, context=self.context) as answer:
            return json.loads(answer.read() or b"null")

    def create(self, path: str, body: dict[str, Any]) -> Any:
        return self.request("POST", path, body)

    def delete(self, path: str, *, grace_seconds: int | None = None) -> Any:
        query = "" if grace_seconds is None else f"?gracePeriodSeconds={grace_seconds}"
        return self.request("DELETE", path + query)

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return self.request("PATCH", path, body, "application/merge-patch+json")

    def kubeconfig(self, token: str = ADMIN_TOKEN, *, impersonate: str = "", name: str = "config") -> Path:
        """Write a kubeconfig for one token."""
        ca = (self.folder / "certs" / "apiserver.crt").read_bytes()
        user: dict[str, Any] = {"token": token} | ({"as": impersonate} if impersonate else {})
        path = self.folder / name
        path.write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "test",
                    "clusters": [
                        {
                            "name": "test",
                            "cluster": {
                                "server": self.host,
                                "certificate-authority-data": base64.b64encode(ca).decode(),
                            },
                        }
                    ],
                    "users": [{"name": "test", "user": user}],
                    "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
                }
            )
        )
        return path

    def namespace(self, name: str, labels: dict[str, str] | None = None) -> None:
        self.create("/api/v1/namespaces", {"metadata": {"name": name, "labels": labels or {}}})

    def node(self, name: str, *, labels: dict[str, str] | None = None, gpus: int = 0, cpu: int = 64) -> Any:
        """Make a node that is ready."""
        node = self.create("/api/v1/nodes", {"metadata": {"name": name, "labels": labels or {}}})
        capacity = {"cpu": str(cpu), "memory": "512Gi", "pods": "110"} | ({"nvidia.com/gpu": str(gpus)} if gpus else {})
        ready = {
            "type": "Ready",
            "status": "True",
            "reason": "KubeletReady",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
        status = {"capacity": capacity, "allocatable": capacity, "conditions": [ready]}
        self.patch(f"/api/v1/nodes/{name}/status", {"status": status})
        # The controller manager taints what no kubelet answers for; nothing here depends on it.
        return node

    def pod(
        self,
        namespace: str,
        name: str,
        *,
        node: str = "",
        gpus: int = 0,
        labels: dict[str, str] | None = None,
        running: bool = True,
    ) -> Any:
        """Make a pod, bound and running where a node is given."""
        limits = {"nvidia.com/gpu": str(gpus)} if gpus else {}
        resources = {"requests": {"cpu": "500m", "memory": "1Gi"} | limits, "limits": limits}
        spec: dict[str, Any] = {
            "containers": [{"name": "main", "image": "example.test/main:1", "resources": resources}],
            "tolerations": [{"operator": "Exists"}],
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
        }
        if node:
            spec["nodeName"] = node
        pod = self.create(
            f"/api/v1/namespaces/{namespace}/pods", {"metadata": {"name": name, "labels": labels or {}}, "spec": spec}
        )
        if node and running:
            self.run(namespace, name)
        return pod

    def run(self, namespace: str, name: str) -> None:
        """Say what a kubelet would: it runs."""
        self.patch(f"/api/v1/namespaces/{namespace}/pods/{name}/status", {"status": {"phase": "Running"}})

    def create_many(self, bodies: list[tuple[str, dict[str, Any]]], connections: int = 4) -> None:
        """Create many objects (path, body) over a few connections that stay open."""

        def create_some(share: list[tuple[str, dict[str, Any]]]) -> None:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.context)
            headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": "application/json"}
            for path, body in share:
                connection.request("POST", path, json.dumps(body), headers)
                answer = connection.getresponse()
                answer.read()
                assert answer.status == http.client.CREATED, (path, answer.status)
            connection.close()

        with ThreadPoolExecutor(connections) as pool:
            list(pool.map(create_some, (bodies[start::connections] for start in range(connections))))

    def service_account(self, name: str, rules: list[dict[str, Any]]) -> str:
        """Make a service account in `default` with these cluster-wide rules; return a token."""
        self.create("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": name}})
        rbac = "/apis/rbac.authorization.k8s.io/v1"
        self.create(f"{rbac}/clusterroles", {"metadata": {"name": name}, "rules": rules})
        self.create(
            f"{rbac}/clusterrolebindings",
            {
                "metadata": {"name": name},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
                "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": "default"}],
            },
        )
        answer = self.create(
            f"/api/v1/namespaces/default/serviceaccounts/{name}/token", {"spec": {"expirationSeconds": 3600}}
        )
        return str(answer["status"]["token"])


@contextmanager
def control_plane(folder: Path) -> Iterator[ControlPlane]:
    """Start a control plane in an empty folder; skip the test where its programs are not there."""
    etcd, apiserver = require_kube_binary("etcd"), require_kube_binary("kube-apiserver")
    openssl = require_kube_binary("openssl")
    manager = find_binary("kube-controller-manager")
    etcd_port, peer_port, port, manager_port = _free_ports(4)
    etcd_url = f"http://127.0.0.1:{etcd_port}"
    (folder / "tokens.csv").write_text(f'{ADMIN_TOKEN},admin,admin,"system:masters"\nana-token,ana,ana\n')
    key = folder / "service-account.key"
    subprocess.run([openssl, "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    plane = ControlPlane(port=port, folder=folder)
    with ExitStack() as stack:
        stack.enter_context(
            _running(
                folder / "etcd.log",
                etcd,
                f"--data-dir={folder / 'etcd'}",
                f"--listen-client-urls={etcd_url}",
                f"--advertise-client-urls={etcd_url}",
                f"--listen-peer-urls=http://127.0.0.1:{peer_port}",
                f"--initial-advertise-peer-urls=http://127.0.0.1:{peer_port}",
                f"--initial-cluster=default=http://127.0.0.1:{peer_port}",
                "--unsafe-no-fsync",
            )
        )
        stack.enter_context(
            _running(
                folder / "apiserver.log",
                apiserver,
                f"--etcd-servers={etcd_url}",
                f"--secure-port={port}",
                "--bind-address=127.0.0.1",
                f"--cert-dir={folder / 'certs'}",
                f"--token-auth-file={folder / 'tokens.csv'}",
                "--authorization-mode=RBAC",
                "--service-account-issuer=https://finops-tui.test",
                f"--service-account-key-file={key}",
                f"--service-account-signing-key-file={key}",
                "--service-cluster-ip-range=10.0.0.0/24",
                "--disable-admission-plugins=ServiceAccount",
                "--event-ttl=1h",
            )
        )
        _wait_until_ready(plane)
        if manager is not None:
            stack.enter_context(
                _running(
                    folder / "controller-manager.log",
                    manager,
                    f"--kubeconfig={plane.kubeconfig(name='manager')}",
                    f"--secure-port={manager_port}",
                    "--bind-address=127.0.0.1",
                    f"--cert-dir={folder / 'manager-certs'}",
                    "--leader-elect=false",
                    # No kubelet renews a lease here: nodes must not be declared dead for it.
                    "--controllers=*,-node-lifecycle-controller,-taint-eviction-controller,-node-ipam-controller",
                    "--horizontal-pod-autoscaler-sync-period=2s",
                )
            )
        yield plane


@contextmanager
def _running(log: Path, *command: str) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _wait_until_ready(plane: ControlPlane, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            plane.request("GET", "/api/v1/namespaces/default")
        except (OSError, urllib.error.HTTPError, ValueError):
            time.sleep(0.1)
        else:
            return
    log = (plane.folder / "apiserver.log").read_text(errors="replace")[-2000:]
    pytest.fail(f"kube-apiserver did not come up:\n{log}")


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
