"""The Kubernetes API of a simulated cluster: what the world is, as objects; what is written there, happens in it."""
