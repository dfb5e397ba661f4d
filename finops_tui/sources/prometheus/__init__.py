"""Prometheus and whatever speaks its API: Thanos, Mimir, Cortex, VictoriaMetrics, the clouds' managed ones."""
