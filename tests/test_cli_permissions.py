"""`finops-tui permissions`: what is to be granted, as whoever grants it would apply it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from finops_tui import cli


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FINOPS_TUI_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    assert cli.main(["permissions", "--kubernetes", *words]) == 0
    return list(yaml.safe_load_all(capsys.readouterr().out))


def resources(documents: list[dict[str, object]]) -> set[str]:
    rules = [rule for document in documents for rule in document.get("rules", ())]  # type: ignore[attr-defined]
    return {f"{group}/{name}" for rule in rules for group in rule["apiGroups"] for name in rule["resources"]}


def test_the_whole_role_names_every_kind_and_no_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    found = resources(printed(capsys))
    assert {"batch/jobs", "apps/deployments", "/nodes", "autoscaling/horizontalpodautoscalers"} <= found
    assert not {name for name in found if "secret" in name}


def test_one_action_takes_less_and_a_namespace_makes_it_a_role_there(capsys: pytest.CaptureFixture[str]) -> None:
    documents = printed(capsys, "--action", "pause", "--namespace", "nlp-train")
    roles = [document for document in documents if document["kind"] == "Role"]
    assert [role["metadata"]["namespace"] for role in roles] == ["nlp-train"]  # type: ignore[index]
    assert "/nodes" not in resources(documents)
    assert "batch/jobs" in resources(documents)


def test_kinds_of_the_config_are_in_it(capsys: pytest.CaptureFixture[str], nowhere: Path) -> None:
    (nowhere / "config.yaml").write_text("kinds: [{kind: Trainer, group: ml.example.com, plural: trainers}]\n")
    assert "ml.example.com/trainers" in resources(printed(capsys))


@pytest.mark.parametrize(
    ("words", "trouble"), [((), "Say of which system"), (("--kubernetes", "--action", "nuke"), "nuke")]
)
def test_what_is_not_there_is_told(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], trouble: str) -> None:
    assert cli.main(["permissions", *words]) == 2
    assert trouble in capsys.readouterr().err


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(["permissions", *words]) == 0
    return capsys.readouterr().out


def documents(text: str) -> list[dict[str, Any]]:
    """Read JSON documents that stand one after the other."""
    found, decoder = [], json.JSONDecoder()
    while text.strip():
        one, end = decoder.raw_decode(text.lstrip())
        found.append(one)
        text = text.lstrip()[end:]
    return found


def iam(text: str) -> set[str]:
    return {action for document in documents(text) for each in document["Statement"] for action in each["Action"]}


def test_aws_is_asked_for_pausing_only_where_the_config_names_an_account(
    capsys: pytest.CaptureFixture[str], nowhere: Path
) -> None:
    (nowhere / "config.yaml").write_text(f"clouds: [{GKE}]\n")
    assert "ec2:StopInstances" not in iam(said(capsys, "--aws"))
    (nowhere / "config.yaml").write_text("clouds: [{region: us-east-1}]\n")
    acts = iam(said(capsys, "--aws"))
    assert {"ec2:StopInstances", "batch:UpdateJobQueue", "sagemaker:StopTrainingJob"} < acts
    assert {"autoscaling:UpdateAutoScalingGroup", "ce:GetCostAndUsage"} < acts


GKE = "{type: gcp, cluster: eu, project: ml, location: europe-west4}"
AKS = "{type: azure, cluster: ap, subscription: 00000000-1111-2222-3333-444444444444, resource_group: ml}"
EXPORT = "{type: gcp, billing_account: 010101-F0FFF0-61C528, project: finops, export: a.b.c, budgets: false}"
RESIZES = {
    "compute.instanceGroupManagers.get", "container.clusters.get", "container.clusters.update",
    "container.operations.get",
}  # fmt: skip


def test_google_is_asked_for_what_the_config_asks_and_for_all_of_it_without_one(
    capsys: pytest.CaptureFixture[str], nowhere: Path
) -> None:
    def roles() -> dict[str, set[str]]:
        told = yaml.safe_load_all(said(capsys, "--gcp"))
        return {role["title"]: set(role["includedPermissions"]) for role in told}

    both = roles()
    assert both["finops-tui acts"] == RESIZES
    assert {"bigquery.jobs.create", "billing.budgets.list", "recommender.locations.list"} < both["finops-tui reads"]
    (nowhere / "config.yaml").write_text(f"clouds: [{GKE}]\n")
    assert roles() == {"finops-tui acts": RESIZES}
    (nowhere / "config.yaml").write_text(f"sources: [{EXPORT}]\n")
    assert roles() == {"finops-tui reads": {"bigquery.jobs.create", "bigquery.tables.getData"}}


def test_azure_is_asked_for_what_the_config_asks_where_it_asks_it(
    capsys: pytest.CaptureFixture[str], nowhere: Path
) -> None:
    both = documents(said(capsys, "--azure"))
    assert [role["Name"] for role in both] == ["finops-tui reads", "finops-tui acts"]
    assert all(role["AssignableScopes"] == ["/subscriptions/YOUR-SUBSCRIPTION"] for role in both)
    scope = "subscriptions/00000000-1111-2222-3333-444444444444"
    source = f"{{type: azure, recommendations: false, scopes: [{{scope: {scope}}}]}}"
    (nowhere / "config.yaml").write_text(f"clouds: [{AKS}]\nsources: [{source}]\n")
    reads, acts = documents(said(capsys, "--azure"))
    assert (reads["AssignableScopes"], reads["IsCustom"]) == ([f"/{scope}"], True)
    assert reads["Actions"] == ["Microsoft.CostManagement/budgets/read", "Microsoft.CostManagement/query/read"]
    assert acts["AssignableScopes"] == [f"/{scope}/resourceGroups/ml"]
    assert acts["Actions"] == [
        "Microsoft.ContainerService/locations/operations/read",
        "Microsoft.ContainerService/managedClusters/agentPools/read",
        "Microsoft.ContainerService/managedClusters/agentPools/write",
        "Microsoft.Network/virtualNetworks/subnets/join/action",
    ]
    (nowhere / "config.yaml").write_text(f"clouds: [{AKS}]\n")
    assert [role["Name"] for role in documents(said(capsys, "--azure"))] == ["finops-tui acts"]
