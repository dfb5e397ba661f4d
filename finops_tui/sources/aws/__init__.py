"""Amazon Web Services: bills, budgets, prices and what runs there, read and never changed."""
