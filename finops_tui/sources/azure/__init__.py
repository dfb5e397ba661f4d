"""Microsoft Azure: bills and budgets of Cost Management, Advisor's advice, and what holds machines there."""
