"""What people write down about changes: a file of their own, Grafana."""
