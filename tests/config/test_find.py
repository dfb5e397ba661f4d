from __future__ import annotations

import os
from pathlib import Path

import pytest

from finops_tui.config.find import VARIABLE, find, platform_folder, platform_state
from finops_tui.config.unconfigured import from_kubeconfig
from finops_tui.errors import ConfigError
from finops_tui.sources import kube_access

KUBECONFIG = """
current-context: kind-a
contexts: [{name: kind-a, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443"}}]
users: [{name: u, user: {}}]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_order_of_places(home: Path) -> None:
    assert find(None, {}) is None
    platform = home / "xdg" / "finops-tui" / "config.yaml"
    platform.parent.mkdir(parents=True)
    platform.touch()
    assert find(None, {}) == platform
    (home / "config.yaml").touch()
    assert find(None, {}) == Path("config.yaml")
    (home / "other.yaml").touch()
    assert find(None, {VARIABLE: "other.yaml"}) == Path("other.yaml")
    assert find("~/config.yaml", {VARIABLE: "other.yaml"}) == home / "config.yaml"


@pytest.mark.parametrize(("given", "environment", "by"), [("no", {}, "--config"), (None, {VARIABLE: "no"}, VARIABLE)])
def test_a_file_that_was_asked_for_must_be_there(
    home: Path, given: str | None, environment: dict[str, str], by: str
) -> None:
    (home / "config.yaml").touch()
    with pytest.raises(ConfigError, match=f"{by} names it"):
        find(given, environment)


def test_a_folder_is_no_config_but_a_pipe_may_be(home: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder"):
        find(str(home), {})
    reader, writer = os.pipe()
    try:
        assert find(f"/dev/fd/{reader}", {}) == Path(f"/dev/fd/{reader}")
    finally:
        os.close(reader)
        os.close(writer)


@pytest.fixture
def kubeconfig(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = home / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(path))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    return path


def test_a_kubeconfig_alone_is_enough(kubeconfig: Path) -> None:
    kubeconfig.write_text(KUBECONFIG)
    config = from_kubeconfig()
    assert config is not None
    assert [source.cluster for source in config.sources] == ["kind-a"]


@pytest.mark.parametrize("text", ["", "[1, 2]", "a: [", "current-context: x", "current-context: x\ncontexts: [x, 3]"])
def test_a_kubeconfig_that_is_of_no_use(kubeconfig: Path, text: str) -> None:
    kubeconfig.write_text(text)
    assert from_kubeconfig() is None


def test_inside_a_cluster(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (kubeconfig.parent / "token").touch()
    monkeypatch.setattr(kube_access, "SERVICE_ACCOUNT", kubeconfig.parent)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    config = from_kubeconfig()
    assert config is not None
    assert config.sources[0].cluster == "this-cluster"


def test_the_home_of_nobody_is_no_place_for_a_config() -> None:
    with pytest.raises(ConfigError, match="--config names a home folder that there is not"):
        find("~nobody-here/config.yaml", {})


def test_the_platform_has_a_folder_for_the_state_as_for_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_state_path", lambda name, appauthor: Path("/state", name, str(appauthor)))
    monkeypatch.setattr("platformdirs.user_config_path", lambda name, appauthor: Path("/config", name, str(appauthor)))
    assert platform_state() == Path("/state/finops-tui/False")
    assert platform_folder() == Path("/config/finops-tui/False")
