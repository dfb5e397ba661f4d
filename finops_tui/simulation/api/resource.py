"""One kind of object that a simulated API server serves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

from finops_tui.simulation.api.answers import Document, Refused, invalid, not_allowed
from finops_tui.simulation.api.documents import Path, value
from finops_tui.simulation.api.store import Written

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

T = TypeVar("T")


class Key(NamedTuple):
    namespace: str
    name: str


class Resource(Generic[T]):
    """How things of the world look as objects, and what it does to the world to change these."""

    group: ClassVar[str] = ""
    version: ClassVar[str] = "v1"
    plural: ClassVar[str]
    kind: ClassVar[str]
    namespaced: ClassVar[bool] = True
    owned: ClassVar[tuple[Path, ...]] = ()
    """Fields that the world has a place for: writing them makes something happen, and they are not kept beside it."""
    fixed: ClassVar[tuple[Path, ...]] = ()
    """Fields that nobody may change."""
    observes: ClassVar[bool] = False
    """Whether its status says which generation its controller has seen: here always the last."""

    def __init__(self, world: World, cluster: str) -> None:
        self.world = world
        self.cluster = cluster

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def full_name(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def full_kind(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind

    def all(self) -> Iterator[tuple[Key, T]]:
        """Yield what there is of it now."""
        raise NotImplementedError

    def find(self, key: Key) -> T | None:
        return next((thing for known, thing in self.all() if known == key), None)

    def document(self, thing: T) -> Document:
        """Return the object that stands for a thing, without what only the server keeps."""
        raise NotImplementedError

    def writers(self, thing: T) -> Mapping[Path, Written]:
        """Return who wrote the fields that the world has a place for."""
        del thing
        return {}

    def judge(self, thing: T, before: Document, after: Document) -> None:
        """Raise Refused where the object may not be like that."""
        del thing
        for path in self.fixed:
            if value(before, path) != value(after, path):
                raise self.invalid(after, path, "field is immutable")

    def obey(self, thing: T, before: Document, after: Document, who: str) -> None:
        """Let happen in the world what is different now."""

    def judge_new(self, body: Document) -> None:
        """Raise Refused where such an object cannot be made; `body` has a name."""
        del body
        raise not_allowed("POST")

    def create(self, namespace: str, body: Document) -> T:
        """Make one that `judge_new` lets be."""
        raise NotImplementedError

    def delete(self, thing: T) -> None:
        """Let it be gone. Raises Refused where that cannot be."""
        del thing
        raise not_allowed("DELETE")

    def invalid(self, document: Mapping[str, Any], path: Path, why: str, name: str = "") -> Refused:
        told = json.dumps(value(document, path))
        name = name or document["metadata"]["name"]
        return invalid(self.full_kind, name, ".".join(path), f"Invalid value: {told}: {why}")

    def count(self, after: Document, path: Path, least: int = 0) -> int:
        """Return a number that was written. Raises Refused where it is none, or less than `least`."""
        told = value(after, path)
        if not isinstance(told, int) or isinstance(told, bool) or told < least:
            raise self.invalid(after, path, f"must be greater than or equal to {least}")
        return told

    def flag(self, after: Document, path: Path) -> bool:
        """Return what was written where true or false belongs; false where nothing is. Raises Refused."""
        told = value(after, path)
        if told is not None and not isinstance(told, bool):
            raise self.invalid(after, path, "must be a boolean")
        return bool(told)


def moved(before: Document, after: Document, *paths: Path) -> bool:
    """Tell whether any of these fields is different."""
    return any(value(before, path) != value(after, path) for path in paths)
