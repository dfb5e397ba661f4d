"""The permissions of Google Cloud that resizing takes: https://cloud.google.com/iam/docs/permissions-reference ."""

from __future__ import annotations

READ_POOLS = "container.clusters.get"
READ_GROUPS = "compute.instanceGroupManagers.get"
OPERATIONS = "container.operations.get"
UPDATE = "container.clusters.update"
PERMISSIONS = (READ_GROUPS, READ_POOLS, UPDATE, OPERATIONS)
