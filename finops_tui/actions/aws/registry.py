"""Every action on AWS that there is, and the policy that they take together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from finops_tui.actions.aws.action import AwsAction
from finops_tui.actions.aws.anomaly import Anomaly
from finops_tui.actions.aws.feedback import Feedback
from finops_tui.actions.aws.grants import Grant, policy_json
from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.job_queue import JobQueue
from finops_tui.actions.aws.machine import Machine
from finops_tui.actions.aws.node_group import NodeGroup
from finops_tui.actions.aws.pause import Pause, Resume
from finops_tui.actions.aws.resize import AwsResize
from finops_tui.actions.aws.scaling_group import ScalingGroup
from finops_tui.actions.aws.thing import AwsThing
from finops_tui.actions.aws.training_job import TrainingJob
from finops_tui.actions.cloud.places import Place


def aws_actions(hands: AwsHands) -> tuple[Pause, Resume, Feedback, AwsResize]:
    """Return them all."""
    groups = by_kind(ScalingGroup(), NodeGroup())
    switched = by_kind(TrainingJob(), JobQueue(), Machine())
    found = by_kind(Anomaly())
    return Pause(hands, switched), Resume(hands, switched), Feedback(hands, found), AwsResize(hands, groups)


def by_kind(*things: AwsThing) -> Mapping[str, AwsThing]:
    return {thing.kind: thing for thing in things}


def iam_policy(actions: Iterable[AwsAction], places: Sequence[Place] = (), *, only_allowed: bool = False) -> str:
    """Return the least IAM policy for some actions, as JSON; for some accounts and regions, or for all.

    With `only_allowed` nothing may be changed that does not carry the tag `finops-tui: allowed`.
    """
    grants: dict[Grant, None] = dict.fromkeys(grant for action in actions for grant in action.iam())
    return policy_json(grants, places, only_allowed=only_allowed)
