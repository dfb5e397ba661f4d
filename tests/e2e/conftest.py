from __future__ import annotations

from tests.conftest import CI
from tests.servers.kube_apiserver import find_binary

# As for the Kubernetes source: a control plane has no package to install.
ON_A_CONTROL_PLANE = ["test_real_actions.py", "test_shared_inventory.py"]
collect_ignore = ON_A_CONTROL_PLANE if CI and not find_binary("kube-apiserver") else []
