"""Actions on Google Cloud: the sizes of GKE node pools."""
