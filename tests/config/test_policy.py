from __future__ import annotations

from dataclasses import fields
from datetime import time
from zoneinfo import ZoneInfo

import pytest

from finops_tui.config.effective import show
from finops_tui.config.load import loads
from finops_tui.config.policy import Policy as Section
from finops_tui.engine.policy import SYSTEM, Policies, Policy, SecondPerson
from finops_tui.errors import ConfigError
from finops_tui.model.plan import Decision


def policies(text: str) -> Policies:
    return loads(f"policy: {text}", "config.yaml", {}).config.policy.policies()


def test_without_a_word_about_it_the_careful_defaults_are_in_force() -> None:
    assert loads("", "config.yaml", {}).config.policy.policies() == Policies(default=Policy())


def test_every_rule_of_the_engine_can_be_set() -> None:
    own = {"clusters", "protect_system"}
    of_the_clock = {"clock_speed"}
    assert set(Section.model_fields) - own == {field.name for field in fields(Policy)} - of_the_clock


def test_what_is_written_is_in_force() -> None:
    rules = policies("""
        {read_only: false, arm_minutes: 5, protect_system: false, typed_pods: null, high_slo_risk: refuse,
         second_person: typed, reason_pattern: 'INC-\\d+',
         protected: [{namespaces: [pay*], labels: {tier: gold}}], minimums: [{size: 2, names: [rerank]}],
         quiet_hours: [{days: [fri, sat], begins: '22:00', ends: '06:00', zone: Europe/Berlin, answer: type}]}
    """).default
    assert (rules.read_only, rules.arm_minutes, rules.typed_pods, rules.high_slo_risk) == (
        False,
        5,
        None,
        Decision.REFUSE,
    )
    assert (rules.second_person, rules.reason_pattern) == (SecondPerson.TYPED, r"INC-\d+")
    (selector,) = rules.protected
    assert (selector.namespaces, selector.labels, selector.origin) == (
        ("pay*",),
        {"tier": "gold"},
        "policy.protected[0]",
    )
    assert (rules.minimums[0].size, rules.minimums[0].selector.names) == (2, ("rerank",))
    (window,) = rules.quiet_hours
    assert (window.days, window.begins, window.ends) == (frozenset({4, 5}), time(22), time(6))
    assert (window.zone, window.decision) == (ZoneInfo("Europe/Berlin"), Decision.TYPE_NAME)


def test_a_clusters_own_values_take_the_place_of_the_general_ones() -> None:
    found = policies(
        "{bulk_cap: 5, arm_minutes: 9, "
        "clusters: {lab: {read_only: false, high_slo_risk: refuse}, prod-*: {bulk_cap: 1}}}"
    )
    assert found.default.read_only
    lab, prod = found.of("lab"), found.of("prod-us")
    assert (lab.read_only, lab.bulk_cap, lab.arm_minutes, lab.high_slo_risk) == (False, 5, 9, Decision.REFUSE)
    assert (prod.read_only, prod.bulk_cap) == (True, 1)


def test_what_is_protected_in_general_stays_so_in_every_cluster() -> None:
    found = policies("""
        {protected: [{namespaces: [pay]}], minimums: [{size: 2, names: [a]}],
         clusters: {lab: {protect_system: false, protected: [{names: [x]}], minimums: [{size: 3, names: [b]}]},
                    prod: {}}}
    """)
    own = [rule.origin for rule in found.of("lab").protected]
    assert own == ["policy.clusters.lab.protected[0]", "policy.protected[0]"]
    assert [each.size for each in found.of("lab").minimums] == [2, 3]
    assert found.of("prod").protected == (*SYSTEM, *found.default.protected[len(SYSTEM) :])


def test_what_config_show_prints_is_the_same_policy_again() -> None:
    text = """
        {read_only: false, quiet_hours: [{begins: '22:00', ends: '06:00'}], protected: [{names: [x]}],
         clusters: {lab: {bulk_cap: 2, protected: [{names: [y]}]}}}"""
    loaded = loads(f"policy: {text}", "config.yaml", {})
    shown = show(loaded.config, loaded.document, loaded.resolved, defaults=True)
    again = loads(shown, "config.yaml", {}).config.policy.policies()
    assert again == loaded.config.policy.policies()
    assert not again.of("lab").read_only


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{read_only: nope}", "policy.read_only: nope stands here; expected true or false"),
        ("{protected: [{}]}", "at least one of clusters, namespaces, names, kinds, environments and labels"),
        ("{minimums: [{names: [a]}]}", "policy.minimums[0].size: this field is needed"),
        ("{minimums: [{names: [a], size: 0}]}", "policy.minimums[0].size"),
        ("{quiet_hours: [{begins: 22:00, ends: '06:00'}]}", "write it as '22:00', in quotes"),
        ("{quiet_hours: [{begins: '22:00', ends: '25:00'}]}", "write it as '22:00', in quotes"),
        ("{quiet_hours: [{begins: '22:00', ends: '06:00', zone: Mars/Base}]}", "there is no time zone Mars/Base"),
        ("{quiet_hours: [{begins: '22:00', ends: '06:00', zone: ../etc/passwd}]}", "there is no time zone"),
        ("{reason_pattern: '('}", "this is no regular expression"),
        ("{second_person: sometimes}", "policy.second_person"),
        ("{arm_minutes: 0}", "policy.arm_minutes"),
        ("{clusters: {a: {clusters: {b: {}}}}}", "the policy of a cluster has no `clusters` of its own"),
        ("{clusters: {a: {bulk_cup: 1}}}", "Did you mean bulk_cap?"),
    ],
)
def test_what_is_wrong_is_said(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        policies(text)
    assert expected in str(caught.value)
