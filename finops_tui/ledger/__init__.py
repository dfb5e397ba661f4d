"""Bills on this machine: one SQLite file of charges under FOCUS names, exact to ten decimals."""
