"""A limit on the GPUs of a namespace for some hours: what runs goes on, no more comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from finops_tui.actions.base import Permission
from finops_tui.actions.effects import View
from finops_tui.actions.events import EVENTS
from finops_tui.actions.kinds import NAMESPACE, Kind
from finops_tui.actions.kubernetes import KubernetesAction
from finops_tui.actions.quotas import ACTION, PERMISSIONS, quota_plan
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Plan, Target, TargetKind
from finops_tui.model.snapshot import Snapshot


class Quota(KubernetesAction):
    id = ACTION
    key = "Q"
    title = "Quota"
    about = "Limits the GPUs that a namespace may ask for, for some hours; what runs goes on."
    applies_to = frozenset({TargetKind.NAMESPACE})

    async def plan(
        self, target: Target, parameters: Mapping[str, str], snapshot: Snapshot, fleet: Fleet, now: datetime
    ) -> Plan:
        return await quota_plan(self._client(target), self.hands, target, parameters, View(snapshot, fleet, now))

    def works_on(self, kind: Kind) -> bool:
        return kind is NAMESPACE

    def writes(self, kind: Kind, namespace: str = "") -> tuple[Permission, ...]:  # noqa: ARG002 - there is one kind
        return tuple(replace(each, namespace=namespace) if each.namespaced else each for each in PERMISSIONS)

    def grants(self) -> tuple[Permission, ...]:
        return (*PERMISSIONS, *EVENTS)
