"""Which GKE node pools stand behind a pool."""

from __future__ import annotations

import re

from finops_tui.actions.cloud.labelled import Labelled
from finops_tui.actions.cloud.places import GCP

KIND = "node-pool"
POOLS = Labelled(
    cloud=GCP,
    kind=KIND,
    called="node pool",
    account="project",
    label="cloud.google.com/gke-nodepool",
    name=re.compile(r"[a-z0-9-]{1,40}"),
    machine=re.compile(r"gce://([a-z0-9.:-]+)/[a-z0-9-]+/[a-z0-9-]+"),
)
