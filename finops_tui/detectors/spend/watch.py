"""The watch on money: evidence, pages, and what is let into the history of what is normal."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from math import sqrt
from statistics import median_high

from finops_tui.detectors.spend.evidence import Evidence, newest
from finops_tui.detectors.spend.history import BUCKET, HOUR, NOTHING, WEEK, History
from finops_tui.detectors.spend.rules import SpendRules
from finops_tui.detectors.spend.saved import field, number, numbers, rows, text
from finops_tui.detectors.spend.swings import Swings
from finops_tui.detectors.spend.verdict import QUESTIONS, Question, Verdict
from finops_tui.detectors.spend.visits import Level, fitted
from finops_tui.detectors.spend.words import reason, usd

HOUR_SECONDS = 3_600
RHYTHM_EVERY = 6 * HOUR
"""Quarter-hours between two looks at whether days resemble each other."""
STILL = 1.05
"""A plateau has not risen by more than this."""
import os

OPENED=os.environ.get("OPENED")
BOTH=not os.environ.get("BOTH")
LEVELS = 32
"""Quarter-hours whose bare level is remembered: twice as long as an excess takes to be accepted."""
HELD = 200
"""Quarter-hours that may wait to be judged."""
VISITS = 16


class Watch:
    """Judges one sample after the other; `step` says how many seconds a sample stands for."""

    def __init__(self, rules: SpendRules) -> None:
        self._rules = rules
        self._history = History()
        self._week, self._hour = Evidence(), Evidence()
        self._swings = Swings(rules)
        self._bucket = -1
        self._samples: list[float] = []
        """Of the quarter-hour that is going on."""
        self._held: list[tuple[int, float]] = []
        """Quarter-hours that are not let into the history yet."""
        self._levels: deque[tuple[int, float]] = deque(maxlen=LEVELS)
        self._visits: list[Level] = []
        self._back = 0
        """Quarter-hours in a row that were nearer to the normal before the newest visit."""
        self._question = ""
        """What the open page answers; empty while there is none."""
        self._since = 0.0
        self._on = 0.0
        """When it was last seen to be on by anything but evidence: it moved back and forth, or it stayed."""
        self._ratio = 0.0
        """How many times the usual it was when the page opened."""
        self._closed = (0.0, 0.0)
        """When the last page ended, and since when it was."""
        self._coarse = (0.0, 0.0)
        """Until when coarse samples make a good part of the history, and how many seconds each of them stood for."""
        self._rhythm, self._rhythm_at = 1.0, 0
        self._reach_week = self._reach_hour = self._usual = NOTHING

    @property
    def normal(self) -> float | None:
        return self._usual if self._usual >= 0 and self._ready else None

    def normal_at(self, ts: float) -> float | None:
        usual = self._usual_at(int(ts // BUCKET))
        return usual if usual >= 0 and self._ready else None

    def see(self, ts: float, value: float, step: float) -> Verdict:
        rules = self._rules
        bucket = int(ts // BUCKET)
        if bucket != self._bucket:
            self._turn(bucket)
        if step > BUCKET:
            self._fill(ts, value, step)
        self._samples.append(value)
        turns = self._swings.see(ts, value)
        need = self._need(ts)
        if self._ready:
            self._weigh(self._week, ts, value, step, self._reach_week)
            if self._rhythmic:
                self._weigh(self._hour, ts, value, step, self._reach_hour)
            fired = self._fired(ts, turns, need)
            if fired and not self._question:
                self._open(fired, ts, value)
        if self._question:
            if value > self._halfway and self._rhythmic:
                self._on = ts
            if ts - max(newest((self._week, self._hour)), self._on) > rules.quiet_minutes * 60:
                self._close(ts)
            elif ts - self._since > rules.accept_hours * HOUR_SECONDS:
                self._accept()
        if not self._question:
            self._swings.remember(ts)
            if self._week.minutes == self._hour.minutes == 0:
                self._release()
        return self._verdict(ts, value, turns, max(self._week.minutes, self._hour.minutes) / need)

    @property
    def _ready(self) -> bool:
        return self._history.days >= self._rules.days_needed

    @property
    def _rhythmic(self) -> bool:
        return self._rhythm < self._rules.rhythm

    def _weigh(self, evidence: Evidence, ts: float, value: float, step: float, reach: float) -> None:
        if reach >= 0:
            limit = max(reach * self._rules.margin, reach + self._rules.usd_per_hour)
            evidence.weigh(ts, step / 60, value, reach, limit)

    def _need(self, ts: float) -> float:
        """Return minutes of evidence that page: more while the history is of means that hide what a minute may do."""
        until, step = self._coarse
        return max(self._rules.minutes, step / 60 / 2) if ts < until else self._rules.minutes

    def _fired(self, ts: float, turns: int, need: float) -> Question | None:
        rules = self._rules
        if self._week.enough(need):
            return Question.ABOVE_WEEK
        if self._hour.enough(need):
            return Question.ABOVE_HOUR
        above = ts - newest((self._week, self._hour)) < HOUR_SECONDS
        if above and turns >= rules.turns and turns > self._swings.most() and ts >= self._coarse[0]:
            self._on = ts
            return Question.THRASH
        return None

    def _open(self, fired: Question, ts: float, value: float) -> None:
        evidence = self._hour if fired is Question.ABOVE_HOUR else self._week
        ended, since = self._closed
        if ts - ended <= self._rules.same_hours * HOUR_SECONDS:
            self._since = since
        else:
            self._since = self._swings.since if fired is Question.THRASH else evidence.since
        self._question = fired if fired is Question.THRASH else self._named(fired, evidence.since, value)

    def _named(self, fired: Question, since: float, value: float) -> Question:
        """Tell a plateau and a creep from a step by where it stood an hour before its onset."""
        before_at = int(since // BUCKET) - HOUR
        before = next((level for bucket, level in self._levels if bucket == before_at), None)
        if before is None:
            return fired
        reach = self._reach_week
        if fired is Question.ABOVE_HOUR:
            if value <= before * STILL:
                return Question.PLATEAU
            reach = self._reached_at(before_at)
        return Question.CREEP if reach >= 0 and before > reach * sqrt(self._rules.margin) else fired

    def _close(self, ts: float) -> None:
        """End the page: what it saw teaches little, or nothing."""
        self._closed = (ts, self._since)
        self._learn()
        self._end()

    def _accept(self) -> None:
        """End the page: what it saw is the new normal."""
        since = int(self._since // BUCKET)
        seen = [(value, self._compared(bucket)) for bucket, value in self._held if bucket >= since]
        if level := fitted(self._since, seen):
            self._history.change(level.factor, level.more, since)
            self._visits = [*self._visits[1 - VISITS :], level]
        self._release()
        self._end()
        self._refresh()

    def _end(self) -> None:
        self._question = ""
        self._back = 0
        self._held = []
        self._week.clear()
        self._hour.clear()

    def _release(self) -> None:
        for bucket, value in self._held:
            self._history.put(bucket, value)
        self._held = []

    def _learn(self) -> None:
        """Let in of what is held as much as one visit may teach."""
        rules = self._rules
        if self._history.days < rules.days_compared:
            self._release()
        for bucket, value in self._held:
            if self._rhythmic:
                self._history.put(bucket, min(value, max(0.0, self._reached_at(bucket)) * rules.lesson))
            else:
                self._history.set_aside(bucket, value, self._window, rules.habit_days)
        self._held = []

    def _turn(self, bucket: int) -> None:
        """Close the quarter-hour that went by and look up what the next one is held against."""
        if self._samples:
            value = median_high(self._samples)
            self._samples = []
            self._levels.append((self._bucket, value))
            self._held.append((self._bucket, value))
            if not self._question and len(self._held) > self._rules.accept_hours * HOUR:
                self._release()
            del self._held[:-HELD]
            self._look_back(value)
        self._bucket = bucket
        self._history.advance(bucket)
        if bucket - self._rhythm_at >= RHYTHM_EVERY:
            self._rhythm, self._rhythm_at = self._history.rhythm(), bucket
            if not self._rhythmic:
                self._hour.clear()
        self._refresh()

    def _refresh(self) -> None:
        self._reach_week = self._history.reach(self._rules.days_compared, round(self._rules.lag_hours * HOUR))
        self._reach_hour = self._reached_at(self._bucket)
        self._usual = self._usual_at(self._bucket)

    def _look_back(self, value: float) -> None:
        """Take the newest level back when spend has stayed nearer to what was normal before it."""
        if not self._visits:
            return
        level = self._visits[-1]
        since = int(level.since // BUCKET)
        if self._bucket - since > WEEK * 24 * HOUR:
            self._visits.pop()
            return
        now = self._compared(self._bucket)
        if now < 0 or value >= (now + level.before(now)) / 2:
            self._back = 0
            return
        self._back += 1
        if self._back < self._rules.back_hours * HOUR or self._question:
            return
        self._visits.pop()
        visit = self._history.take(since)
        self._history.change(1 / level.factor, -level.more / level.factor, since)
        self._end()
        if self._bucket - since <= self._rules.visit_hours * HOUR:
            self._held = visit[: -round(self._rules.back_hours * HOUR)]
            self._learn()

    def _compared(self, bucket: int) -> float:
        """Return what tells a new level from the old: the usual at this time, or what the week reached."""
        return self._history.typical(bucket) if self._rhythmic else self._reach_week

    def _usual_at(self, bucket: int) -> float:
        return self._history.typical(bucket) if self._rhythmic else self._history.recent()

    @property
    def _window(self) -> int:
        return round(self._rules.window_hours * HOUR)

    def _reached_at(self, bucket: int) -> float:
        high, days = self._history.reach_at(bucket, self._rules.days_compared, self._window)
        return high if days >= self._rules.days_needed else NOTHING

    def _fill(self, ts: float, value: float, step: float) -> None:
        """Let a coarse sample stand for the quarter-hours before it, as the mean over them that it is."""
        self._coarse = (ts + self._rules.days_needed * 24 * HOUR_SECONDS, step)
        count = min(int(step // BUCKET), 24 * HOUR)
        self._held += [(bucket, value) for bucket in range(self._bucket - count + 1, self._bucket)]

    def _verdict(self, ts: float, value: float, turns: int, score: float) -> Verdict:
        normal = self.normal
        if self._question:
            question = Question(self._question)
            by_hour = self._rhythmic and question in (Question.ABOVE_HOUR, Question.PLATEAU)
            reach = max(0.0, self._reach_hour if by_hour else self._reach_week)
            rules = self._rules
            why = reason(question, ts, value, normal, reach, rules.days_compared, turns, rules.turns_hours)
            excess = max(0.0, value - (reach if normal is None else normal))
            return Verdict(True, max(1.0, score), why, self._since, normal, question, excess)
        if self._visits and normal is not None and not self._back:
            level = self._visits[-1]
            before = level.before(normal)
            why = f"It stays near {usd(normal)} where {usd(before)} was normal: taken for the new normal."
            return Verdict(False, score, why, level.since, normal, "", max(0.0, value - before))
        return Verdict(False, score, "", None, normal, "", 0.0)

    def save(self) -> dict[str, object]:
        return {
            "history": self._history.save(),
            "week": self._week.save(),
            "hour": self._hour.save(),
            "swings": self._swings.save(),
            "samples": list(self._samples),
            "held": [list(row) for row in self._held],
            "levels": [list(row) for row in self._levels],
            "visits": [[level.since, level.factor, level.more] for level in self._visits],
            "question": str(self._question),
            "figures": [
                self._bucket, self._back, self._since, self._on, *self._closed, *self._coarse,
                self._rhythm, self._rhythm_at, self._reach_week, self._reach_hour, self._usual,
            ],
        }  # fmt: skip

    def load(self, saved: Mapping[str, object]) -> None:
        """Raises ValueError for what `save` did not write."""
        history = field(saved, "history")
        if not isinstance(history, list) or len(history) != 2:  # noqa: PLR2004 - what save() writes
            raise ValueError("A saved spend watch has no legible history.")
        self._history.load(number(history[0]), history[1])
        self._week.load(field(saved, "week"))
        self._hour.load(field(saved, "hour"))
        self._swings.load(field(saved, "swings"))
        self._samples = numbers(field(saved, "samples"))
        self._held = [(int(bucket), value) for bucket, value in rows(field(saved, "held"), 2, HELD + 24 * HOUR)]
        self._levels.extend((int(bucket), value) for bucket, value in rows(field(saved, "levels"), 2, LEVELS))
        self._visits = [Level(*row) for row in rows(field(saved, "visits"), 3, VISITS)]
        if not all(level.factor > 0 for level in self._visits):
            raise ValueError("A saved spend watch has a level that is so many times nothing.")
        self._question = text(field(saved, "question"), QUESTIONS)
        (
            bucket, back, self._since, self._on, ended, since, until, step,
            self._rhythm, rhythm_at, self._reach_week, self._reach_hour, self._usual,
        ) = numbers(field(saved, "figures"), 13)  # fmt: skip
        self._bucket, self._back, self._rhythm_at = int(bucket), int(back), int(rhythm_at)
        self._closed, self._coarse = (ended, since), (until, step)
