"""Objectives that stand in files of other programs: OpenSLO, Sloth, Pyrra."""
