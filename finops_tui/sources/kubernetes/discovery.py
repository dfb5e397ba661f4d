"""Which kinds of extensions a cluster serves: asking for one that it lacks would fail for ever."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from finops_tui.sources.kubernetes.api import FORBIDDEN, NOT_FOUND, ApiError, KubeApi
from finops_tui.sources.kubernetes.kinds import Kind

T = TypeVar("T")


class _Version(msgspec.Struct, rename="camel"):
    group_version: str = ""


class _Group(msgspec.Struct):
    versions: list[_Version] | None = None


class _Groups(msgspec.Struct):
    groups: list[_Group] | None = None


class _Resource(msgspec.Struct):
    name: str = ""
    verbs: list[str] | None = None


class _Resources(msgspec.Struct):
    resources: list[_Resource] | None = None


def served_kinds(api: KubeApi, kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """Return Kubernetes' own kinds and those of extensions that are served. Raises ApiError."""
    wanted = tuple(kinds)
    groups = _answer(api, "/apis", _Groups).groups or ()
    versions = {version.group_version for group in groups for version in group.versions or ()}
    resources: dict[str, set[str]] = {}
    for kind in wanted:
        group_version = f"{kind.group}/{kind.version}"
        if kind.optional and group_version in versions and kind.base not in resources:
            listed = _answer(api, kind.base, _Resources).resources or ()
            resources[kind.base] = {resource.name for resource in listed if "watch" in (resource.verbs or ())}
    return tuple(kind for kind in wanted if not kind.optional or kind.resource in resources.get(kind.base, ()))


def _answer(api: KubeApi, path: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(api.get(path), type=kind)
    except ApiError as failure:
        if failure.status not in (FORBIDDEN, NOT_FOUND):
            raise
        return kind()
    except msgspec.DecodeError as error:
        raise ApiError(0, "this is no Kubernetes API server", hint="Check `server` in the kubeconfig.") from error
