"""What IAM must allow, and the least policy that does: nothing that no action sends."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from finops_tui.actions.cloud.note import ALLOWED, ALLOWED_TAG, UNDO_TAG
from finops_tui.actions.cloud.places import Place

VERSION = "2012-10-17"
"""Of the policy language, the newest there is."""
ANYWHERE = Place("*", "*")
_OWN_TAGS = {"ForAllValues:StringEquals": {"aws:TagKeys": [UNDO_TAG]}}
_ALLOWED = {f"aws:ResourceTag/{ALLOWED_TAG}": ALLOWED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Some requests on some things."""

    actions: tuple[str, ...]
    """As IAM names them: `autoscaling:UpdateAutoScalingGroup`."""
    resource: str = ""
    """ARN from the service on: `ec2:{region}:{account}:instance/*`; empty where IAM knows no resource for it."""
    writes: bool = False
    tags: bool = False
    """Whether it sets or takes away tags: no others than this program's own."""
    only_allowed: bool = False
    """Whether the action itself asks for the tag by which somebody allows it."""

    def conditions(self, *, only_allowed: bool) -> dict[str, Any]:
        found: dict[str, Any] = dict(_OWN_TAGS) if self.tags else {}
        if self.only_allowed or (only_allowed and self.writes):
            found["StringEquals"] = _ALLOWED
        return found

    def resources(self, places: Sequence[Place]) -> tuple[str, ...]:
        if not self.resource:
            return ("*",)
        return tuple(
            f"arn:aws:{self.resource.format(account=place.account, region=place.region)}"
            for place in places or [ANYWHERE]
        )


def policy(grants: Iterable[Grant], places: Sequence[Place] = (), *, only_allowed: bool = False) -> dict[str, Any]:
    """Return an IAM policy, for some accounts and regions or for all.

    With `only_allowed` nothing may be changed that does not carry the tag `finops-tui: allowed`.
    """
    statements: defaultdict[tuple[bool, tuple[str, ...], str], set[str]] = defaultdict(set)
    for grant in dict.fromkeys(grants):
        conditions = json.dumps(grant.conditions(only_allowed=only_allowed), sort_keys=True)
        statements[(grant.writes, grant.resources(places), conditions)] |= set(grant.actions)
    return {
        "Version": VERSION,
        "Statement": [
            {
                "Sid": f"FinopsTui{'Changes' if writes else 'Looks'}{number}",
                "Effect": "Allow",
                "Action": sorted(actions),
                "Resource": list(resources),
                **({"Condition": json.loads(conditions)} if conditions != "{}" else {}),
            }
            for number, ((writes, resources, conditions), actions) in enumerate(sorted(statements.items()), 1)
        ],
    }


def policy_json(grants: Iterable[Grant], places: Sequence[Place] = (), *, only_allowed: bool = False) -> str:
    """Return the policy as a person pastes it into IAM."""
    return json.dumps(policy(grants, places, only_allowed=only_allowed), indent=2)
