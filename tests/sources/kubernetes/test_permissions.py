from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from finops_tui.sources.kubernetes.kinds import kinds
from finops_tui.sources.kubernetes.settings import KubernetesSettings

PAGE = Path(__file__).parents[3] / "docs" / "permissions.md"


def role() -> list[dict[str, Any]]:
    """Return the rules of the ClusterRole that the page shows."""
    block = PAGE.read_text().split("```yaml\n")[1].split("```")[0]
    rules: list[dict[str, Any]] = next(yaml.safe_load_all(block))["rules"]
    return rules


def test_the_documented_role_allows_what_is_read_and_nothing_else() -> None:
    allowed = {(rule["apiGroups"][0], resource) for rule in role() for resource in rule["resources"]}
    read = {(kind.group, kind.resource) for kind in kinds(KubernetesSettings(cluster="prod"))}
    assert allowed == read
    assert all(rule["verbs"] == ["list", "watch"] for rule in role())


def test_the_page_says_what_each_kind_is_for() -> None:
    table = PAGE.read_text().partition("| without |")[2]
    rows = {line.split("|")[1]: line.split("|")[2].strip() for line in table.splitlines() if line.startswith("| `")}
    for kind in kinds(KubernetesSettings(cluster="prod")):
        if not kind.optional:
            (lost,) = (lost for resources, lost in rows.items() if f"`{kind.resource}`" in resources)
            assert kind.lost.split()[0] in lost
