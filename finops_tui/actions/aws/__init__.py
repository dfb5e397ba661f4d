"""Actions on AWS itself: what no Kubernetes API can change, on the same way as every other action."""
