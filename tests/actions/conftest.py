from __future__ import annotations

from tests.conftest import CI
from tests.servers.kube_apiserver import find_binary

# As for the Kubernetes source: a control plane has no package to install.
collect_ignore_glob = ["test_real_*.py"] if CI and not find_binary("kube-apiserver") else []
