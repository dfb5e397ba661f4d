"""What OpenCost or Kubecost has metered in one cluster, by workload and day."""
