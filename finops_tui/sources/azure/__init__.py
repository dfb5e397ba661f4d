"""Bills and budgets of Microsoft Azure, asked of Cost Management."""
