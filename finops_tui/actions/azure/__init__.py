"""Actions on Azure: the sizes of AKS agent pools."""
