"""config.yaml: found, read, understood, and explained where it is wrong."""
