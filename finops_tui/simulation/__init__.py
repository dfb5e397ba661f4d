"""A small GPU cloud in memory: a source like any other."""
