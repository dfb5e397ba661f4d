"""What can be measured, one module for each part; each has `figures(setting)`."""
