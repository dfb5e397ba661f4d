"""The composition root: the one place that builds objects from a config or from the command line.

What only the engine needs is imported when the engine is built: the first frame comes before that.
"""
