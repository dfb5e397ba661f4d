"""Spend that has left its rails, told once, of the scope that explains it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from typing import ClassVar, NamedTuple

from finops_tui import phrases
from finops_tui.detectors import pausing, stand_ins
from finops_tui.detectors.attribution import SPECIFIC, SWING, Share, is_part
from finops_tui.detectors.base import SAMPLE_SECONDS, Scene
from finops_tui.detectors.explained import Explained
from finops_tui.detectors.severity import SeverityRules, severity
from finops_tui.detectors.spend.detector import Verdict
from finops_tui.detectors.spend.rules import SpendRules
from finops_tui.detectors.spend_learners import FED_EVERY_SECONDS, HOUR, Learners, Past
from finops_tui.detectors.spot_fallback import FallbackRules
from finops_tui.detectors.stand_ins import Dearer
from finops_tui.model.finding import Evidence, Severity, Signal
from finops_tui.model.scope import TOTAL, Scope, ScopeKind
from finops_tui.model.snapshot import SpendRow

SHARING = (ScopeKind.MODEL, ScopeKind.NAMESPACE, ScopeKind.POOL, ScopeKind.TEAM)
"""Kinds whose parts may have one trouble in common. What two clusters have at the same time is two troubles."""
TOGETHER_SECONDS = 1_800.0
FALLEN_SECONDS = 600.0
"""An excess of which hardly anything has been left for so long is over."""
ONE_STORY_SECONDS = 21_600.0
"""What creeps is seen in one scope hours before it is in the next."""
TOLD_SHARE = 0.5
"""A wider scope is a finding of its own when less than this part of its excess is told already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendAnomalyRules(SeverityRules):
    learner: SpendRules = field(default_factory=SpendRules)
    workload_usd_per_hour: float = 2.0
    """A single workload is watched from this rate on; what smaller ones do shows in their namespace and team."""
    most_learners: int = 1_000
    """Scopes that are watched, the widest and the most expensive first."""
    over_below_ratio: float = 0.3
    """An excess is over when less than this part of it is left."""
    listed_hours: float = 72.0
    """An excess that stays is listed for so long, though its alarm expects it by now. Then it is normal here too."""


class _Episode(NamedTuple):
    """One excess, from its onset until it is over."""

    watched: Scope
    """Whose learner noticed it."""
    scope: Scope
    """What explains it."""
    since: float
    question: str
    reason: str
    normal: float
    """$/h that `scope` has without it."""
    excess: float
    """$/h, the most of it that was seen."""
    burned: float
    """$"""
    left: float
    """$/h, the most that was seen of what lost spot capacity does not explain."""
    left_burned: float
    """$"""
    at: float
    fallen_since: float
    """Since when hardly anything of it is left; infinite while there is."""
    paging: bool
    """Whether the learner still calls it abnormal; what stays is called normal after some hours."""


