"""What holds for every plan under every policy: the guard never gets milder when things get worse."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from finops_tui.engine.arming import DISARMED, Arming
from finops_tui.engine.guard import judge
from finops_tui.engine.guard_checks import rank
from finops_tui.engine.journal_entry import UNDOES, Entry
from finops_tui.engine.policy import Minimum, Policy, QuietHours
from finops_tui.engine.selector import Selector
from finops_tui.model.plan import Decision, FieldChange, Judgement, Outcome, Plan, Risk, TargetKind
from finops_tui.model.scope import ScopeKind
from finops_tui.model.snapshot import Snapshot
from tests.engine.plans import ARMED, entry, plan, snapshot, spend_row, target
from tests.samples import NOON

KEYS = ("prod-us/Job/nlp-train/retrain-v7", "prod-us/Deployment/search/rerank", "prod-us/Job/kube-system/x", "odd")
TARGETS = st.builds(
    target,
    kind=st.sampled_from(TargetKind),
    key=st.sampled_from([*KEYS, "prod-us/a100"]),
    environment=st.sampled_from(["", "training", "production"]),
)
amounts = st.one_of(st.none(), st.floats(-3_000, 3_000), st.just(float("nan")))
CHANGES = st.lists(
    st.builds(
        FieldChange,
        object=st.just("deployment/rerank"),
        path=st.sampled_from(["spec.replicas", "spec.suspend", "minSize", "spec.image"]),
        before=st.sampled_from(["–", "1", "5", "false"]),
        after=st.sampled_from(["–", "0", "1", "3", "9", "true", "[]"]),
    ),
    max_size=2,
).map(tuple)
PLANS = st.builds(
    plan,
    number=st.integers(1, 3),
    target=TARGETS,
    changes=CHANGES,
    pods=st.integers(0, 200),
    gpus=st.floats(0, 300),
    saves_usd_per_hour=amounts,
    slo_risk=st.sampled_from(Risk),
    undo=st.sampled_from(["", "resumes"]),
    dry_run=st.sampled_from(["", "accepted by prod-us", "refused by prod-us", "no answer"]),
    made_at=st.integers(0, 1_200).map(lambda seconds: NOON - timedelta(seconds=seconds)),
    parameters=st.sampled_from([{}, {UNDOES: "plan-9"}]),
)
PROTECTED = st.sampled_from(
    [Selector(namespaces=("kube-*",)), Selector(environments=("prod*",)), Selector(names=("rerank",), kinds=("Dep*",))]
)
MINIMUMS = st.builds(
    Minimum, selector=st.sampled_from([Selector(clusters=("*",)), Selector(kinds=("pool",))]), size=st.integers(1, 8)
)
QUIET = st.builds(
    QuietHours,
    days=st.sets(st.integers(0, 6), min_size=1).map(frozenset),
    begins=st.sampled_from([time(6), time(12)]),
    ends=st.sampled_from([time(8), time(23)]),
    zone=st.just(UTC),
    decision=st.sampled_from([Decision.TYPE_NAME, Decision.REFUSE]),
)
limits = st.one_of(st.none(), st.integers(1, 500))
POLICIES = st.builds(
    Policy,
    read_only=st.just(False),
    arm_minutes=st.sampled_from([0.5, 15.0]),
    protected=st.lists(PROTECTED, max_size=1).map(tuple),
    minimums=st.lists(MINIMUMS, max_size=1).map(tuple),
    bulk_cap=st.integers(1, 4),
    rate_actions=st.integers(1, 5),
    rate_minutes=st.floats(1, 30),
    quiet_hours=st.lists(QUIET, max_size=1).map(tuple),
    typed_environments=st.lists(st.sampled_from(["prod*", "unknown"]), max_size=2).map(tuple),
    typed_pods=limits,
    typed_gpus=limits,
    typed_usd_per_hour=limits,
    typed_irreversible=st.booleans(),
    stale_seconds=st.integers(10, 600),
    refuse_stale_seconds=st.integers(600, 1_000),
    high_slo_risk=st.sampled_from([Decision.TYPE_NAME, Decision.REFUSE]),
)
RECENT = st.lists(
    st.builds(
        entry,
        number=st.integers(4, 9),
        at=st.integers(0, 40).map(lambda minutes: NOON - timedelta(minutes=minutes)),
        outcome=st.sampled_from(Outcome),
        target=TARGETS,
    ),
    max_size=4,
)


@dataclass(frozen=True, kw_only=True)
class Situation:
    plan: Plan
    policy: Policy
    recent: tuple[Entry, ...]
    beside: tuple[Plan, ...]
    age: int
    """Seconds, of the figures."""
    stale: bool
    usd: float | None
    armed: Arming = ARMED

    @property
    def snapshot(self) -> Snapshot:
        about: dict[str, Any] = {"at": NOON - timedelta(seconds=self.age), "stale": self.stale}
        return snapshot(
            *(spend_row(key=key, usd_per_hour=self.usd, **about) for key in KEYS[:3]),
            spend_row(ScopeKind.POOL, "prod-us/a100", usd_per_hour=self.usd, **about),
            spend_row(ScopeKind.CLUSTER, "prod-us", **about),
        )

    def judge(self, now: datetime = NOON) -> Judgement:
        return judge(
            self.plan, self.snapshot, self.policy, self.armed, now, recent=self.recent, beside=self.beside
        )  # fmt: skip

    def with_policy(self, **given: Any) -> Situation:
        return dataclasses.replace(self, policy=dataclasses.replace(self.policy, **given))

    def with_plan(self, **given: Any) -> Situation:
        return dataclasses.replace(self, plan=replace(self.plan, **given))


SITUATIONS = st.builds(
    Situation,
    plan=PLANS,
    policy=POLICIES,
    recent=RECENT.map(tuple),
    beside=st.lists(PLANS, max_size=2).map(tuple),
    age=st.integers(0, 1_100),
    stale=st.booleans(),
    usd=amounts,
)


def assert_no_milder(worse: Situation, than: Situation) -> None:
    assert rank(worse.judge().decision) >= rank(than.judge().decision)


@given(SITUATIONS)
def test_it_is_pure_never_waves_anything_through_and_always_says_why(situation: Situation) -> None:
    judgement = situation.judge()
    assert judgement == situation.judge()
    assert judgement.decision is not Decision.ALLOW
    assert bool(judgement.reason) is (judgement.decision is not Decision.CONFIRM)
    assert bool(judgement.type_name) is (judgement.decision is Decision.TYPE_NAME)
    if judgement.decision is not Decision.CONFIRM:
        assert not all(check.ok for check in judgement.checks)


@given(SITUATIONS)
def test_read_only_always_refuses(situation: Situation) -> None:
    assert situation.with_policy(read_only=True).judge().decision is Decision.REFUSE


@given(SITUATIONS, st.integers(0, 100))
def test_not_armed_or_no_longer_armed_always_refuses(situation: Situation, minutes: int) -> None:
    assert dataclasses.replace(situation, armed=DISARMED).judge().decision is Decision.REFUSE
    assert ARMED.until is not None
    assert situation.judge(ARMED.until + timedelta(minutes=minutes)).decision is Decision.REFUSE


@given(SITUATIONS)
def test_what_is_protected_is_always_refused(situation: Situation) -> None:
    everything = Selector(clusters=("*",))
    assert situation.with_policy(protected=(everything,)).judge().decision is Decision.REFUSE


@given(SITUATIONS, st.data())
def test_a_stricter_policy_is_never_milder(situation: Situation, data: st.DataObject) -> None:
    policy = situation.policy
    stricter = {
        "arm_minutes": policy.arm_minutes / 2,
        "protected": (*policy.protected, data.draw(PROTECTED)),
        "minimums": (*policy.minimums, data.draw(MINIMUMS)),
        "bulk_cap": policy.bulk_cap - 1,
        "rate_actions": policy.rate_actions - 1,
        "rate_minutes": policy.rate_minutes * 2,
        "quiet_hours": (*policy.quiet_hours, data.draw(QUIET)),
        "typed_environments": (*policy.typed_environments, data.draw(st.sampled_from(["*", "train*", "unknown"]))),
        "typed_pods": data.draw(st.integers(0, policy.typed_pods or 500)),
        "typed_gpus": data.draw(st.floats(0, policy.typed_gpus or 500)),
        "typed_usd_per_hour": data.draw(st.floats(0, policy.typed_usd_per_hour or 500)),
        "typed_irreversible": True,
        "stale_seconds": policy.stale_seconds / 2,
        "refuse_stale_seconds": policy.refuse_stale_seconds / 2,
        "high_slo_risk": Decision.REFUSE,
    }
    for name, value in stricter.items():
        assert_no_milder(situation.with_policy(**{name: value}), situation)
    assert_no_milder(situation.with_policy(**stricter), situation)


@given(SITUATIONS, st.integers(0, 2_000))
def test_older_data_is_never_milder(situation: Situation, seconds: int) -> None:
    assert_no_milder(dataclasses.replace(situation, age=situation.age + seconds), situation)
    assert_no_milder(dataclasses.replace(situation, stale=True), situation)
    assert_no_milder(situation.with_plan(made_at=situation.plan.made_at - timedelta(seconds=seconds)), situation)


@given(SITUATIONS, st.integers(0, 500))
def test_touching_more_is_never_milder(situation: Situation, more: int) -> None:
    about = situation.plan
    assert_no_milder(situation.with_plan(pods=about.pods + more), situation)
    assert_no_milder(situation.with_plan(gpus=about.gpus + more), situation)
    if situation.usd is not None:
        assert_no_milder(
            dataclasses.replace(situation, usd=situation.usd + (more if situation.usd > 0 else -more)), situation
        )
    assert_no_milder(dataclasses.replace(situation, usd=None).with_plan(saves_usd_per_hour=None), situation)


@given(SITUATIONS, PLANS)
def test_one_more_plan_in_the_bulk_is_never_milder(situation: Situation, another: Plan) -> None:
    fresh = replace(another, id="plan-another")
    assert_no_milder(dataclasses.replace(situation, beside=(*situation.beside, fresh)), situation)


@given(SITUATIONS, RECENT)
def test_more_that_was_done_before_is_never_milder(situation: Situation, more: list[Entry]) -> None:
    assert_no_milder(dataclasses.replace(situation, recent=(*situation.recent, *more)), situation)


@given(SITUATIONS)
def test_a_higher_or_unknown_slo_risk_is_never_milder(situation: Situation) -> None:
    order = [situation.with_plan(slo_risk=risk) for risk in (Risk.NONE, Risk.LOW, Risk.HIGH)]
    assert_no_milder(order[1], order[0])
    assert_no_milder(order[2], order[1])
    assert order[2].judge().decision is situation.with_plan(slo_risk=Risk.UNKNOWN).judge().decision


@given(SITUATIONS)
def test_what_cannot_be_taken_back_is_never_milder(situation: Situation) -> None:
    assert_no_milder(situation.with_plan(undo=""), situation)
