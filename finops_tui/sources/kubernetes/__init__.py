"""One Kubernetes cluster, listed once and then watched."""
