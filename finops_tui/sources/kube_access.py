"""Who we are to a Kubernetes API server, and how to reach it.

The kubeconfig is read by the official client. Three things are done here because it does not do them: `as:`
impersonation, credential plugins that stay off the terminal (its own would read the keyboard and write over the
screen), and failures that say what to do.
"""

from __future__ import annotations

import importlib
import os
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops_tui.clock import WallClock
from finops_tui.errors import SourceError
from finops_tui.sources.clean import one_line
from finops_tui.sources.kube_plugin import run_plugin
from finops_tui.threads import LOADING

if TYPE_CHECKING:
    from kubernetes.client import ApiClient, Configuration

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
RENEW_BEFORE = timedelta(seconds=60)
ASK_AGAIN_SECONDS = (10.0, 120.0)
"""For so long what a credential plugin answered counts for every request: each run may open a browser window. First
and longest, doubled with each failure."""
GKE_PARTS = 3
"""`gke_<project>_<location>_<cluster>`"""
CONNECTIONS = 32
"""More than the watches and requests that one source holds at once."""


class KubeAccess:
    """One identity at one API server. Safe to share among threads; all of it may block on a credential plugin."""

    def __init__(self, context: str, configuration: Configuration, authenticator: Authenticator) -> None:
        self.context = context
        """Name of the context; empty inside a cluster."""
        self._configuration = configuration
        self._authenticator = authenticator
        self._lock = threading.Lock()
        self._asked_at = time.monotonic()
        """When the credentials were last fetched, or could not be."""
        self._failure: SourceError | None = None
        """Why they could not be fetched, the last time."""
        self._pause = ASK_AGAIN_SECONDS[0]
        self._client: ApiClient | None = None

    @property
    def host(self) -> str:
        """Base URL without a slash at the end."""
        return str(self._configuration.host)

    @property
    def verify(self) -> str | bool:
        """As `requests` takes it: path of a CA bundle, True for the system's, False for no check."""
        if not self._configuration.verify_ssl:
            return False
        return self._configuration.ssl_ca_cert or True

    @property
    def client_cert(self) -> tuple[str, str] | None:
        """Paths of certificate and key."""
        configuration = self._configuration
        if configuration.cert_file and configuration.key_file:
            return (configuration.cert_file, configuration.key_file)
        return None

    @property
    def proxy(self) -> str:
        """`proxy-url` of the cluster; empty when there is none."""
        return self._configuration.proxy or ""

    @property
    def impersonates(self) -> str:
        """The user that we act as; empty when we are ourselves."""
        return next((value for name, value in self._authenticator.impersonation if name == "Impersonate-User"), "")

    def header_items(self) -> list[tuple[str, str]]:
        """Return the headers that say who we are; a name may come twice (groups). Renews a token that expired."""
        with self._lock:
            expires_at = self._authenticator.expires_at
            now = WallClock().now()
            if expires_at is not None and expires_at - RENEW_BEFORE <= now:
                try:
                    self._renew()
                except SourceError:
                    if expires_at <= now:  # until then they are as good as ever
                        raise
            token = self._token()
        return ([("Authorization", token)] if token else []) + list(self._authenticator.impersonation)

    def headers(self) -> dict[str, str]:
        """Return `header_items` for clients that send each name once."""
        items = self.header_items()
        headers = dict(items)
        if len(headers) != len(items):
            raise SourceError(
                "Cannot impersonate several groups here",
                f"context {self.context} names more than one group in `as-groups`",
                "use a context that impersonates at most one group",
            )
        return headers

    def renew(self, refused: str = "") -> None:
        """Fetch the credentials anew, for when the server no longer takes them.

        `refused` is the Authorization header that it did not take: where another thread was quicker, nothing happens.
        """
        with self._lock:
            if not refused or self._token() == refused:
                self._renew()

    def _token(self) -> str:
        """Return the Authorization header; empty without one. Files of tokens may end in a newline, as for kubectl."""
        return " ".join((self._configuration.get_api_key_with_prefix("BearerToken") or "").split())

    def ask_again(self) -> None:
        """Have the next request fetch what it needs, however lately that failed: somebody has logged in."""
        self._asked_at = float("-inf")  # without the lock: a plugin may hold it for a minute

    def _renew(self) -> None:
        """Fetch the credentials, unless a plugin was asked just now: then its answer, or its failure, stands."""
        first, longest = ASK_AGAIN_SECONDS
        if self._authenticator.asks_a_plugin and time.monotonic() - self._asked_at < self._pause:
            if self._failure is not None:  # as a new one: others hold the traceback of the first
                raise SourceError(self._failure.title, self._failure.detail, self._failure.hint)
            return
        try:
            self._authenticator.authenticate(self._configuration)
        except SourceError as failure:
            self._pause = min(self._pause * 2, longest) if self._failure is not None else first
            self._failure = failure
            raise
        finally:
            self._asked_at = time.monotonic()
        self._failure, self._pause = None, first
        self._client = None  # a new client certificate needs new connections

    def api_client(self) -> ApiClient:
        """Return the official client with this connection. It does not add `header_items`: pass them."""
        with self._lock:
            if self._client is None:
                from kubernetes.client import ApiClient

                self._client = ApiClient(self._configuration)
            return self._client


