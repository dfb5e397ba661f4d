"""The only package that reads the outside: one module or package per system."""
