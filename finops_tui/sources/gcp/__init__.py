"""Google Cloud: its bill in BigQuery, its budgets, its advice, and what holds machines there."""
