"""Runs sources, folds what they say, publishes snapshots. Knows of no terminal."""
