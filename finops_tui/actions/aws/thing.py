"""What all things at AWS have in common: an ARN that says in which account they are, and grants of IAM's."""

from __future__ import annotations

from finops_tui.actions.aws.grants import Grant
from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.cloud.note import UNDO_TAG
from finops_tui.actions.cloud.things import State, Thing
from finops_tui.errors import ActionError


async def tag_by_arn(hands: AwsHands, service: str, state: State, value: str) -> None:
    """Write the way back on a thing whose service takes tags by ARN, or take it away where it is empty."""
    if value:
        await hands.write(state.ref.place, service, "TagResource", resourceArn=state.id, tags={UNDO_TAG: value})
    else:
        await hands.write(state.ref.place, service, "UntagResource", resourceArn=state.id, tagKeys=[UNDO_TAG])


class AwsThing(Thing[AwsHands]):
    grants: tuple[Grant, ...]

    def check(self, state: State) -> None:
        """Raise ActionError where credentials lead into another account than they should."""
        ref, arn = state.ref, state.id
        account = arn.split(":")[4] if arn.count(":") > 4 else ""  # noqa: PLR2004 - arn:aws:service:region:account
        if account != ref.account:
            raise ActionError(
                f"{ref.shown} is in account {account or 'unknown'}, not in {ref.account}",
                "the credentials lead into another account",
                "Check the profile or role of that account.",
            )
