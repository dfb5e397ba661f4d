"""Client libraries are loaded whole, whichever thread begins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: here
clusters: [{name: here, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: ana, user: {token: secret}}]
contexts: [{name: here, context: {cluster: here, user: ana}}]
"""
SCRIPT = '''
import sys, threading
from importlib.machinery import PathFinder
from pathlib import Path

from finops_tui.clock import WallClock
from finops_tui.sources.kube_access import load_access
from finops_tui.sources.prometheus.client import PrometheusClient
from finops_tui.sources.prometheus.settings import PrometheusSettings

inside, outside = threading.Event(), threading.Event()


class Meeting:
    """Stops the first thread in the middle of `requests` until the second has begun with a part of it."""

    def find_spec(self, name, path, target=None):
        meets = {"requests.exceptions": (first, wait), "requests.utils": (second, outside.set)}.get(name)
        if meets is None or threading.current_thread() is not meets[0]:
            return None
        spec = PathFinder.find_spec(name, path)
        execute = spec.loader.exec_module
        spec.loader.exec_module = lambda module: (meets[1](), execute(module))
        return spec


def wait():
    inside.set()
    outside.wait(3)


def ask():
    settings = PrometheusSettings(cluster="here", url="http://127.0.0.1:9")
    try:
        PrometheusClient(settings, WallClock())._send("query", {}, 1)
    except Exception as error:
        print(error)


def log_in():
    inside.wait(20)
    print(load_access(kubeconfig=Path(sys.argv[1])).host)


sys.meta_path.insert(0, Meeting())
first, second = threading.Thread(target=ask), threading.Thread(target=log_in)
first.start()
second.start()
first.join()
second.join()
'''


def test_prometheus_and_kubernetes_may_begin_at_once(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(KUBECONFIG)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(kubeconfig)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    assert "connection refused" in done.stdout
    assert "http://127.0.0.1:9" in done.stdout
