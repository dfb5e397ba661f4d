"""What a pod template asks for, and digests of the rest of it: enough to say what is different in the next one.

Environment variables and arguments may hold secrets, so nothing of them is kept but a digest under a key that this
process made up: it tells "changed" from "the same" and is worth nothing elsewhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes import objects
from finops_tui.sources.kubernetes.quantities import Requests, pod_requests

_KEY = secrets.token_bytes(16)
_NOTHING = msgspec.Raw(b"")


class ContainerFacts(msgspec.Struct, frozen=True, gc=False):
    name: str
    image: str
    env: str
    """Digest, as is `command`; empty where there is none."""
    command: str


class TemplateFacts(msgspec.Struct, frozen=True):
    digest: str = ""
    """Of the whole template; empty where there is none."""
    containers: tuple[ContainerFacts, ...] = ()
    requests: Requests = Requests()
    """Of one pod."""
    node_selector: str = ""
    """Digest, as are the next two."""
    affinity: str = ""
    tolerations: str = ""
    priority_class: str = ""
    restart_policy: str = ""


NO_TEMPLATE = TemplateFacts()


class _Container(msgspec.Struct, rename="camel"):
    name: str = ""
    image: str = ""
    env: msgspec.Raw = _NOTHING
    env_from: msgspec.Raw = _NOTHING
    command: msgspec.Raw = _NOTHING
    args: msgspec.Raw = _NOTHING


class _Spec(msgspec.Struct, rename="camel"):
    containers: list[_Container] | None = None
    init_containers: list[_Container] | None = None
    node_selector: msgspec.Raw = _NOTHING
    affinity: msgspec.Raw = _NOTHING
    tolerations: msgspec.Raw = _NOTHING
    restart_policy: str = ""
    priority_class_name: str = ""


class _Template(msgspec.Struct):
    spec: msgspec.Raw = _NOTHING


_TEMPLATE = msgspec.json.Decoder(_Template)
_SPEC = msgspec.json.Decoder(_Spec)
_POD_SPEC = msgspec.json.Decoder(objects.PodSpec)
_CONTAINER = msgspec.json.Decoder(_Container)


def read_template(template: bytes) -> TemplateFacts:
    """Return the facts of a `PodTemplateSpec`. Raises DecodeError."""
    if not template:
        return NO_TEMPLATE
    return read_spec(bytes(_TEMPLATE.decode(template).spec) or b"{}", of=template)


def read_spec(spec: bytes, *, of: bytes = b"") -> TemplateFacts:
    """Return the facts of a `PodSpec`; `of` is the whole that its digest stands for. Raises DecodeError."""
    told = _SPEC.decode(spec)
    return TemplateFacts(
        digest=digest(of or spec),
        containers=tuple(_container(each) for each in _all(told)),
        requests=pod_requests(_POD_SPEC.decode(spec)),
        node_selector=digest(told.node_selector),
        affinity=digest(told.affinity),
        tolerations=digest(told.tolerations),
        priority_class=one_line(told.priority_class_name),
        restart_policy=one_line(told.restart_policy, 30),
    )


def read_container(container: bytes) -> ContainerFacts:
    """Return the facts of what has a container's fields. Raises DecodeError."""
    return _container(_CONTAINER.decode(container))


def digest(*parts: bytes | msgspec.Raw) -> str:
    """Return a digest of some JSON, empty where there is none."""
    told = b"\n".join(map(bytes, parts))
    return blake2b(told, digest_size=8, key=_KEY).hexdigest() if told.strip() else ""


def _all(spec: _Spec) -> Iterator[_Container]:
    yield from spec.containers or ()
    yield from spec.init_containers or ()


def _container(container: _Container) -> ContainerFacts:
    return ContainerFacts(
        name=one_line(container.name),
        image=one_line(container.image),
        env=digest(container.env, container.env_from),
        command=digest(container.command, container.args),
    )
