"""Actions on AWS: those on any cloud, with what IAM must allow for them."""

from __future__ import annotations

from collections.abc import Mapping

from finops_tui.actions.aws.grants import Grant
from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.aws.thing import AwsThing
from finops_tui.actions.cloud.action import CloudAction
from finops_tui.actions.cloud.places import AWS


class AwsAction(CloudAction[AwsHands]):
    cloud = AWS

    def __init__(self, hands: AwsHands, things: Mapping[str, AwsThing]) -> None:
        super().__init__(hands, things)
        self._granted = tuple(dict.fromkeys(grant for thing in things.values() for grant in thing.grants))

    def iam(self) -> tuple[Grant, ...]:
        """Return all that IAM must ever allow for it."""
        return self._granted
