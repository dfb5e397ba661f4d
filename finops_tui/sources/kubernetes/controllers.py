"""What makes pods: how many it wants, what it belongs to, and who touched it last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes import objects
from finops_tui.sources.kubernetes.annotations import checkpoint_at, kept_annotations
from finops_tui.sources.kubernetes.labels import kept_labels
from finops_tui.sources.kubernetes.quantities import GpuScale
from finops_tui.sources.kubernetes.templates import NO_TEMPLATE, TemplateFacts, read_template
from finops_tui.sources.kubernetes.writers import NOBODY, Write, last_scaling, last_write

_DECODER = msgspec.json.Decoder(objects.Controller)
_PLAIN_SCALE = GpuScale()
ENDINGS: Mapping[str, str] = {
    "Complete": "completed",
    "Completed": "completed",
    "Succeeded": "completed",
    "Failed": "failed",
}
"""Conditions of jobs of all kinds that say that they are over, and how."""


class Group(msgspec.Struct, frozen=True):
    """Pods that are alike."""

    name: str = ""
    """Empty where a controller has but one kind of pod."""
    replicas: int | None = None
    """As configured, also while it is paused or over."""
    template: TemplateFacts = NO_TEMPLATE

    @property
    def gpus_each(self) -> float:
        return _PLAIN_SCALE.gpus(self.template.requests)


class ControllerFacts(msgspec.Struct, frozen=True):
    uid: str
    kind: str
    namespace: str
    name: str
    owner: tuple[str, str] | None
    """Kind and name of its own controller."""
    labels: objects.Labels
    annotations: objects.Labels
    """Only those that are understood."""
    created_at: datetime | None
    generation: int = 0
    replicas: int | None = None
    """How many pods it wants now."""
    suspended: bool = False
    groups: tuple[Group, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    """Further numbers and words that say how much it may ask for, by name: (`schedule`, `0 1 * * *`)."""
    written: Write = NOBODY
    """By whoever wrote to it last, its status apart."""
    scaled: Write = NOBODY
    """By whoever set its replicas, and nothing else, last."""
    rolled_out_at: datetime | None = None
    """When its last rollout ended, where it says."""
    ended: str = ""
    """`completed` or `failed`."""
    ended_at: datetime | None = None
    suspended_at: datetime | None = None
    deadline_at: datetime | None = None
    checkpoint_at: datetime | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        return (self.kind, self.namespace, self.name)

    @property
    def gpus(self) -> float:
        """How many GPUs it asks for when it runs."""
        return sum((group.replicas or 0) * group.gpus_each for group in self.groups)

    @property
    def needs_gpus(self) -> bool:
        return any(group.gpus_each for group in self.groups)


def controller_reader(kind: str, keep: Sequence[str] = ()) -> Callable[[msgspec.Raw], ControllerFacts]:
    """Return a reader for one of Kubernetes' own kinds; `keep` names annotations to keep beside the usual ones."""

    def read(item: msgspec.Raw) -> ControllerFacts:
        controller = _DECODER.decode(item)
        spec, status = controller.spec, controller.status
        conditions = held_conditions(status.conditions)
        ended, ended_at = ending(conditions)
        replicas = wanted = spec.replicas
        template: msgspec.Raw = spec.template
        if kind == "DaemonSet":
            replicas = wanted = status.desired_number_scheduled
        elif kind == "Job":
            replicas = spec.parallelism
            wanted = 0 if ended or spec.suspend else replicas
        elif kind == "CronJob" and spec.job_template is not None:
            template = spec.job_template.spec.template
            replicas = spec.job_template.spec.parallelism or 1
        progress, suspended = conditions.get("Progressing"), conditions.get("Suspended")
        rolled_out = progress is not None and progress.reason == "NewReplicaSetAvailable"
        return msgspec.structs.replace(
            common_facts(kind, controller.metadata, keep),
            replicas=wanted,
            suspended=spec.suspend,
            groups=(Group("", replicas, read_template(bytes(template))),),
            settings=(("schedule", one_line(spec.schedule)),) if spec.schedule else (),
            rolled_out_at=progress.last_update_time if progress is not None and rolled_out else None,
            ended=ended,
            ended_at=ended_at,
            suspended_at=suspended.last_transition_time if suspended else None,
            deadline_at=deadline(status.start_time, spec.active_deadline_seconds),
        )

    return read


def common_facts(kind: str, metadata: objects.ManagedMetadata, keep: Sequence[str]) -> ControllerFacts:
    """Return what the metadata of any controller say."""
    owner = metadata.controller
    annotations = kept_annotations(metadata.annotations, keep)
    return ControllerFacts(
        uid=one_line(metadata.uid),
        kind=kind,
        namespace=one_line(metadata.namespace),
        name=one_line(metadata.name),
        owner=(one_line(owner.kind), one_line(owner.name)) if owner is not None else None,
        labels=kept_labels(metadata.labels),
        annotations=annotations,
        created_at=metadata.creation_timestamp,
        generation=metadata.generation,
        written=last_write(metadata),
        scaled=last_scaling(metadata),
        checkpoint_at=checkpoint_at(annotations),
    )


def held_conditions(conditions: list[objects.Condition] | None) -> dict[str, objects.Condition]:
    """Return the conditions that are so, by type."""
    return {condition.type: condition for condition in conditions or () if condition.status == "True"}


def ending(conditions: Mapping[str, objects.Condition]) -> tuple[str, datetime | None]:
    """Return how and when it ended; empty while it has not."""
    for condition, ended in ENDINGS.items():
        if condition in conditions:
            return ended, conditions[condition].last_transition_time
    return "", None


def deadline(started_at: datetime | None, seconds: float | None) -> datetime | None:
    """Return when something that may run for so many seconds is ended."""
    if started_at is None or seconds is None:
        return None
    try:
        return started_at + timedelta(seconds=seconds)
    except OverflowError:
        return None
