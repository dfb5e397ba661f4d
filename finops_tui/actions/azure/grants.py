"""The operations of Azure that resizing takes (Microsoft Learn, "Azure permissions for Containers")."""

from __future__ import annotations

READ = "Microsoft.ContainerService/managedClusters/agentPools/read"
WRITE = "Microsoft.ContainerService/managedClusters/agentPools/write"
OPERATIONS = "Microsoft.ContainerService/locations/operations/read"
JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"
"""What Azure asks of whoever sends back a pool that is in a subnet of one's own."""
PERMISSIONS = (OPERATIONS, READ, WRITE, JOIN)
