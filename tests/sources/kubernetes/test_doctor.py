from __future__ import annotations

from pathlib import Path

import yaml

from finops_tui.clock import WallClock
from finops_tui.sources.kubernetes.kinds import KUBE_STATE_METRICS
from finops_tui.sources.kubernetes.settings import KubernetesSettings
from finops_tui.sources.kubernetes.source import KubernetesSource
from tests.servers.kube_double import KubeDouble


async def test_all_is_well(double: KubeDouble, settings: KubernetesSettings) -> None:
    checks = await KubernetesSource(settings, WallClock()).diagnose()
    assert checks[0].detail == f"{double.host} answers, Kubernetes v1.34.0"
    assert {check.state for check in checks} == {"ok"}
    assert len(checks) == 1 + len(double.objects)


async def test_each_missing_permission_says_what_it_costs(double: KubeDouble, settings: KubernetesSettings) -> None:
    double.allowed = lambda asked: not (asked["resource"] == "events" and asked["verb"] == "watch")
    checks = await KubernetesSource(settings, WallClock()).diagnose()
    (warning,) = (check for check in checks if check.state != "ok")
    assert warning.subject == "events"
    assert warning.detail == "may not watch; without: notices of spot interruptions and evictions"
    assert warning.hint == "Bind the role in docs/permissions.md to ana."


async def test_only_the_named_namespaces_are_asked_about(settings: KubernetesSettings) -> None:
    narrow = settings.model_copy(update={"namespaces": ("ml",)})
    subjects = {check.subject for check in await KubernetesSource(narrow, WallClock()).diagnose()}
    assert {"pods in ml", "nodes"} < subjects


async def test_what_cannot_be_reached_fails_with_a_hint(
    double: KubeDouble, settings: KubernetesSettings, tmp_path: Path
) -> None:
    double.tokens = set()
    (check,) = await KubernetesSource(settings, WallClock()).diagnose()
    assert (check.state, check.detail) == ("fail", f"{double.host}: 401 Unauthorized")
    assert check.hint.endswith(KUBE_STATE_METRICS)
    (tmp_path / "kubeconfig").unlink()
    (check,) = await KubernetesSource(settings, WallClock()).diagnose()
    assert (check.state, check.subject) == ("fail", "credentials")


async def test_something_else_on_that_port_is_told_from_kubernetes(
    double: KubeDouble, settings: KubernetesSettings
) -> None:
    double.always["get /apis"] = lambda _, answer: answer.body(b"<html>hello</html>")
    (check,) = await KubernetesSource(settings, WallClock()).diagnose()
    assert check.detail.endswith("this is no Kubernetes API server")


async def test_a_kubeconfig_that_turns_tls_checks_off_is_warned_of(
    settings: KubernetesSettings, tmp_path: Path
) -> None:
    path = tmp_path / "kubeconfig"
    told = yaml.safe_load(path.read_text())
    told["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    path.write_text(yaml.safe_dump(told))
    checks = await KubernetesSource(settings, WallClock()).diagnose()
    assert [(check.subject, check.state) for check in checks if check.state != "ok"] == [("TLS", "warn")]


async def test_what_is_nice_to_have_says_what_it_costs(double: KubeDouble, settings: KubernetesSettings) -> None:
    double.allowed = lambda asked: asked["resource"] not in ("resourcequotas", "poddisruptionbudgets")
    checks = await KubernetesSource(settings, WallClock()).diagnose()
    assert {check.subject: check.detail for check in checks if check.state == "warn"} == {
        "resourcequotas": "may not list or watch; without: changes of quotas",
        "poddisruptionbudgets": "may not list or watch; without: how many pods of a workload may be evicted",
    }


async def test_what_spend_needs_says_who_else_could_tell_it(double: KubeDouble, settings: KubernetesSettings) -> None:
    double.allowed = lambda asked: asked["resource"] != "nodes"
    checks = await KubernetesSource(settings, WallClock()).diagnose()
    (warning,) = (check for check in checks if check.state != "ok")
    assert warning.detail == (
        "may not list or watch; without, unless a Prometheus tells of it: spend, GPUs, pools and spot state"
    )
    assert warning.hint.splitlines() == [
        "Bind the role in docs/permissions.md to ana.",
        "Or a Prometheus of the cluster tells of it, where it has kube-state-metrics.",
    ]


async def test_where_nothing_may_be_read_it_fails(double: KubeDouble, settings: KubernetesSettings) -> None:
    double.allowed = lambda _: False
    checks = await KubernetesSource(settings, WallClock()).diagnose()
    assert [(check.subject, check.detail) for check in checks if check.state == "fail"] == [
        ("permissions", "nothing may be read")
    ]
