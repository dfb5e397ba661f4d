"""Credential plugins of the kubeconfig (`exec:`), run where they cannot touch the terminal.

The protocol is client.authentication.k8s.io/v1: the answer is an ExecCredential on standard output.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from finops_tui.errors import SourceError
from finops_tui.sources.clean import one_line

TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Credential:
    user: Mapping[str, str]
    """As the fields of a kubeconfig user: `token`, `client-certificate-data`, `client-key-data`."""
    expires_at: datetime | None


def run_plugin(
    plugin: Mapping[str, Any],
    *,
    folder: Path,
    cluster: Mapping[str, Any] | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Credential:
    """Run a credential plugin without a terminal and return what it answers.

    A command with a relative path is looked for in `folder`, the kubeconfig's.
    Raises SourceError: it is not there, asks for a terminal, fails, hangs or answers nonsense.
    """
    command, version = str(plugin.get("command", "")), str(plugin.get("apiVersion", ""))
    title = f"The credential plugin {one_line(command)} failed"
    log_in = "log in with it in a shell first, e.g. run `kubectl get nodes`, then press r; it has no terminal in here"
    if plugin.get("interactiveMode") == "Always":
        raise SourceError(title, "it insists on a terminal (interactiveMode: Always)", "use a context that needs none")
    spec: dict[str, Any] = {"interactive": False}
    if cluster is not None:
        spec["cluster"] = cluster
    environment = dict(os.environ)
    environment |= {str(entry["name"]): str(entry["value"]) for entry in plugin.get("env") or ()}
    environment["KUBERNETES_EXEC_INFO"] = json.dumps({"apiVersion": version, "kind": "ExecCredential", "spec": spec})
    if os.sep in command:
        command = str(folder / command)  # an absolute one stays as it is
    try:
        done = subprocess.run(  # noqa: S603 - the user's own kubeconfig names it, as for kubectl
            [command, *map(str, plugin.get("args") or ())],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            timeout=timeout_seconds,
            check=False,
            start_new_session=sys.platform != "win32",  # away from the terminal, so it cannot ask there either
        )
    except OSError as error:
        hint = one_line(plugin.get("installHint") or "install it or put it on PATH", 300)
        raise SourceError(title, one_line(error), hint) from error
    except subprocess.TimeoutExpired as error:
        raise SourceError(title, f"no answer within {timeout_seconds:.0f} s", log_in) from error
    if done.returncode != 0:
        words = one_line(done.stderr.decode(errors="replace").strip().rpartition("\n")[2], 300)
        raise SourceError(title, f"exit status {done.returncode}: {words}", log_in)
    try:
        status = json.loads(done.stdout)["status"]
        user = _user(status)
        expiry = status.get("expirationTimestamp")
        expires_at = datetime.fromisoformat(expiry).astimezone(UTC) if expiry else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(title, "its answer is no ExecCredential", log_in) from error
    if not user:
        raise SourceError(title, "its answer holds neither a token nor a client certificate", log_in)
    return Credential(user, expires_at)


def _user(status: Mapping[str, str]) -> dict[str, str]:
    user = {"token": status["token"]} if status.get("token") else {}
    certificate, key = status.get("clientCertificateData"), status.get("clientKeyData")
    if certificate and key:
        user["client-certificate-data"] = base64.b64encode(certificate.encode()).decode()
        user["client-key-data"] = base64.b64encode(key.encode()).decode()
    return user
