"""The only package that knows Textual."""
