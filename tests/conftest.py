"""Rules for all tests."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

from tests.servers.kube_apiserver import find_binary

CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}


settings.register_profile("same-each-time", derandomize=True, deadline=None, database=None)
settings.register_profile("look-for-more", max_examples=1_000, deadline=None)
settings.load_profile("same-each-time")


def pytest_report_header() -> list[str]:
    """Name what is not run where a skip would be a failure."""
    missing = CI and not find_binary("kube-apiserver")
    return ["not run: tests against a real Kubernetes control plane ($KUBE_BINARIES is not set)"] if missing else []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On a user's machine a missing server skips its tests; in CI everything must have run."""
    report = yield
    if CI and report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which fails in CI: {reason}"
    return report


@pytest.fixture(autouse=True)
def _no_config_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may find the developer's own clusters."""
    monkeypatch.setenv("KUBECONFIG", os.devnull)
    monkeypatch.delenv("FINOPS_TUI_CONFIG", raising=False)