class SpendAnomaly:
    """Watches every scope with a learner of its own, and names the narrowest that explains what they see."""

    id: ClassVar[str] = "spend"
    title: ClassVar[str] = "Spend anomaly"
    about: ClassVar[str] = (
        "A scope spends more than it ever does at this hour, keeps growing, swings, or does not fall."
    )

    def __init__(self, rules: SpendAnomalyRules | None = None, spot: FallbackRules | None = None) -> None:
        """`spot` says how urgent the part of an excess is that lost spot capacity explains."""
        self._rules = rules or SpendAnomalyRules()
        self._spot = (spot or FallbackRules()).severity
        self._learners = Learners(
            self._rules.learner,
            most=self._rules.most_learners,
            workload_usd_per_hour=self._rules.workload_usd_per_hour,
        )
        self._episodes: dict[Scope, _Episode] = {}
        """By the scope that explains them."""
        self._fallen: dict[Scope, float] = {}
        """Alarms that are still on though what they were about is over, with its onset."""
        self._explained = Explained()
        self._step = -1
        self._signals: tuple[Signal, ...] = ()
        self._dearer: Mapping[str, Dearer] = {}
        """What pools pay at this moment because spot could not be had."""

    # --- memory

    @property
    def learning(self) -> str:
        """Why anomalies of the whole cannot be told yet, in words; empty when they can."""
        return self._learners.learning

    def prime(self, past: Past) -> None:
        """Let learners that know nothing yet begin with what is told of the past, as soon as they are needed."""
        self._learners.prime(past)

    def catch_up(self, learners: int) -> bool:
        """Let so many more learners take in the past, and tell whether others wait. Each takes some 15 ms."""
        return self._learners.catch_up(learners)

    def state(self) -> dict[str, object]:
        """Return what was learned, as JSON can hold it."""
        return self._learners.state()

    def restore(self, state: Mapping[str, object]) -> None:
        """Go on from an earlier `state`; what of it cannot be read is learned anew."""
        self._learners.restore(state)

    # --- judgement

    def judge(self, scene: Scene) -> Iterable[Signal]:
        step = int(scene.now.timestamp() // FED_EVERY_SECONDS)
        if step != self._step:
            self._step = step
            self._dearer = stand_ins.dearer(scene)
            alarms = dict(self._learners.feed(scene))
            self._begin(scene, alarms)
            self._go_on(scene, alarms)
            self._signals = tuple(self._tell(scene))
        return self._signals

    def _begin(self, scene: Scene, alarms: Mapping[Scope, Verdict]) -> None:
        """Find what explains each alarm. Several that one scope explains are one episode."""
        held = {episode.watched: episode.scope for episode in self._episodes.values()}
        self._fallen = {watched: since for watched, since in self._fallen.items() if watched in alarms}
        self._explained.keep(alarms, scene.now.timestamp())
        found: list[tuple[Scope, Verdict, float, Share]] = []
        for watched, verdict in sorted(alarms.items(), key=lambda alarm: SPECIFIC.index(alarm[0].kind)):
            since = verdict.since if verdict.since is not None else scene.now.timestamp()
            if self._fallen.get(watched, -inf) >= since:
                continue
            share = self._explained.explain(scene, watched, since, verdict.question, held.get(watched))
            if share is not None and share.delta > 0:
                found.append((watched, verdict, since, share))
        shared = [(watched, since) for watched, _, since, share in found if watched == share.scope]
        for watched, verdict, since, share in found:
            whole = next((scope for scope, at in shared if self._is_shared(scene, share.scope, since, scope, at)), None)
            if whole is not None:
                self._episodes.pop(share.scope, None)
                continue
            if any(self._is_told(scene, episode, share, since) for episode in self._episodes.values()):
                continue
            before = self._episodes.get(share.scope)
            if before is not None:
                if watched == before.watched:
                    self._episodes[share.scope] = before._replace(reason=verdict.reason, paging=True)
                continue
            former = self._episodes.pop(held[watched], None) if watched in held else None
            normal = self._normal(scene, share, watched, verdict)
            excess = max(0.0, (share.row.usd_per_hour or 0.0) - normal)
            began = former.since if former is not None else since
            burned = _burned(scene, share.scope, began, normal)
            left = self._left(scene, share.scope, began, excess)
            self._episodes[share.scope] = _Episode(
                watched, share.scope, began, verdict.question, verdict.reason, normal, excess, burned,
                left, burned * left / excess if excess else 0.0, scene.now.timestamp(), inf, paging=True,
            )  # fmt: skip

    def _is_told(self, scene: Scene, episode: _Episode, share: Share, since: float) -> bool:
        """Tell whether a narrower scope is already said to have most of what this one has too much."""
        if episode.scope == share.scope or abs(episode.since - since) > ONE_STORY_SECONDS:
            return False
        row = scene.rows.get(episode.scope)
        own = max(0.0, (row.usd_per_hour or 0.0) - episode.normal) if row is not None else 0.0
        return own >= TOLD_SHARE * share.delta and is_part(scene, episode.scope, share.scope)

    def _is_shared(self, scene: Scene, scope: Scope, since: float, whole: Scope, whole_since: float) -> bool:
        """Tell whether what one scope has too much is its part of what all of a team, model or pool have too much."""
        together = whole.kind in SHARING and abs(since - whole_since) <= TOGETHER_SECONDS
        return together and scope != whole and is_part(scene, scope, whole)

    def _left(self, scene: Scene, scope: Scope, since: float, excess: float) -> float:
        """Return what of an excess is not paid because spot could not be had."""
        return max(0.0, excess - stand_ins.explained(scene, scope, datetime.fromtimestamp(since, UTC), self._dearer))

    def _normal(self, scene: Scene, share: Share, watched: Scope, verdict: Verdict) -> float:
        """Return $/h of the explaining scope without the excess."""
        known = self._learners.normal(share.scope, scene.now.timestamp())
        if share.scope == watched and verdict.normal is not None:
            known = verdict.normal
        if known is None or known >= (share.row.usd_per_hour or 0.0):
            return share.before
        return known

    def _go_on(self, scene: Scene, alarms: Mapping[Scope, Verdict]) -> None:
        """Add up what each episode burns, and end those that are over."""
        now, rules = scene.now.timestamp(), self._rules
        for scope, episode in list(self._episodes.items()):
            row = scene.rows.get(scope)
            usd = row.usd_per_hour if row is not None else 0.0
            if usd is None or (row is not None and row.stale):
                continue
            paging = episode.watched in alarms
            excess = max(0.0, usd - self._without(scene, episode, usd, paging=paging))
            left = self._left(scene, scope, episode.since, excess)
            fallen = excess < rules.over_below_ratio * episode.excess
            fallen_since = min(episode.fallen_since, now) if fallen else inf
            if now - fallen_since >= FALLEN_SECONDS and episode.question != SWING:
                self._fallen[episode.watched] = episode.since
                del self._episodes[scope]
                continue
            old = now - episode.since > rules.listed_hours * HOUR
            if not paging and (fallen or old or (row is None)):
                del self._episodes[scope]
                continue
            self._episodes[scope] = episode._replace(
                excess=max(excess, episode.excess),
                burned=episode.burned + excess * (now - episode.at) / HOUR,
                left=max(left, episode.left),
                left_burned=episode.left_burned + left * (now - episode.at) / HOUR,
                at=now,
                fallen_since=fallen_since,
                paging=paging,
            )

    def _without(self, scene: Scene, episode: _Episode, usd: float, *, paging: bool) -> float:
        """Return $/h without the excess: once the scope's own alarm is over, what its learner says of this hour.

        What it spends at noon is not too much because an excess began at night.
        """
        if paging or episode.watched != episode.scope:
            return episode.normal
        verdict = self._learners.verdict(episode.scope)
        if verdict.since is None:
            known = self._learners.normal(episode.scope, scene.now.timestamp())
            return max(episode.normal, known) if known is not None else episode.normal
        accepted = verdict.excess > 0 and abs(verdict.since - episode.since) <= TOGETHER_SECONDS
        return max(0.0, usd - verdict.excess) if accepted else episode.normal

    def _tell(self, scene: Scene) -> Iterator[Signal]:
        for scope, episode in self._episodes.items():
            row = scene.rows.get(scope)
            if row is None:
                continue
            usd = row.usd_per_hour or 0.0
            normal = self._without(scene, episode, usd, paging=episode.paging)
            excess = max(0.0, usd - normal)
            urgency = self._urgency(scene, episode, excess)
            if not episode.paging and urgency is Severity.PAGE:
                urgency = Severity.TICKET
            yield Signal(
                kind=self.id,
                severity=urgency,
                scope=scope,
                name=row.name,
                since=datetime.fromtimestamp(episode.since, UTC),
                why=self._why(scene, episode, row, normal),
                cluster=row.cluster,
                owner=row.owner,
                namespace=row.namespace,
                model=row.model,
                usd_per_hour=usd,
                normal_usd_per_hour=normal,
                excess_usd_per_hour=excess,
                burned_usd=episode.burned,
                evidence=tuple(self._evidence(scene, episode, row)),
            )

    def _urgency(self, scene: Scene, episode: _Episode, excess: float) -> Severity:
        """Judge what lost spot capacity explains as `spot` would, and the rest as spend."""
        left = self._left(scene, episode.scope, episode.since, excess)
        by_spot = severity(excess - left, episode.burned - episode.left_burned, self._spot)
        rest = severity(max(left, episode.left / 2), episode.left_burned, self._rules)
        return min(rest, by_spot, key=lambda each: each.rank)

    def _why(self, scene: Scene, episode: _Episode, row: SpendRow, normal: float) -> str:
        words = episode.reason
        if episode.watched != episode.scope:
            noticed = scene.rows.get(episode.watched)
            name = noticed.name if noticed is not None else episode.watched.name
            own = f"{row.name} went from {phrases.rate(episode.normal)} to {phrases.rate(row.usd_per_hour or 0.0)}"
            whole = "all" if episode.watched == TOTAL else f"the {episode.watched.kind} {name}"
            words = f"{own}; {whole} together: {words}"
        if not episode.paging:
            words += f" {self._stays(scene, episode, normal)}"
        return words

    def _stays(self, scene: Scene, episode: _Episode, normal: float) -> str:
        """Say why it is listed on though nothing alarms any more, until when, and against what."""
        accepted = self._learners.verdict(episode.watched).since is not None
        over = "It has stayed for so long that alarms expect it by now" if accepted else "That alarm is over"
        until = datetime.fromtimestamp(episode.since + self._rules.listed_hours * HOUR, UTC)
        held = f"against {phrases.rate(normal)}, what was normal before it"
        return f"{over}; it is listed until {phrases.clock(until, scene.now)}, {held}."

    def _evidence(self, scene: Scene, episode: _Episode, row: SpendRow) -> Iterator[Evidence]:
        since = datetime.fromtimestamp(episode.since, UTC)
        yield Evidence(label="Onset", words=f"{phrases.clock(since, scene.now)}, {phrases.span(scene.now - since)} ago")
        yield Evidence(label="Question", words=QUESTIONS.get(episode.question, episode.question))
        if row.gpus:
            busy = f", {row.utilization:.0%} utilized" if row.utilization is not None else ""
            yield Evidence(label="Runs", words=f"{_pods(row)}{phrases.counted(row.gpus, 'GPU')}{busy}")
        paid = stand_ins.explained(scene, episode.scope, since, self._dearer)
        if paid:
            words = f"{phrases.rate(paid)} is what on-demand costs more while spot cannot be had: judged as lost spot"
            yield Evidence(label="Spot lost", words=words)
        if row.pods_pending:
            yield Evidence(label="Pending", words=f"{row.pods_pending:,} pods wait for room")
        workload = scene.workload(episode.scope.name) if episode.scope.kind is ScopeKind.WORKLOAD else None
        if workload is not None:
            yield from pausing.evidence(workload, row, scene)


QUESTIONS = {
    "above_week": "above everything of the past week",
    "above_hour": "above what this time of day ever reached",
    "creep": "growing hour upon hour",
    "thrash": "moving back and forth more than ever",
    "plateau": "not falling when it always falls",
}
"""What each question of the learner asks, in words."""


def _burned(scene: Scene, scope: Scope, since: float, normal: float) -> float:
    """Return $ above normal from the onset until now, by the samples of the last three hours."""
    samples = scene.past(scope)
    cells = min(len(samples), int((scene.now.timestamp() - since) // SAMPLE_SECONDS) + 1)
    lately = samples[len(samples) - cells :]
    return sum(max(0.0, usd - normal) for usd in lately if usd is not None) * SAMPLE_SECONDS / HOUR


def _pods(row: SpendRow) -> str:
    """Begin what a scope runs with its pods, where they are known."""
    return "" if row.pods is None else f"{phrases.counted(row.pods, 'pod')} on "
