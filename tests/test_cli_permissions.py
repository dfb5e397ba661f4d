"""`finops-tui permissions`: what is to be granted, as whoever grants it would apply it."""

from __future__ import annotations

from pathlib import Path

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
