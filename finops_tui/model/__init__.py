"""The nouns: frozen values from the standard library alone. No clock, no I/O."""
