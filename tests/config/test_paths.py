"""Paths in the config: `~` is the home folder, everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from finops_tui.config.effective import show
from finops_tui.config.load import loads
from finops_tui.errors import ConfigError

GOOGLE = "type: gcp, billing_account: 010101-F0FFF0-61C528, project: p, export: a.b.c"
SECTIONS = (
    "state_folder: '{}'",
    "sources: [{{type: kubernetes, cluster: a, kubeconfig: '{}'}}]",
    "sources: [{{type: annotations, path: '{}'}}]",
    "sources: [{{type: focus, folder: '{}'}}]",
    "sources: [{{type: grafana, url: 'https://h', ca_file: '{}'}}]",
    "sources: [{{type: grafana, url: 'https://h', auth: {{bearer_token_file: '{}'}}}}]",
    "sources: [{{type: opencost, url: 'https://h', ca_file: '{}'}}]",
    "sources: [{{type: opencost, url: 'kube://a/b:1', kubeconfig: '{}'}}]",
    "sources: [{{type: prometheus, cluster: a, url: 'https://h', tls: {{ca_file: '{}'}}}}]",
    "sources: [{{type: prometheus, cluster: a, url: 'https://h', tls: {{client_cert: '{0}', client_key: '{0}'}}}}]",
    "sources: [{{type: prometheus, cluster: a, url: 'https://h', auth: {{bearer_token_file: '{}'}}}}]",
    "sources: [{{type: prometheus, cluster: a, url: 'kube://a/b:1', kubeconfig: '{}'}}]",
    "sources: [{{type: openai, admin_key_file: '{}'}}]",
    "sources: [{{type: anthropic, admin_key_file: '{}'}}]",
    "sources: [{{type: runpod, api_key_file: '{}'}}]",
    f"sources: [{{{{{GOOGLE}, credentials_file: '{{}}'}}}}]",
    "clouds: [{{type: gcp, cluster: a, project: p, location: europe-west4, credentials_file: '{}'}}]",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def paths(value: Any) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, BaseModel):
        yield from (path for name in type(value).model_fields for path in paths(getattr(value, name)))
    elif isinstance(value, tuple):
        yield from (path for each in value for path in paths(each))


@pytest.mark.parametrize("section", SECTIONS)
def test_a_path_may_begin_at_home(section: str, home: Path) -> None:
    assert set(paths(loads(section.format("~/in/it"), "config.yaml", {}).config)) == {home / "in" / "it"}
    assert set(paths(loads(section.format("in/~"), "config.yaml", {}).config)) == {Path("in/~")}


@pytest.mark.parametrize("section", SECTIONS)
def test_the_home_of_nobody_is_a_mistake_with_its_place(section: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml:1:\d+: .*: ~nobody-here/x: there is no home folder"):
        loads(section.format("~nobody-here/x"), "config.yaml", {})


def test_a_reference_into_the_home_of_nobody_is_a_mistake_with_its_place() -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml:1:8: theme: cannot read ~nobody-here/x"):
        loads("theme: file:~nobody-here/x", "config.yaml", {})


def test_what_is_written_is_shown_as_it_is_written_and_what_is_in_force_whole(home: Path) -> None:
    loaded = loads("state_folder: ${PLACE}/state\n", "config.yaml", {"PLACE": "~"})
    written = show(loaded.config, loaded.document, loaded.resolved, defaults=False)
    assert yaml.safe_load(written) == {"state_folder": "~/state"}
    in_force = show(loaded.config, loaded.document, loaded.resolved, defaults=True)
    assert yaml.safe_load(in_force)["state_folder"] == str(home / "state")
    (line,) = (each for each in in_force.splitlines() if each.startswith("state_folder:"))
    assert line.endswith("# environment PLACE")


def test_a_path_that_a_file_holds_is_masked_as_every_other_value_of_a_file(home: Path) -> None:
    (home / "where").write_text("~/in-a-file\n")
    loaded = loads(f"state_folder: file:{home}/where\n", "config.yaml", {})
    assert loaded.config.state_folder == home / "in-a-file"
    for defaults in (False, True):
        assert "in-a-file" not in show(loaded.config, loaded.document, loaded.resolved, defaults=defaults)
