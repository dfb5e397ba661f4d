"""Tells chats, pagers and alert managers what was found. Opt-in; the only package that sends findings anywhere."""
