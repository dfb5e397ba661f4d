"""Bills of Google Cloud, asked of the billing export in BigQuery, and its budgets."""
