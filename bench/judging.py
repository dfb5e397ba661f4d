"""Whether a finding is a right answer to an incident."""

from __future__ import annotations

from finops_tui.model.finding import Finding
from finops_tui.simulation.scenarios.base import Expected


def is_about(expected: Expected, finding: Finding) -> bool:
    """Tell whether a finding is about the right thing."""
    if finding.scope in (expected.scope, *expected.also):
        return True
    return any(slo in finding.related or finding.key.endswith(slo) for slo in expected.slos)


def is_explained(expected: Expected, finding: Finding) -> bool:
    """Tell whether a finding names the right cause first."""
    if not expected.cause:
        return True
    if not finding.causes:
        return False
    said = f"{finding.causes[0].what} {finding.causes[0].who} {finding.causes[0].why}".lower()
    return any(word in said for word in expected.cause)


def is_urgent_enough(expected: Expected, finding: Finding) -> bool:
    """Tell whether a finding is neither too loud nor too quiet."""
    most = expected.needed is None or finding.severity.rank <= expected.needed.rank
    return most and finding.severity.rank >= expected.allowed.rank
