"""Actions of one's own: a command or an HTTP call, on the same way as every other action."""
