"""What all that owns pods has in common as an object: its metadata, its notes, the pods that it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, TypeVar

from finops_tui.simulation.api.answers import Document
from finops_tui.simulation.api.documents import Path, metadata, value
from finops_tui.simulation.api.resource import Key, Resource
from finops_tui.simulation.api.store import Written
from finops_tui.simulation.machines import Work
from finops_tui.simulation.readings import CPU_PER_GPU, workload_of

NOTES: Path = ("metadata", "annotations")
OURS, PLAN = "finops-tui/", "finops-tui/plan"
"""Annotations under this prefix are told with the workload, but for the one that only the actions look at."""
GPUS = "nvidia.com/gpu"
ARGO_ID = "argocd.argoproj.io/tracking-id"
SYNCED_TRAINING = ("nlp-train", "ranking")
"""Namespaces whose jobs come from Git; services do wherever somebody owns them."""

W = TypeVar("W", bound=Work)


class Works(Resource[W]):
    """Objects that stand for a work of the world, one for one."""

    written: ClassVar[Mapping[Path, str]] = {}
    """By which name the world remembers who decided a field."""

    def meta(self, work: Work) -> Document:
        told = workload_of(work)
        notes = dict(told.annotations)
        app = app_of(work)
        if app:
            notes[ARGO_ID] = f"{app}:{self.group}/{self.kind}:{work.namespace}/{work.name}"
        return metadata(
            work.name, told.uid, work.created_at,
            namespace=work.namespace, labels=told.labels, annotations=notes,
        )  # fmt: skip

    def key(self, work: Work) -> Key:
        return Key(work.namespace, work.name)

    def writers(self, thing: W) -> Mapping[Path, Written]:
        known = thing.written
        return {path: known[name] for path, name in self.written.items() if name in known}

    def obey(self, thing: W, before: Document, after: Document, who: str) -> None:
        del who
        old, new = value(before, NOTES) or {}, value(after, NOTES) or {}
        ours = {name for name in old.keys() | new.keys() if name.startswith(OURS) and name != PLAN}
        moved = sorted(name for name in ours if old.get(name) != new.get(name))
        for name in moved:
            if name in new:
                thing.notes[name] = new[name]
            else:
                thing.notes.pop(name, None)
        if moved:
            self.world.news.work(thing)


def app_of(work: Work) -> str:
    """Return the Argo CD application that a work belongs to; empty for none."""
    from_git = work.kind == "Deployment" and work.namespace != "tmp-eval"
    return work.namespace if from_git or (work.kind == "Job" and work.namespace in SYNCED_TRAINING) else ""


def template(work: Work, labels: Mapping[str, str]) -> Document:
    """Return what its pods are made from."""
    limits = {GPUS: str(work.gpus), "cpu": f"{CPU_PER_GPU * work.gpus:g}"}
    image = f"registry.example/{work.name}" + (f":{work.image}" if work.image else "")
    container = {"name": "main", "image": image, "resources": {"limits": limits, "requests": limits}}
    spec = {
        "containers": [container],
        "restartPolicy": work.restart_policy,
        "priorityClassName": work.priority_class,
    }
    return {"metadata": {"labels": dict(labels)}, "spec": spec}
