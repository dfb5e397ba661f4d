"""Small online learners: figures in, verdicts out. No clock, no I/O."""
