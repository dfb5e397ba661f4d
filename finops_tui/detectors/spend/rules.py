"""The constants of the spend watch, each in the words of whoever it wakes.

Chosen on labelled series and held against others; docs/detection.md has the figures, and what a fifth more or less of
each does to them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendRules:
    margin: float = 1.15
    """Spend counts as evidence from so many times on of what it ever reached."""
    minutes: float = 10.0
    """Minutes at twice what was reached before that page. At half as much again it takes twice as long."""
    usd_per_hour: float = 4.0
    """$/h above what was reached that wake nobody: $100 a day."""
    days_needed: int = 2
    """Days of history before anything pages."""
    days_compared: int = 7
    """Days that "ever" means: a whole week has every kind of day in it."""
    lag_hours: float = 12.0
    """What grew within so many hours is not yet what was reached, or a creep would be its own excuse."""
    window_hours: float = 1.0
    """What a day does at an hour, another day may do this much earlier or later."""
    rhythm: float = 0.55
    """Days resemble each other when the same hour of yesterday is at most this far away, as a share of how far six or
    twelve hours ago are."""
    turns: int = 5
    """Turns up or down within `turns_hours` that are thrashing: no deploy and no restart needs more than two pairs."""
    turns_hours: float = 2.0
    turn: float = 0.25
    """A turn is a move back by this share of the height it left, and by `usd_per_hour`."""
    quiet_minutes: float = 30.0
    """Minutes without evidence that end a page."""
    same_hours: float = 1.0
    """A page that comes back within so many hours is the same one."""
    accept_hours: float = 4.0
    """Hours after which an excess that stays is the new normal: a roll-out pages once."""
    back_hours: float = 4.0
    """Hours nearer to the old normal than to the new one after which the new one was a visit."""
    visit_hours: float = 12.0
    """A longer visit was an incident and teaches nothing; a shorter one may have been a job."""
    lesson: float = 1.5
    """A page that ended teaches at most so many times what was reached: the next one like it is shorter, or none."""
    habit_days: int = 3
    """Days on which it must have come at the same hour, where days do not resemble each other, to be a habit."""
    span_week: float = 0.1
    """What is not money has no zero to be so many times of: its margin is this share of the week's span ..."""
    span_hour: float = 0.2
    """... and this share outside what the hour ever saw."""


DEFAULT = SpendRules()
