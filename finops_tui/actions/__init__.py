"""The only package that changes the outside: plan, apply, verify, undo. One module for each family of actions."""
