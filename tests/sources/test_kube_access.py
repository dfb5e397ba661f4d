from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from finops_tui.errors import SourceError
from finops_tui.sources import kube_access
from finops_tui.sources.kube_access import cluster_name, current_context, load_access, usable_contexts
from finops_tui.sources.kube_plugin import run_plugin

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No kubeconfig, cluster or proxy of this machine has a say."""
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def write(path: Path, user: Json | None = None, *, context: str = "prod", cluster: Json | None = None) -> Path:
    path.write_text(
        yaml.safe_dump(
            {
                "current-context": context,
                "clusters": [{"name": "c", "cluster": {"server": "https://kube.test:6443"} | (cluster or {})}],
                "users": [{"name": "u", "user": user or {"token": "secret"}}],
                "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
            }
        )
    )
    return path


def plugin(folder: Path, script: str, **more: Any) -> Json:
    """Return the `exec` of a plugin written in Python."""
    path = folder / "plugin.py"
    path.write_text("import json, os, sys\n" + textwrap.dedent(script))
    return {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "args": [str(path)]} | more


SAY_TOKEN = """
    status = {"token": "from-plugin"}
    print(json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}))
"""


def test_a_token_becomes_a_header(tmp_path: Path) -> None:
    access = load_access(None, write(tmp_path / "config"))
    assert (access.host, access.context) == ("https://kube.test:6443", "prod")
    assert access.headers() == {"Authorization": "Bearer secret"}
    assert access.verify is True
    assert access.client_cert is None


def test_no_check_of_certificates_and_proxies_are_passed_on(tmp_path: Path) -> None:
    cluster = {"insecure-skip-tls-verify": True, "proxy-url": "http://proxy.test:3128"}
    access = load_access(None, write(tmp_path / "config", cluster=cluster))
    assert access.verify is False
    assert access.proxy == "http://proxy.test:3128"


def test_impersonation_is_sent(tmp_path: Path) -> None:
    user = {"token": "t", "as": "ana", "as-groups": ["ops"], "as-user-extra": {"reason": ["page"]}}
    access = load_access(None, write(tmp_path / "config", user))
    assert access.impersonates == "ana"
    assert access.headers() == {
        "Authorization": "Bearer t",
        "Impersonate-User": "ana",
        "Impersonate-Group": "ops",
        "Impersonate-Extra-reason": "page",
    }


def test_several_groups_are_sent_as_several_headers_or_not_at_all(tmp_path: Path) -> None:
    access = load_access(None, write(tmp_path / "config", {"token": "t", "as": "ana", "as-groups": ["a", "b"]}))
    assert [value for name, value in access.header_items() if name == "Impersonate-Group"] == ["a", "b"]
    with pytest.raises(SourceError, match="several groups"):
        access.headers()


def test_a_plugin_gives_the_token_and_cannot_touch_the_terminal(tmp_path: Path) -> None:
    script = """
        told = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
        assert told["spec"]["interactive"] is False
        assert sys.stdin.read() == ""
        print("Please visit https://login.test", file=sys.stderr)
        try:
            open("/dev/tty", "w")
        except OSError:
            pass
        else:
            sys.exit("it has a terminal")
    """
    exec_ = plugin(tmp_path, textwrap.dedent(script) + textwrap.dedent(SAY_TOKEN))
    assert load_access(None, write(tmp_path / "config", {"exec": exec_})).headers() == {
        "Authorization": "Bearer from-plugin"
    }


def test_nothing_of_a_plugin_reaches_our_own_output(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    exec_ = plugin(tmp_path, "print('noise', file=sys.stderr)\n" + textwrap.dedent(SAY_TOKEN))
    load_access(None, write(tmp_path / "config", {"exec": exec_}))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "sys.exit('first line\\nlogin expired: run `cloud login`')",
            "exit status 1: login expired: run `cloud login`",
        ),
        ("print('hello')", "its answer is no ExecCredential"),
        ("print('{\"status\": {}}')", "its answer holds neither a token nor a client certificate"),
    ],
)
def test_a_plugin_that_fails_says_what_to_do(script: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        load_access(None, write(tmp_path / "config", {"exec": plugin(tmp_path, script)}))
    assert caught.value.detail == words
    assert "log in" in caught.value.hint


def test_a_plugin_that_is_not_installed_says_how_to_get_it(tmp_path: Path) -> None:
    exec_ = {"apiVersion": "v1", "command": "no-such-plugin", "installHint": "get it from your admin"}
    with pytest.raises(SourceError) as caught:
        load_access(None, write(tmp_path / "config", {"exec": exec_}))
    assert caught.value.hint == "get it from your admin"


def test_a_plugin_that_insists_on_a_terminal_or_hangs_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="failed") as caught:
        run_plugin(plugin(tmp_path, "", interactiveMode="Always"), folder=tmp_path)
    assert "insists on a terminal" in caught.value.detail
    with pytest.raises(SourceError) as caught:
        run_plugin(plugin(tmp_path, "import time; time.sleep(60)"), folder=tmp_path, timeout_seconds=0.3)
    assert "no answer within" in caught.value.detail


def test_a_plugin_runs_again_when_its_token_runs_out_and_only_then(tmp_path: Path) -> None:
    script = """
        count = len(open(os.path.dirname(__file__) + "/runs", "a+").read())
        with open(os.path.dirname(__file__) + "/runs", "a") as runs:
            runs.write(".")
        with open(os.path.dirname(__file__) + "/runs") as runs:
            count = len(runs.read())
        status = {"token": f"token-{count}", "expirationTimestamp": os.environ["EXPIRES"]}
        print(json.dumps({"kind": "ExecCredential", "status": status}))
    """
    gone, later = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"
    exec_ = plugin(tmp_path, script, env=[{"name": "EXPIRES", "value": gone}])
    access = load_access(None, write(tmp_path / "config", {"exec": exec_}))
    exec_["env"][0]["value"] = later
    write(tmp_path / "config", {"exec": exec_})
    assert access.headers() == {"Authorization": "Bearer token-1"}, "it was asked just now"
    access.ask_again()
    assert access.headers() == {"Authorization": "Bearer token-2"}
    assert access.headers() == {"Authorization": "Bearer token-2"}
    access.renew(refused="Bearer token-1")  # somebody else has already renewed that one
    assert access.headers() == {"Authorization": "Bearer token-2"}
    access.renew(refused="Bearer token-2")
    assert access.headers() == {"Authorization": "Bearer token-2"}, "nor so soon"
    access.ask_again()
    access.renew(refused="Bearer token-2")
    assert access.headers() == {"Authorization": "Bearer token-3"}


@pytest.mark.parametrize("user", [{"tokenFile": "token"}, {"token": " secret\n"}])
def test_white_space_around_a_token_is_no_part_of_it(user: Json, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\r\n")
    assert load_access(None, write(tmp_path / "config", user)).headers() == {"Authorization": "Bearer secret"}


def counting(folder: Path) -> Json:
    """Return a plugin that marks each run in `runs` and gives what stands in `expires`, or fails where nothing does."""
    script = """
        folder = os.path.dirname(__file__)
        with open(folder + "/runs", "a") as runs:
            runs.write(".")
        expires = open(folder + "/expires").read()
        if not expires:
            sys.exit("the session is over")
        status = {"token": "t", "expirationTimestamp": expires}
        print(json.dumps({"kind": "ExecCredential", "status": status}))
    """
    return plugin(folder, script)


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def test_a_failure_of_a_plugin_counts_for_all_for_a_while_and_ever_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("finops_tui.sources.kube_access.time.monotonic", lambda: clock[0])
    (tmp_path / "expires").write_text(in_seconds(-1))
    access = load_access(None, write(tmp_path / "config", {"exec": counting(tmp_path)}))
    (tmp_path / "expires").write_text("")

    def runs() -> int:
        for _ in range(3):
            with pytest.raises(SourceError, match="the session is over"):
                access.header_items()
            with pytest.raises(SourceError, match="the session is over"):
                access.renew(refused="Bearer t")
        return len((tmp_path / "runs").read_text())

    ran = []
    for at in (11, 20, 22, 40, 43, 5_000, 5_119, 5_121, 5_361):
        clock[0] = at
        ran.append(runs())
    assert ran == [2, 2, 3, 3, 4, 5, 6, 6, 7]
    access.ask_again()
    (tmp_path / "expires").write_text(in_seconds(3600))
    assert access.headers() == {"Authorization": "Bearer t"}


def test_a_token_that_is_short_of_time_is_not_asked_for_with_every_request(tmp_path: Path) -> None:
    (tmp_path / "expires").write_text(in_seconds(20))
    access = load_access(None, write(tmp_path / "config", {"exec": counting(tmp_path)}))
    for _ in range(5):
        assert access.headers() == {"Authorization": "Bearer t"}
    assert (tmp_path / "runs").read_text() == "."


def test_a_token_is_used_to_its_end_though_the_next_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "expires").write_text(in_seconds(50))
    access = load_access(None, write(tmp_path / "config", {"exec": counting(tmp_path)}))
    (tmp_path / "expires").write_text("")
    access.ask_again()
    assert access.headers() == {"Authorization": "Bearer t"}
    assert (tmp_path / "runs").read_text() == ".."


def test_no_kubeconfig_says_where_it_looked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nowhere"))
    with pytest.raises(SourceError) as caught:
        load_access()
    assert (caught.value.title, caught.value.detail) == ("No kubeconfig", f"looked for {tmp_path / 'nowhere'}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("clusters: [\n- a: {", "line"),
        ("", "empty"),
        ("just words", "config"),
        ("clusters: []\nusers: []\ncontexts: []\ncurrent-context: gone\n", "gone"),
        ("clusters: 7\nusers: [1]\ncontexts: {a: b}\n", "config"),
        ("- a\n- b\n", "config"),
    ],
)
def test_a_broken_kubeconfig_says_what_is_wrong(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(SourceError) as caught:
        load_access(None, path)
    assert caught.value.title == "The kubeconfig cannot be used"
    assert words in caught.value.detail
    assert usable_contexts(path) == []


def test_a_context_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        load_access("staging", write(tmp_path / "config"))
    assert "contexts: prod" in caught.value.hint


def test_several_files_are_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", context="one"), write(tmp_path / "b", context="two")
    monkeypatch.setenv("KUBECONFIG", f"{first}{os.pathsep}{tmp_path / 'missing'}{os.pathsep}{second}")
    assert usable_contexts() == ["one", "two"]
    assert current_context() == "one"
    assert load_access("two").context == "two"


def test_contexts_that_cannot_work_are_left_out_and_the_current_one_leads(tmp_path: Path) -> None:
    path = write(tmp_path / "config")
    told = yaml.safe_load(path.read_text())
    told["contexts"] += [
        {"name": "halfway", "context": {"cluster": "gone", "user": "u"}},
        {"name": "another", "context": {"cluster": "c", "user": "u"}},
        {"name": "broken"},
    ]
    told["current-context"] = "another"
    path.write_text(yaml.safe_dump(told))
    assert usable_contexts(path) == ["another", "prod"]


def test_looking_for_contexts_loads_no_client(tmp_path: Path) -> None:
    path = write(tmp_path / "config")
    code = (
        "import sys, pathlib; from finops_tui.sources.kube_access import usable_contexts;"
        f"assert usable_contexts(pathlib.Path({str(path)!r})) == ['prod'];"
        "assert not {'kubernetes', 'urllib3', 'pydantic', 'msgspec'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_inside_a_cluster_the_service_account_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from kubernetes.config import incluster_config

    (tmp_path / "token").write_text("pod-token")
    (tmp_path / "ca.crt").write_text("certificate")
    monkeypatch.setattr(kube_access, "SERVICE_ACCOUNT", tmp_path)
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    monkeypatch.setattr(incluster_config, "os", _Environment({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    access = load_access()
    assert (access.host, access.context) == ("https://10.0.0.1:443", "")
    assert access.headers()["Authorization"].lower() == "bearer pod-token"


class _Environment:
    """`os` as the client's module sees it; it reads the environment when it is imported."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ
        self.path = os.path


@pytest.mark.parametrize(
    ("context", "name"),
    [
        ("arn:aws:eks:us-east-1:123456789012:cluster/prod-us", "prod-us"),
        ("gke_project_europe-west4_prod_eu", "prod_eu"),
        ("kind-dev", "kind-dev"),
    ],
)
def test_long_context_names_become_short_cluster_names(context: str, name: str) -> None:
    assert cluster_name(context) == name


def test_client_certificates_of_a_plugin_are_used(tmp_path: Path) -> None:
    script = """
        status = {"clientCertificateData": "CERT", "clientKeyData": "KEY"}
        print(json.dumps({"kind": "ExecCredential", "status": status}))
    """
    access = load_access(None, write(tmp_path / "config", {"exec": plugin(tmp_path, script)}))
    assert access.client_cert is not None
    assert [Path(path).read_text() for path in access.client_cert] == ["CERT", "KEY"]
    assert access.header_items() == []


def test_secrets_stay_out_of_errors(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(
        json.dumps({"users": [{"name": "u", "user": {"token": "hunter2"}}], "contexts": [], "clusters": []})
    )
    with pytest.raises(SourceError) as caught:
        load_access(None, path)
    assert "hunter2" not in str(caught.value)
