from __future__ import annotations

from pathlib import Path

import pytest

from finops_tui.config.find import VARIABLE, find
from finops_tui.config.unconfigured import current_context, from_kubeconfig
from finops_tui.errors import ConfigError

KUBECONFIG = """
current-context: kind-a
contexts: [{name: kind-a, context: {cluster: c, user: u}}]
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


def test_the_current_context_of_the_kubeconfig(home: Path) -> None:
    assert current_context({"HOME": str(home)}) == ""
    (home / ".kube").mkdir()
    (home / ".kube" / "config").write_text(KUBECONFIG)
    assert current_context({"HOME": str(home)}) == "kind-a"
    config = from_kubeconfig({"HOME": str(home)})
    assert config is not None
    assert [source.cluster for source in config.sources] == ["kind-a"]


def test_several_kubeconfigs_are_taken_together(home: Path) -> None:
    (home / "one").write_text("current-context: b\n")
    (home / "two").write_text("current-context: a\ncontexts: [{name: a}, {name: b}]\n")
    assert current_context({"KUBECONFIG": f"{home}/missing:{home}/one:{home}/two"}) == "b"


@pytest.mark.parametrize("text", ["", "[1, 2]", "a: [", "current-context: x", "current-context: x\ncontexts: [x, 3]"])
def test_a_kubeconfig_that_is_of_no_use(home: Path, text: str) -> None:
    (home / "kubeconfig").write_text(text)
    assert from_kubeconfig({"KUBECONFIG": str(home / "kubeconfig")}, home / "no-account") is None


def test_inside_a_cluster(home: Path) -> None:
    (home / "token").touch()
    config = from_kubeconfig({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, home / "token")
    assert config is not None
    assert config.sources[0].cluster == "this-cluster"
