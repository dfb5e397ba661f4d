"""Pure maths: state in, figures out. No clock, no I/O."""
