"""SageMaker training jobs: stopped for good. What a job has saved by then is all that is left of it."""

# ruff: noqa: ARG002 - each kind of thing takes what it needs of what all of them are given

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from finops_tui.actions.aws.grants import Grant
from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.serving import endangered, usd_of
from finops_tui.actions.aws.thing import AwsThing
from finops_tui.actions.base import Result
from finops_tui.actions.cloud.things import About, Edit, Fields, Ref, State, line
from finops_tui.actions.effects import Effects
from finops_tui.actions.emptied import Saving
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError
from finops_tui.model.plan import FieldChange, Outcome, Reverter
from finops_tui.phrases import clock, counted, dollars, span

SERVICE = "sagemaker"
STATE = "TrainingJobStatus"
RUNNING, STOPPED = "InProgress", "Stopped"
COUNT = "machines.count"
GRACE = timedelta(seconds=120)
"""Between SIGTERM and SIGKILL (SageMaker, StopTrainingJob): its last chance to save its work."""
RESOURCE = "sagemaker:{region}:{account}:training-job/*"
HOUR = timedelta(hours=1)


class TrainingJob(AwsThing):
    kind = "training-job"
    order = (STATE,)
    grants = (
        Grant(actions=("sagemaker:DescribeTrainingJob",), resource=RESOURCE),
        Grant(actions=("sagemaker:StopTrainingJob",), resource=RESOURCE, writes=True),
    )
    undoable = False

    async def read(self, hands: AwsHands, ref: Ref) -> State:
        found = await hands.read(ref.place, SERVICE, "DescribeTrainingJob", TrainingJobName=ref.name)
        actual = str(found[STATE])
        return State(
            ref=ref,
            id=str(found["TrainingJobArn"]),
            fields={STATE: STOPPED if actual == "Stopping" else actual},
            tags={},
            raw=found,
        )

    def fit(self, state: State, wanted: Fields) -> None:
        if state.fields[STATE] != RUNNING:
            raise ActionError(f"{state.ref.shown} does not run", f"it is {plain(state.raw[STATE])}")

    async def write(self, hands: AwsHands, state: State, edit: Edit, token: str) -> str:
        """Stop it: SageMaker refuses a second time, and the job's own state says that it was done."""
        await hands.write(edit.ref.place, SERVICE, "StopTrainingJob", TrainingJobName=edit.ref.name)
        return ""

    async def tag(self, hands: AwsHands, state: State, value: str) -> None:
        """Leave nothing on it: there is no way back."""

    def requests(self, wanted: Fields) -> tuple[str, ...]:
        return ("sagemaker:StopTrainingJob",)

    def lines(self, state: State, wanted: Fields) -> tuple[FieldChange, ...]:
        """Return the change of state, and of how many machines run: rules on sizes are about that."""
        count = machines(state.raw)
        return (*super().lines(state, wanted), line(state.ref, COUNT, "–" if count is None else count, 0))

    def foresee(self, state: State, wanted: Fields, about: About) -> Effects:
        count, now = machines(state.raw), about.view.now
        usd = usd_of(about, count)
        kept = int((state.raw.get("ResourceConfig") or {}).get("KeepAlivePeriodInSeconds") or 0)
        warm = f"; its machines may be kept warm, and billed, for {span(timedelta(seconds=kept))} more" if kept else ""
        what = "its machines" if count is None else counted(count, "machine")
        return Effects(
            saving=Saving(
                usd,
                f"once {what} are released, about {clock(now + GRACE, now)}",
                at=now + GRACE + timedelta(seconds=kept),
                until_then=f"it has {span(GRACE)} to save its work, and is billed for them{warm}",
            ),
            danger=endangered(about),
            touches=f"1 training job, {what}",
            nodes=count or 0,
            loses=_loses(state.raw, usd, now),
        )

    def followed(self, state: State, edit: Edit) -> Result:
        actual = str(state.raw[STATE])
        if actual == "Stopping":
            waits = f"{state.ref.shown} is stopping; it has {span(GRACE)} to save its work"
            return Result(outcome=Outcome.APPLIED, words=f"Waiting: {waits}.")
        return Result(outcome=Outcome.DONE, words=f"{state.ref.shown} is {plain(actual)}.")

    async def under_way(self, hands: AwsHands, state: State, token: str) -> Result | None:
        """Count a job that ended by itself meanwhile as done: it costs nothing any more, either."""
        if state.raw[STATE] in {"Completed", "Failed"}:
            return Result(outcome=Outcome.DONE, words=f"{state.ref.shown} had ended by itself: {state.raw[STATE]}.")
        return None

    async def reverters(self, hands: AwsHands, state: State) -> tuple[Reverter, ...]:
        makers = {"TuningJobArn": "tuning job", "AutoMLJobArn": "AutoML job", "LabelingJobArn": "labeling job"}
        return tuple(
            Reverter(
                who=what,
                words=f"{what} {plain(state.raw[key]).rpartition('/')[2]} may start another",
                advice=f"stop the {what}",
            )
            for key, what in makers.items()
            if state.raw.get(key)
        )


def machines(job: Mapping[str, Any]) -> int | None:
    """Return on how many machines a job runs; None where it does not say."""
    config = job.get("ResourceConfig") or {}
    counts = [each.get("InstanceCount") for each in config.get("InstanceGroups") or [config]]
    return None if None in counts else sum(counts)


def _loses(job: Mapping[str, Any], usd: float | None, now: datetime) -> str:
    begun = job.get("TrainingStartTime")
    if (job.get("CheckpointConfig") or {}).get("S3Uri"):
        return "what it has not saved to its checkpoints in S3 by then; the job itself cannot go on, a new one can"
    if not isinstance(begun, datetime):
        return "all its work: it saves no checkpoints"
    worth = f" (≈{dollars(usd * max(0.0, (now - begun) / HOUR))})" if usd is not None else ""
    return f"{span(now - begun)} of work since {clock(begun, now)}{worth}: it saves no checkpoints"
