"""Namespaces, the quotas that somebody puts on them, and the notes that are left in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from finops_tui.simulation.api.answers import Document, Refused, bad
from finops_tui.simulation.api.documents import Path, metadata, stamp, value
from finops_tui.simulation.api.resource import Key, Resource
from finops_tui.simulation.api.works import GPUS
from finops_tui.simulation.randomness import identity
from finops_tui.simulation.readings import namespace_labels
from finops_tui.simulation.tenants import NAMESPACES

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

HARD: Path = ("spec", "hard", f"requests.{GPUS}")
EVENTS_KEPT = 200


class Namespaces(Resource[str]):
    plural, kind, namespaced = "namespaces", "Namespace", False

    def all(self) -> Iterator[tuple[Key, str]]:
        for plan in NAMESPACES:
            if self.cluster in plan.clusters:
                yield Key("", plan.name), plan.name

    def document(self, thing: str) -> Document:
        uid = identity(0, self.cluster, "namespace", thing)
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata(thing, uid, 0, labels=namespace_labels(thing)),
            "spec": {},
            "status": {"phase": "Active"},
        }


class Made(Resource[Document]):
    """Objects that somebody makes. They stand for nothing of the world; what they do to it is another matter."""

    def __init__(self, world: World, cluster: str) -> None:
        super().__init__(world, cluster)
        self.made: dict[Key, Document] = {}

    def all(self) -> Iterator[tuple[Key, Document]]:
        yield from self.made.items()

    def judge_new(self, body: Document) -> None:
        """Take what comes."""

    def create(self, namespace: str, body: Document) -> Document:
        name, world = body["metadata"]["name"], self.world
        own = {"name": name, "uid": identity(world.seed, self.cluster, self.plural, namespace, name, world.now)}
        meta = {**body["metadata"], **own, "namespace": namespace, "creationTimestamp": stamp(world.now)}
        kept = {**body, "apiVersion": self.api_version, "kind": self.kind, "metadata": meta}
        self.made[Key(namespace, name)] = kept
        return kept

    def document(self, thing: Document) -> Document:
        return thing

    def delete(self, thing: Document) -> None:
        del self.made[Key(thing["metadata"]["namespace"], thing["metadata"]["name"])]


class Events(Made):
    """What was noted of other objects; the oldest are forgotten."""

    group, plural, kind = "events.k8s.io", "events", "Event"

    def create(self, namespace: str, body: Document) -> Document:
        while len(self.made) >= EVENTS_KEPT:
            del self.made[next(iter(self.made))]
        return super().create(namespace, body)


class ResourceQuotas(Made):
    """How many GPUs the pods of a namespace may ask for: what runs goes on, and no more comes."""

    plural, kind = "resourcequotas", "ResourceQuota"
    owned = (HARD[:-1],)

    def judge_new(self, body: Document) -> None:
        try:
            self._limit_of(body)
        except Refused as refusal:  # what cannot be read at all never comes to be judged
            raise bad(str(refusal)) from refusal

    def create(self, namespace: str, body: Document) -> Document:
        made = super().create(namespace, body)
        self._set(namespace)
        return made

    def document(self, thing: Document) -> Document:
        used = self.world.gpus_asked_for(self.cluster, thing["metadata"]["namespace"])
        return {**thing, "status": {"hard": value(thing, HARD[:-1]) or {}, "used": {HARD[-1]: str(used)}}}

    def judge(self, thing: Document, before: Document, after: Document) -> None:
        super().judge(thing, before, after)
        self._limit_of(after)

    def obey(self, thing: Document, before: Document, after: Document, who: str) -> None:
        super().obey(thing, before, after, who)
        thing["spec"] = after["spec"]
        self._set(thing["metadata"]["namespace"])

    def delete(self, thing: Document) -> None:
        super().delete(thing)
        self._set(thing["metadata"]["namespace"])

    def _set(self, namespace: str) -> None:
        """Let the tightest quota of a namespace hold."""
        limits = [self._limit_of(each) for key, each in self.made.items() if key.namespace == namespace]
        known = [limit for limit in limits if limit is not None]
        quotas = self.world.scheduler.quotas
        if known:
            quotas[(self.cluster, namespace)] = min(known)
        else:
            quotas.pop((self.cluster, namespace), None)

    def _limit_of(self, document: Document) -> int | None:
        """Return how many GPUs it allows; None where it says nothing of them. Raises Refused."""
        written = value(document, HARD)
        if written is None:
            return None
        if not str(written).isdecimal():
            raise self.invalid(document, HARD, "must be a whole number")
        return int(str(written))
