"""What an API server keeps of its objects beside what the world is: notes, versions, and who wrote what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from finops_tui.simulation.api.answers import Document
from finops_tui.simulation.api.documents import Path, merged, stamp
from finops_tui.simulation.machines import YOU

Written = tuple[str, int]
"""Who, and when (unix seconds)."""
OURSELVES = "finops-tui"
"""Field manager of what is done with this program."""
CONTROLLERS = "kube-controller-manager"
MOST = 2_000
"""Objects of which something is known; a cluster of the simulation has some 200 at a time."""
MANAGERS = {YOU: OURSELVES, "hpa": CONTROLLERS, "keda": "keda-operator", "argocd": "argocd-controller"}
"""Field managers of those whom the world knows by shorter names."""


@dataclass(slots=True)
class Kept:
    """Of one object."""

    patches: list[Mapping[str, Any]] = field(default_factory=list)
    """All that was written and that the world has no place for, in order."""
    writers: dict[Path, Written] = field(default_factory=dict)
    """Who wrote which field, where the world does not know it."""
    seen: tuple[Any, ...] = ()
    """What it was when its version was last looked at: its spec first."""
    version: int = 0
    generation: int = 0


class Store:
    """By uid. Versions are counted for all objects together, as in a real one, and begin at a number of the seed."""

    def __init__(self, first_version: int) -> None:
        self._version = first_version
        self._kept: dict[str, Kept] = {}

    def keep(self, uid: str, patch: Mapping[str, Any]) -> None:
        """Remember what was written and that the world has no place for."""
        if patch:
            self._of(uid).patches.append(patch)

    def written(self, uid: str, fields: Iterable[Path], who: str, now: int) -> None:
        """Remember who wrote some fields."""
        self._of(uid).writers |= dict.fromkeys(fields, (who, now))

    def complete(self, document: Document, writers: Mapping[Path, Written], *, observes: bool = False) -> Document:
        """Return an object of the world with what was written to it, its version, and who wrote it."""
        kept = self._of(document["metadata"]["uid"])
        told = document
        for patch in kept.patches:
            told = merged(told, patch)
        meta = told["metadata"]
        seen = (told.get("spec"), meta.get("annotations"), meta.get("labels"))
        if seen != kept.seen:
            self._version += 1
            kept.version = self._version
            kept.generation += kept.seen[:1] != seen[:1]
            kept.seen = seen
        if observes:
            told["status"] = told["status"] | {"observedGeneration": kept.generation}
        told["metadata"] = meta | {
            "resourceVersion": str(kept.version),
            "generation": kept.generation,
            "managedFields": _managed(told["apiVersion"], {**kept.writers, **writers}),
        }
        return told

    def _of(self, uid: str) -> Kept:
        kept = self._kept.get(uid)
        if kept is None:
            if len(self._kept) >= MOST:  # most are pods that are long gone; nothing was ever written to them
                self._kept = {known: each for known, each in self._kept.items() if each.patches or each.writers}
            kept = self._kept[uid] = Kept()
        return kept


def _managed(api_version: str, writers: Mapping[Path, Written]) -> list[Document]:
    entries: defaultdict[tuple[str, str], list[tuple[Path, int]]] = defaultdict(list)
    for path, (who, at) in writers.items():
        entries[(MANAGERS.get(who, who), "scale" if who == "hpa" else "")].append((path, at))
    return [
        {
            "manager": manager,
            "operation": "Update",
            "apiVersion": api_version,
            "time": stamp(max(at for _, at in fields)),
            "fieldsType": "FieldsV1",
            "fieldsV1": _fields([path for path, _ in fields]),
        }
        | ({"subresource": part} if part else {})
        for (manager, part), fields in sorted(entries.items())
    ]


def _fields(paths: list[Path]) -> Document:
    tree: Document = {}
    for path in paths:
        here = tree
        for key in path:
            here = here.setdefault(f"f:{key}", {})
    return tree