class Authenticator:
    """Puts credentials into a `Configuration`, again each time it is asked."""

    impersonation: tuple[tuple[str, str], ...] = ()
    expires_at: datetime | None = None
    """When the credentials go out of date; None where they do not say or renew themselves."""
    asks_a_plugin = False
    """Whether somebody else's program gives them, which may take a person's time."""

    def authenticate(self, configuration: Configuration) -> None:
        raise NotImplementedError


def load_access(context: str | None = None, kubeconfig: Path | None = None) -> KubeAccess:
    """Read the kubeconfig, or inside a cluster the service account, as `kubectl` would choose. May run a plugin.

    Raises SourceError: there is none, it cannot be used, or the credential plugin failed.
    """
    paths = _kubeconfig_paths(kubeconfig)
    if not any(path.is_file() for path in paths):
        if kubeconfig is None and context is None and in_cluster():
            return _load("", _ServiceAccount())
        looked = ", ".join(str(path) for path in paths)
        raise SourceError(
            "No kubeconfig", f"looked for {looked}", "set $KUBECONFIG or `kubeconfig:` in the config, or log in first"
        )
    where = os.pathsep.join(str(path) for path in paths)
    return _load(context or current_context(kubeconfig) or "", _Kubeconfig(where, context))


def _load(context: str, authenticator: Authenticator) -> KubeAccess:
    with LOADING:
        from kubernetes.client import Configuration

    # The class's own constructor copies a default that other code may have changed.
    configuration: Configuration = type.__call__(Configuration)
    configuration.connection_pool_maxsize = CONNECTIONS
    configuration.keep_alive = True
    configuration.retries = False  # this program does its own waiting
    authenticator.authenticate(configuration)
    return KubeAccess(context, configuration, authenticator)


def in_cluster() -> bool:
    """Whether this process runs in a pod with a service account."""
    return bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and (SERVICE_ACCOUNT / "token").is_file()


def usable_contexts(kubeconfig: Path | None = None) -> list[str]:
    """Return the contexts whose cluster and user are defined, the current one first. Cheap: loads no client."""
    merged = _merged(kubeconfig)
    clusters = {entry["name"] for entry in merged["clusters"]}
    users = {entry["name"] for entry in merged["users"]}
    names = [
        str(entry["name"])
        for entry in merged["contexts"]
        if isinstance(told := entry.get("context"), Mapping)
        and told.get("cluster") in clusters
        and (not told.get("user") or told["user"] in users)
    ]
    current = current_context(kubeconfig)
    return sorted(dict.fromkeys(names), key=lambda name: name != current)


def kubeconfig_files() -> list[Path]:
    """Return the kubeconfig files that are there, usable or not."""
    return [path for path in _kubeconfig_paths(None) if path.is_file()]


def cluster_name(context: str) -> str:
    """Return a short name for a context's cluster; cloud tools write long ones: `arn:aws:eks:…:cluster/prod` → prod."""
    if context.startswith("arn:aws"):
        return context.rpartition("/")[2]
    if context.startswith("gke_") and context.count("_") >= GKE_PARTS:
        return context.split("_", GKE_PARTS)[GKE_PARTS]
    return context


