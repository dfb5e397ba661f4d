"""OpenSLO's alert policies: whether they make sense. Which alert holds is judged by this program's own rules."""

from __future__ import annotations

from finops_tui.sources.prometheus.windows import seconds_of
from finops_tui.sources.slo_files.openslo_objects import Objects
from finops_tui.sources.slo_files.values import Value


def check_policies(spec: Value, objects: Objects) -> None:
    """Follow what an objective says of its alert policies: a name, a reference or a policy of its own."""
    for policy in spec.items("alertPolicies"):
        reference = policy.get("alertPolicyRef") if policy.is_mapping else policy
        if reference is not None:
            objects.referred("AlertPolicy", reference)
        else:
            check_policy(policy, objects)


def check_policy(policy: Value, objects: Objects) -> None:
    spec = policy.section("spec", "the policy")
    if spec is None or spec.need("conditions", "a list with one condition") is None:
        return
    for condition in spec.items("conditions"):
        reference = condition.get("conditionRef")
        if reference is not None:
            objects.referred("AlertCondition", reference)
        else:
            check_condition(condition)


def check_condition(condition: Value) -> None:
    spec = condition.section("spec", "the condition")
    told = spec.section("condition", "kind, threshold and lookbackWindow") if spec is not None else None
    if told is None:
        return
    kind = told.get("kind")
    if kind is not None and kind.text() not in {None, "burnrate"}:
        kind.wrong(f"{kind.shown()} stands here; expected burnrate")
    threshold = told.need("threshold", "a burn rate")
    if threshold is not None:
        threshold.number()
    for name, needed in (("lookbackWindow", True), ("alertAfter", False)):
        value = told.need(name, "1h") if needed else told.get(name)
        text = value.text() if value is not None else None
        if value is not None and text is not None and (len(text) > 10 or seconds_of(text) is None):  # noqa: PLR2004
            value.wrong(f"{value.shown()} stands here; expected a length of time such as 1h")
