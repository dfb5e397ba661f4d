"""Which things a rule of the policy is for. What is not known of a thing is no way out of a rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from finops_tui.model.plan import Target, TargetKind
from finops_tui.model.snapshot import SpendRow

UNKNOWN = "unknown"
"""What an environment that nobody names is called in the policy."""
_WORKLOAD_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is known of a target; None is what is not."""

    cluster: str | None
    kind: str | None
    """A workload's own, `Job`; else `pool`, `node` or `namespace`."""
    namespace: str | None
    """Empty for what belongs to none."""
    name: str | None
    environment: str | None
    labels: Mapping[str, str] | None
    """Ownership facts by name, as the config's `scopes` maps them."""

    @property
    def place(self) -> str:
        """`prod-us/kube-system`, as far as it is known."""
        return "/".join(part for part in (self.cluster, self.namespace or self.name) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Globs. It covers everything that does not differ for certain in one of the respects it names."""

    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """`Job`, `pool`; capital letters do not count."""
    environments: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    """Globs by the name of the ownership fact."""
    origin: str = ""
    """Where it is written: `policy.protected[1]`."""

    def covers(self, subject: Subject) -> bool:
        kind = subject.kind.lower() if subject.kind is not None else None
        return (
            _may_fit(subject.cluster, self.clusters)
            and _may_fit(subject.namespace, self.namespaces)
            and _may_fit(subject.name, self.names)
            and _may_fit(kind, tuple(glob.lower() for glob in self.kinds))
            and _may_fit(subject.environment, self.environments)
            and (subject.labels is None or all(_fits(subject.labels, *wanted) for wanted in self.labels.items()))
        )


def subject_of(target: Target, row: SpendRow | None) -> Subject:
    """Say what is known of a target, from its key and from its row where it has one."""
    labels = dict(row.labels) if row is not None and target.kind is TargetKind.WORKLOAD else None
    environment = target.environment or (labels or {}).get("environment") or None
    rest = target.key.removeprefix(f"{target.cluster}/")
    if not target.cluster or rest in {target.key, ""}:
        return Subject(cluster=None, kind=None, namespace=None, name=None, environment=environment, labels=labels)
    kind: str | None = target.kind.value
    namespace: str | None = rest if target.kind is TargetKind.NAMESPACE else ""
    name: str | None = rest
    if target.kind is TargetKind.WORKLOAD:
        parts = rest.split("/")
        kind, namespace, name = parts if len(parts) == _WORKLOAD_PARTS else (None, None, None)
    return Subject(
        cluster=target.cluster, kind=kind, namespace=namespace, name=name, environment=environment, labels=labels
    )


def fits_any(word: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(word, glob) for glob in globs)


def _may_fit(word: str | None, globs: tuple[str, ...]) -> bool:
    return not globs or word is None or fits_any(word, globs)


def _fits(labels: Mapping[str, str], name: str, glob: str) -> bool:
    return name in labels and fnmatchcase(labels[name], glob)
