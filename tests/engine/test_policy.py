from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.engine.policy import SYSTEM, Policies, Policy, QuietHours
from finops_tui.engine.selector import Selector, Subject, subject_of
from finops_tui.model.plan import TargetKind
from tests.engine.plans import OPEN, spend_row, target
from tests.samples import NOON

FACTS = ("cluster", "kind", "namespace", "name", "environment", "labels")


def subject(**given: object) -> Subject:
    return replace(subject_of(target(), spend_row(labels=(("tier", "gold"),))), **given)  # type: ignore[arg-type]  # by name


def test_nothing_may_be_done_unless_the_policy_says_so() -> None:
    assert Policy().read_only
    assert Policies().of("anything").read_only


@pytest.mark.parametrize("namespace", ["kube-system", "kube-public", "istio-system", "argocd", "monitoring"])
def test_what_keeps_a_cluster_running_is_protected_by_default(namespace: str) -> None:
    assert any(rule.covers(subject(namespace=namespace)) for rule in Policy().protected)


def test_work_is_not_protected_by_default() -> None:
    assert not any(rule.covers(subject()) for rule in SYSTEM)


def test_system_pools_are_protected_by_default() -> None:
    pool = subject_of(target(kind=TargetKind.POOL, key="prod-us/system-pool"), None)
    assert any(rule.covers(pool) for rule in SYSTEM)


@pytest.mark.parametrize(
    "selector",
    [
        Selector(clusters=("prod-*",)),
        Selector(namespaces=("nlp-*",)),
        Selector(names=("retrain-v?",)),
        Selector(kinds=("job",)),
        Selector(environments=("train*",)),
        Selector(labels={"tier": "g*"}),
        Selector(clusters=("eu", "prod-us"), namespaces=("nlp-train",), kinds=("Job",)),
    ],
)
def test_a_selector_covers_what_fits_in_all_it_names(selector: Selector) -> None:
    assert selector.covers(subject())


@pytest.mark.parametrize(
    "selector",
    [
        Selector(clusters=("prod-eu",)),
        Selector(namespaces=("nlp",)),
        Selector(names=("*-v8",)),
        Selector(kinds=("Deployment",)),
        Selector(environments=("prod*",)),
        Selector(labels={"tier": "silver"}),
        Selector(labels={"team": "*"}),
        Selector(clusters=("prod-us",), namespaces=("search",)),
    ],
)
def test_one_difference_is_enough_not_to_be_covered(selector: Selector) -> None:
    assert not selector.covers(subject())


globs = st.lists(st.sampled_from(["*", "prod*", "nlp*", "x", "j*", "train*", "gold"]), max_size=2).map(tuple)
selectors = st.builds(
    Selector, clusters=globs, namespaces=globs, names=globs, kinds=globs, environments=globs,
    labels=st.dictionaries(st.sampled_from(["tier", "team"]), st.sampled_from(["*", "gold", "x"]), max_size=2),
)  # fmt: skip


@given(selectors, st.sets(st.sampled_from(FACTS)))
def test_what_is_not_known_of_a_thing_never_takes_it_out_of_a_rule(selector: Selector, forgotten: set[str]) -> None:
    known = subject()
    if selector.covers(known):
        assert selector.covers(subject(**dict.fromkeys(forgotten)))


@pytest.mark.parametrize("key", ["", "prod-us/", "prod-us/Job/x", "retrain-v7", "other/Job/nlp-train/retrain-v7"])
def test_a_target_whose_key_cannot_be_read_is_covered_by_every_rule_about_names(key: str) -> None:
    unread = subject_of(target(key=key), None)
    assert Selector(namespaces=("kube-system",)).covers(unread)


def test_a_cluster_may_have_a_slash_in_its_name() -> None:
    arn = "arn:aws:eks:us-east-1:1:cluster/prod"
    assert subject_of(target(cluster=arn, key=f"{arn}/Job/ml/train"), None).namespace == "ml"


def test_a_pool_and_a_node_belong_to_no_namespace() -> None:
    for kind in (TargetKind.POOL, TargetKind.NODE):
        known = subject_of(target(kind=kind, key="prod-us/a100"), None)
        assert (known.namespace, known.name, known.kind) == ("", "a100", kind.value)
        assert not Selector(namespaces=("kube-*",)).covers(known)


def test_a_namespace_is_its_own_namespace() -> None:
    known = subject_of(target(kind=TargetKind.NAMESPACE, key="prod-us/kube-system"), None)
    assert SYSTEM[0].covers(known)


def test_the_first_cluster_that_fits_counts() -> None:
    policies = Policies(clusters=(("prod-us", Policy(bulk_cap=1)), ("prod-*", OPEN)))
    assert policies.of("prod-us").bulk_cap == 1
    assert policies.of("prod-eu") is OPEN
    assert policies.of("lab").read_only


def hours(days: set[int], begins: str, ends: str, zone: str = "UTC") -> QuietHours:
    return QuietHours(
        days=frozenset(days), begins=time.fromisoformat(begins), ends=time.fromisoformat(ends), zone=ZoneInfo(zone)
    )


def test_quiet_hours_end_before_their_end() -> None:
    window = hours({1}, "09:00", "12:00")
    assert not window.covers(NOON)
    assert window.covers(NOON - timedelta(seconds=1))
    assert window.covers(NOON.replace(hour=9))
    assert not window.covers(NOON - timedelta(days=1, hours=1))


def test_quiet_hours_that_end_before_they_begin_end_on_the_next_day() -> None:
    window = hours({4}, "22:00", "06:00")
    friday = NOON + timedelta(days=3)
    assert window.covers(friday.replace(hour=23))
    assert window.covers(friday.replace(hour=5) + timedelta(days=1))
    assert not window.covers(friday.replace(hour=5))
    assert not window.covers(friday.replace(hour=6) + timedelta(days=1))


def test_quiet_hours_follow_the_clocks_of_their_zone() -> None:
    window = hours(set(range(7)), "08:00", "09:00", "Europe/Berlin")
    assert window.covers(datetime(2026, 1, 15, 7, 30, tzinfo=UTC))
    assert window.covers(datetime(2026, 7, 15, 6, 30, tzinfo=UTC))
    assert not window.covers(datetime(2026, 7, 15, 7, 30, tzinfo=UTC))


@given(st.sampled_from(range(7)), st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)))  # noqa: DTZ001 - made aware below
def test_a_window_from_one_moment_to_the_same_lasts_a_day(day: int, naive: datetime) -> None:
    window, at = hours({day}, "08:00", "08:00"), naive.replace(tzinfo=UTC)
    assert window.covers(at) is ((at - timedelta(hours=8)).weekday() == day)