def current_context(kubeconfig: Path | None = None) -> str | None:
    """Return the name of the current context, None where there is none. Cheap: loads no client."""
    return _merged(kubeconfig)["current-context"] or None


def _kubeconfig_paths(kubeconfig: Path | None) -> list[Path]:
    if kubeconfig is not None:
        return [kubeconfig]
    named = [part for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return [Path(part).expanduser() for part in named] or [Path.home() / ".kube" / "config"]


def _merged(kubeconfig: Path | None) -> dict[str, Any]:
    """Return the entries of all kubeconfig files that can be read; the first to name a thing wins."""
    import yaml

    merged: dict[str, Any] = {"clusters": [], "users": [], "contexts": [], "current-context": ""}
    for path in _kubeconfig_paths(kubeconfig):
        try:
            told = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both safe
        except (OSError, yaml.YAMLError):
            continue
        if not isinstance(told, Mapping):
            continue
        for section in ("clusters", "users", "contexts"):
            entries = told.get(section)
            if isinstance(entries, list):
                merged[section] += [entry for entry in entries if isinstance(entry, Mapping) and "name" in entry]
        merged["current-context"] = merged["current-context"] or told.get("current-context") or ""
    return merged


class _ServiceAccount(Authenticator):
    """The account that Kubernetes gives to a pod; its token file is read again every minute."""

    def authenticate(self, configuration: Configuration) -> None:
        with LOADING:
            from kubernetes.config import ConfigException

            incluster: Any = importlib.import_module("kubernetes.config.incluster_config")
        try:
            incluster.load_incluster_config(client_configuration=configuration)
        except (ConfigException, OSError) as error:
            raise SourceError(
                "The pod's service account cannot be used", one_line(error), "mount a service account token"
            ) from error


class _Kubeconfig(Authenticator):
    def __init__(self, where: str, context: str | None) -> None:
        self._where = where
        self._context = context

    def authenticate(self, configuration: Configuration) -> None:
        with LOADING:
            import yaml
            from kubernetes.config import ConfigException

            # No attribute of this module is typed.
            kube_config: Any = importlib.import_module("kubernetes.config.kube_config")
        try:
            merged = kube_config.KubeConfigMerger(self._where).config
            context = merged["contexts"].get_with_name(self._context or merged["current-context"])["context"]
            user = merged["users"].get_with_name(context.safe_get("user"), safe=True)
            cluster = merged["clusters"].get_with_name(context["cluster"])["cluster"]
            if user is not None:
                told = user["user"].value
                self.impersonation = tuple(_impersonation(told))
                self._ask_plugin(told, Path(user.path).parent, cluster.value)
            loader = kube_config.KubeConfigLoader(merged, active_context=self._context, config_base_path=None)
            loader.load_and_set(configuration)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f" line {mark.line + 1}" if mark is not None else ""
            raise self._unusable(f"{self._where}{line}: {one_line(getattr(error, 'problem', error))}") from error
        except ConfigException as error:
            raise self._unusable(one_line(error, 400)) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._unusable(f"{self._where}: {type(error).__name__}: {one_line(error, 300)}") from error

    def _ask_plugin(self, user: dict[str, Any], folder: Path, cluster: Mapping[str, Any]) -> None:
        """Put what the credential plugin answers in its place, so that the client never runs one."""
        plugin = user.pop("exec", None)
        if not plugin or user.get("token") or user.get("tokenFile"):
            return
        self.asks_a_plugin = True
        credential = run_plugin(plugin, folder=folder, cluster=cluster if plugin.get("provideClusterInfo") else None)
        user.update(credential.user)
        self.expires_at = credential.expires_at

    def _unusable(self, detail: str) -> SourceError:
        hint = "check it with `kubectl config view`"
        if self._context is not None:
            hint += f"; contexts: {', '.join(usable_contexts(Path(self._where)))}"
        return SourceError("The kubeconfig cannot be used", detail, hint)


def _impersonation(user: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if user.get("as"):
        yield "Impersonate-User", str(user["as"])
        if user.get("as-uid"):
            yield "Impersonate-Uid", str(user["as-uid"])
        for group in user.get("as-groups") or ():
            yield "Impersonate-Group", str(group)
        for key, values in (user.get("as-user-extra") or {}).items():
            for value in values:
                yield f"Impersonate-Extra-{key}", str(value)
