"""What is different between two versions of a controller, field by field, in words."""

from __future__ import annotations

from collections.abc import Iterator

from finops_tui.sources.kubernetes.controllers import ControllerFacts, Group
from finops_tui.sources.kubernetes.quantities import GpuScale, Requests
from finops_tui.sources.kubernetes.templates import TemplateFacts

GIB = 2.0**30
_PLAIN_SCALE = GpuScale()


def template_differences(before: ControllerFacts, after: ControllerFacts) -> list[str]:
    """Return how the pods differ, what costs most first; empty where they do not."""
    old = {group.name: group for group in before.groups}
    told: list[str] = []
    for group in after.groups:
        if group.name not in old:
            continue
        was, now = old[group.name].template, group.template
        if was.digest != now.digest and was.digest and now.digest:
            prefix = f"{group.name} " if group.name else ""
            words = list(_template(was, now)) or ["pod template changed"]
            told += [prefix + word for word in words]
    return told


def template_gpus(before: ControllerFacts, after: ControllerFacts) -> float:
    """Return how many GPUs more the pods there are ask for because each asks for more."""
    old = {group.name: group for group in before.groups}
    return sum(
        (group.replicas or 0) * (group.gpus_each - old[group.name].gpus_each)
        for group in after.groups
        if group.name in old
    )


def replica_differences(before: ControllerFacts, after: ControllerFacts) -> list[str]:
    """Return which groups grew or shrank, came or went; empty where none did."""
    old = {group.name: group for group in before.groups}
    new = {group.name: group for group in after.groups}
    return [
        f"{name or noun(after.kind)} {_count(old.get(name))}→{_count(new.get(name))}"
        for name in dict.fromkeys((*old, *new))
        if _replicas(old.get(name)) != _replicas(new.get(name))
    ]


def replica_gpus(before: ControllerFacts, after: ControllerFacts) -> float:
    """Return how many GPUs more it asks for because it wants more pods."""
    old = {group.name: group for group in before.groups}
    new = {group.name: group for group in after.groups}
    more = 0.0
    for name in dict.fromkeys((*old, *new)):
        each = (old.get(name) or new[name]).gpus_each
        more += ((_replicas(new.get(name)) or 0) - (_replicas(old.get(name)) or 0)) * each
    return more


def noun(kind: str) -> str:
    """Return what the pods of a controller are called."""
    return "replicas" if kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet") else "workers"


def total(facts: ControllerFacts) -> str:
    """Return how many pods it is configured to have."""
    known = [group.replicas for group in facts.groups if group.replicas is not None]
    return str(sum(known)) if known else "none"


def setting_differences(before: tuple[tuple[str, str], ...], after: tuple[tuple[str, str], ...]) -> list[str]:
    """Return which of two lists of named values differ: `max 10→60`."""
    old, new = dict(before), dict(after)
    return [
        f"{name} {old.get(name, 'none')}→{new.get(name, 'none')}"
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    ]


def short_image(image: str) -> str:
    return f"{_repository(image).rpartition('/')[2]}:{_version(image)}"


def _template(was: TemplateFacts, now: TemplateFacts) -> Iterator[str]:
    yield from _requests(was.requests, now.requests)
    yield from _containers(was, now)
    for word, mine, yours in (
        ("node selector", was.node_selector, now.node_selector),
        ("affinity", was.affinity, now.affinity),
        ("tolerations", was.tolerations, now.tolerations),
    ):
        if mine != yours:
            yield f"{word} changed"
    for word, mine, yours in (
        ("priority class", was.priority_class, now.priority_class),
        ("restart policy", was.restart_policy, now.restart_policy),
    ):
        if mine != yours:
            yield f"{word} {mine or 'none'}→{yours or 'none'}"


def _containers(was: TemplateFacts, now: TemplateFacts) -> Iterator[str]:
    old = {container.name: container for container in was.containers}
    several = len(now.containers) > 1
    for container in now.containers:
        name = f"{container.name} " if several and container.name else ""
        known = old.pop(container.name, None)
        if known is None:
            yield f"container {container.name} added"
            continue
        if known.image != container.image:
            yield f"{name}image {_image_change(known.image, container.image)}"
        if known.command != container.command:
            yield f"{name}args changed"
        if known.env != container.env:
            yield f"{name}env changed"
    for name in old:
        yield f"container {name} removed"


def _requests(was: Requests, now: Requests) -> Iterator[str]:
    for word, mine, yours in (
        ("GPUs", _PLAIN_SCALE.gpus(was), _PLAIN_SCALE.gpus(now)),
        ("CPU cores", was.cpu_cores, now.cpu_cores),
        ("memory", was.memory_bytes / GIB, now.memory_bytes / GIB),
    ):
        if mine != yours:
            unit = " GiB" if word == "memory" else ""
            yield f"{word} a pod {mine:.4g}→{yours:.4g}{unit}"


def _replicas(group: Group | None) -> int | None:
    return None if group is None else group.replicas


def _count(group: Group | None) -> str:
    replicas = _replicas(group)
    return "none" if replicas is None else str(replicas)


def _image_change(old: str, new: str) -> str:
    if _repository(old) == _repository(new):
        return f"{_version(old)}→{_version(new)}"
    return f"{short_image(old)}→{short_image(new)}"


def _repository(image: str) -> str:
    path, _, name = image.partition("@")[0].rpartition("/")
    return f"{path}/{name.partition(':')[0]}"


def _version(image: str) -> str:
    """Return the tag, or what is left of a digest once it is short enough to read."""
    named, _, digest = image.partition("@")
    tag = named.rpartition("/")[2].partition(":")[2]
    return tag or digest.partition(":")[2][:12] or "latest"
