"""Pausing and resuming what runs at AWS and in no cluster. Its keys are `aws/ACCOUNT/REGION/Kind/service/name`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finops_tui.actions.aws import job_queue, machine, training_job
from finops_tui.actions.aws.action import AwsAction
from finops_tui.actions.cloud.action import Intent
from finops_tui.actions.cloud.places import place_named
from finops_tui.actions.cloud.things import Fields, Ref, look
from finops_tui.actions.effects import View
from finops_tui.actions.resolve import parts
from finops_tui.errors import ActionError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Target, TargetKind
from finops_tui.model.snapshot import Snapshot

KINDS: Mapping[tuple[str, str], str] = {
    ("TrainingJob", training_job.SERVICE): training_job.TrainingJob.kind,
    ("JobQueue", job_queue.SERVICE): job_queue.JobQueue.kind,
    ("Instance", machine.SERVICE): machine.Machine.kind,
}
"""Kind of a ref, by the kind and the service in a target's key."""
PAUSED: Mapping[str, Fields] = {
    training_job.TrainingJob.kind: {training_job.STATE: training_job.STOPPED},
    job_queue.JobQueue.kind: {job_queue.STATE: job_queue.CLOSED},
    machine.Machine.kind: {machine.STATE: machine.STOPPED},
}
RUNS: Mapping[str, Fields] = {
    job_queue.JobQueue.kind: {job_queue.STATE: job_queue.OPEN},
    machine.Machine.kind: {machine.STATE: machine.RUNNING},
}


class _Switch(AwsAction):
    """One of two ways in which a thing can be."""

    applies_to = frozenset({TargetKind.WORKLOAD})
    ways: Mapping[str, Fields]
    """How it is set, by kind."""
    words: str
    """What it is then."""

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        (ref,) = await self.refs(target, fleet)
        wanted = self.ways.get(ref.kind)
        if wanted is None:
            raise ActionError(f"{ref.shown} cannot be {self.words}", "what has been stopped of it is over")
        state = await look(self.hands, self.things[ref.kind], ref)
        if state.fields == wanted:
            raise ActionError(f"{ref.shown} is {self.words} already", "there is nothing to change")
        verb = "Stop" if not self.things[ref.kind].undoable else self.title
        back = ", ".join(f"{name} = {value}" for name, value in state.fields.items())
        intent = Intent(
            action=self.id,
            title=f"{verb} {ref.name}",
            wanted=wanted,
            undo=f"sets {back}",
            parameters=parameters,
        )
        return await self.made(target, state, intent, View(snapshot, fleet, now))

    async def refs(self, target: Target, fleet: Fleet) -> tuple[Ref, ...]:  # noqa: ARG002 - its name tells
        return (ref_of(target),)


class Pause(_Switch):
    id = "pause"
    key = "p"
    title = "Pause"
    about = "Closes a Batch queue, stops a tagged EC2 machine, ends a SageMaker training job; the last for good."
    ways = PAUSED
    words = "paused"


class Resume(_Switch):
    id = "resume"
    key = "P"
    title = "Resume"
    about = "Opens a Batch queue, starts an EC2 machine."
    ways = RUNS
    words = "resumed"


def ref_of(target: Target) -> Ref:
    """Return what a target stands for. Raises ActionError for a key that names nothing here."""
    place = place_named(target.cluster)
    if place is None:
        raise ActionError(f"{target.name} is not at AWS", f"{target.cluster} names no account and region")
    kind, service, name = parts(target)
    found = KINDS.get((kind, service))
    if found is None:
        known = ", ".join(f"{each} of {of}" for each, of in KINDS)
        raise ActionError(f"{target.name} cannot be changed from here", f"known are {known}")
    return Ref(kind=found, account=place.account, region=place.region, name=name)
