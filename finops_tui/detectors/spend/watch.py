"""The watch on money: evidence for each question, and the page that opens and ends."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, sqrt

from finops_tui.detectors.spend.evidence import Evidence
from finops_tui.detectors.spend.normal import Normal
from finops_tui.detectors.spend.rules import SpendRules
from finops_tui.detectors.spend.saved import field, numbers, text
from finops_tui.detectors.spend.swings import Swings
from finops_tui.detectors.spend.verdict import QUESTIONS, Question, Verdict
from finops_tui.detectors.spend.words import lasting, reason

MINUTE = 60
HOUR = 3_600
DAY = 86_400
STILL = 1.05
"""A plateau has not risen by more than this."""


class Watch:
    """Judges one sample after the other; `step` says how many seconds a sample stands for."""

    def __init__(self, rules: SpendRules) -> None:
        self._rules = rules
        self._normal = Normal(rules)
        self._week, self._hour = Evidence(), Evidence()
        self._swings = Swings(rules)
        self._question = ""
        """What the open page answers; empty while there is none."""
        self._since = 0.0
        self._times = 0.0
        """How many times the usual it was when the page opened."""
        self._on = 0.0
        """When something other than evidence said that it is still on: it moves back and forth, or it stays."""
        self._ended = (0.0, 0.0)
        """When the last page ended that was not accepted, and since when it was."""
        self._coarse = (0.0, 0.0)
        """Until when coarse samples make a good part of the history, and how many seconds each stood for."""

    def normal_at(self, ts: float) -> float | None:
        usual = self._normal.usual_at(ts)
        return usual if usual >= 0 and self._normal.known else None

    def see(self, ts: float, value: float, step: float) -> Verdict:
        normal, rules = self._normal, self._rules
        normal.see(ts, value, step, paged=bool(self._question))
        if step > 2 * MINUTE * rules.minutes:
            self._coarse = (ts + rules.days_needed * DAY, step)
        turns = self._swings.see(ts, value)
        need = self._need(ts)
        if normal.known:
            self._weigh(ts, value, step)
            fired = self._fired(ts, turns, need)
            if fired and not self._question:
                self._open(fired, ts, value)
        if self._question:
            self._go_on(ts, value)
        if not self._question:
            self._swings.remember(ts)
            if self._week.minutes == self._hour.minutes == 0:
                normal.let_in()
        return self._verdict(ts, value, turns, max(self._week.minutes, self._hour.minutes) / need)

    def _weigh(self, ts: float, value: float, step: float) -> None:
        normal, rules = self._normal, self._rules
        if not normal.rhythm:
            self._hour.clear()
        for evidence, reach in (
            (self._week, normal.reach),
            (self._hour, normal.reach_at_hour if normal.rhythm else -1),
        ):
            if reach >= 0:
                limit = max(reach * rules.margin, reach + rules.usd_per_hour)
                evidence.weigh(ts, step / MINUTE, value, reach, limit)

    def _need(self, ts: float) -> float:
        """Return minutes of evidence that page: more while the history is of means that hide what a minute may do."""
        until, step = self._coarse
        return max(self._rules.minutes, step / MINUTE / 2) if ts < until else self._rules.minutes

    def _fired(self, ts: float, turns: int, need: float) -> Question | None:
        rules = self._rules
        if self._week.enough(need):
            return Question.ABOVE_WEEK
        if self._hour.enough(need):
            return Question.ABOVE_HOUR
        until, _ = self._coarse
        above = ts - self._evident < HOUR
        if above and turns >= rules.turns and turns > self._swings.most() and ts >= until:
            self._on = ts
            return Question.THRASH
        return None

    @property
    def _evident(self) -> float:
        """When evidence was last seen."""
        return max(self._week.last, self._hour.last)

    def _open(self, fired: Question, ts: float, value: float) -> None:
        since = self._hour.since if fired is Question.ABOVE_HOUR else self._week.since
        self._question = fired if fired is Question.THRASH else self._named(fired, since, value)
        ended, before = self._ended
        if ts - ended <= self._rules.same_hours * HOUR:
            self._since = before
        else:
            self._since = self._swings.since if fired is Question.THRASH else since
        self._times = value / self._normal.usual if self._normal.usual > 0 else inf

    def _named(self, fired: Question, since: float, value: float) -> Question:
        """Tell a plateau and a creep from a step by where it stood an hour before its onset."""
        before, reached = self._normal.height_before(since)
        if before < 0:
            return fired
        if fired is Question.ABOVE_HOUR and value <= before * STILL:
            return Question.PLATEAU
        reach = reached if fired is Question.ABOVE_HOUR else self._normal.reach
        return Question.CREEP if 0 <= reach * sqrt(self._rules.margin) < before else fired

    def _go_on(self, ts: float, value: float) -> None:
        """End the page when it is over or was accepted."""
        normal, rules = self._normal, self._rules
        if normal.rhythm and self._times > 1 and value > normal.usual * (1 + self._times) / 2:
            self._on = ts
        if ts - max(self._evident, self._on) > rules.quiet_minutes * MINUTE:
            normal.let_in_little()
            self._ended = (ts, self._since)
        elif ts - self._since > rules.accept_hours * HOUR:
            normal.accept(self._since)
        else:
            return
        self._question = ""
        self._week.clear()
        self._hour.clear()

    def _verdict(self, ts: float, value: float, turns: int, score: float) -> Verdict:
        normal, rules = self._normal, self._rules
        usual = normal.usual if normal.usual >= 0 and normal.known else None
        if self._question:
            question = Question(self._question)
            by_hour = normal.rhythm and question in (Question.ABOVE_HOUR, Question.PLATEAU)
            reach = max(0.0, normal.reach_at_hour if by_hour else normal.reach)
            why = reason(question, ts, value, usual, reach, turns, rules)
            excess = max(0.0, value - (reach if usual is None else usual))
            return Verdict(True, max(1.0, score), why, self._since, usual, question, excess)
        if (level := normal.lasting) and usual is not None:
            before = level.before(usual)
            return Verdict(False, score, lasting(usual, before), level.since, usual, "", max(0.0, value - before))
        return Verdict(False, score, "", None, usual, "", 0.0)

    def save(self) -> dict[str, object]:
        return {
            "normal": self._normal.save(),
            "week": self._week.save(),
            "hour": self._hour.save(),
            "swings": self._swings.save(),
            "question": str(self._question),
            "figures": [self._since, min(self._times, 1e18), self._on, *self._ended, *self._coarse],
        }

    def load(self, saved: Mapping[str, object]) -> None:
        """Take over what `save` wrote. Raises ValueError for anything else."""
        normal = field(saved, "normal")
        if not isinstance(normal, Mapping):
            raise ValueError("A saved spend watch does not know what is normal.")  # noqa: TRY004 - one kind of error
        self._normal.load(normal)
        self._week.load(field(saved, "week"))
        self._hour.load(field(saved, "hour"))
        self._swings.load(field(saved, "swings"))
        self._question = text(field(saved, "question"), QUESTIONS)
        self._since, self._times, self._on, ended, since, until, step = numbers(field(saved, "figures"), 7)
        self._ended, self._coarse = (ended, since), (until, step)
