"""Which AKS agent pools stand behind a pool."""

from __future__ import annotations

import re

from finops_tui.actions.cloud.labelled import Labelled
from finops_tui.actions.cloud.places import AZURE

KIND = "agent-pool"
POOLS = Labelled(
    cloud=AZURE,
    kind=KIND,
    called="agent pool",
    account="subscription",
    label="kubernetes.azure.com/agentpool",
    name=re.compile(r"[a-z][a-z0-9]{0,11}"),
    machine=re.compile(r"azure:///subscriptions/([0-9a-f-]{36})/resourceGroups/[^/]+/providers/.+", re.IGNORECASE),
)
