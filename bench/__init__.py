"""Repeatable measurements of the program, seen from outside. Never a test: a miss is told and fails nothing."""
