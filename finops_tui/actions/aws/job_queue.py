"""AWS Batch job queues: open for new jobs, or closed. What runs or waits in one goes on either way."""

# ruff: noqa: ARG002 - each kind of thing takes what it needs of what all of them are given

from __future__ import annotations

from finops_tui.actions.aws.grants import Grant
from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.thing import AwsThing, tag_by_arn
from finops_tui.actions.base import Result
from finops_tui.actions.cloud.things import About, Edit, Fields, Ref, State, not_there
from finops_tui.actions.effects import NOTHING, Effects
from finops_tui.actions.emptied import Saving
from finops_tui.actions.objectives import Danger
from finops_tui.actions.words import plain
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Risk

SERVICE = "batch"
STATE = "state"
OPEN, CLOSED = "ENABLED", "DISABLED"
RESOURCE = "batch:{region}:{account}:job-queue/*"
READY = frozenset({"VALID", "UPDATING", "INVALID"})


class JobQueue(AwsThing):
    kind = "job-queue"
    order = (STATE,)
    grants = (
        Grant(actions=("batch:DescribeJobQueues",)),
        Grant(actions=("batch:UpdateJobQueue",), resource=RESOURCE, writes=True),
        Grant(actions=("batch:TagResource", "batch:UntagResource"), resource=RESOURCE, writes=True, tags=True),
    )

    async def read(self, hands: AwsHands, ref: Ref) -> State:
        answer = await hands.read(ref.place, SERVICE, "DescribeJobQueues", jobQueues=[ref.name])
        found = next(iter(answer["jobQueues"]), None)
        if found is None:
            raise not_there(ref)
        return State(
            ref=ref,
            id=str(found["jobQueueArn"]),
            fields={STATE: str(found[STATE])},
            tags=found.get("tags") or {},
            raw=found,
        )

    def fit(self, state: State, wanted: Fields) -> None:
        if state.raw.get("status", "VALID") not in READY:
            raise ActionError(f"{state.ref.shown} cannot be changed now", f"it is {plain(state.raw['status'])}")

    async def write(self, hands: AwsHands, state: State, edit: Edit, token: str) -> str:
        """Set the state: setting the same twice is as setting it once."""
        await hands.write(edit.ref.place, SERVICE, "UpdateJobQueue", jobQueue=edit.ref.name, state=edit.set[STATE])
        return ""

    async def tag(self, hands: AwsHands, state: State, value: str) -> None:
        await tag_by_arn(hands, SERVICE, state, value)

    def requests(self, wanted: Fields) -> tuple[str, ...]:
        return ("batch:UpdateJobQueue",)

    def foresee(self, state: State, wanted: Fields, about: About) -> Effects:
        if wanted[STATE] == OPEN:
            saving = Saving(None, "what new jobs cost is not known")
        else:
            saving = Saving(
                0.0,
                "nothing by itself: no job comes any more, those that run or wait go on, and cost",
                until_then="its machines go as its jobs end; a compute environment keeps its minvCpus",
            )
        return Effects(
            saving=saving,
            danger=Danger(Risk.NONE, "no SLO reads from a queue of batch jobs"),
            touches=f"1 job queue, {'open' if wanted[STATE] == OPEN else 'closed'} for new jobs",
            loses=NOTHING,
        )

    def followed(self, state: State, edit: Edit) -> Result:
        if state.raw.get("status") == "UPDATING":
            return Result(outcome=Outcome.APPLIED, words=f"Batch is updating {state.ref.shown}.")
        return Result(outcome=Outcome.DONE, words=f"{state.ref.shown} is {state.fields[STATE]}.")
