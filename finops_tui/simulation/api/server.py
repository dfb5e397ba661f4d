"""The API server of one simulated cluster."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from finops_tui.simulation.api import access, answers, discovery
from finops_tui.simulation.api.answers import Document, Refused
from finops_tui.simulation.api.apps import Deployments, ReplicaSets, StatefulSets
from finops_tui.simulation.api.autoscaling import HorizontalPodAutoscalers, ScaledObjects
from finops_tui.simulation.api.batch import CronJobs, Jobs
from finops_tui.simulation.api.conditions import check, hold, wanted
from finops_tui.simulation.api.documents import leaves, merged, value, without
from finops_tui.simulation.api.gitops import Applications
from finops_tui.simulation.api.namespaces import Events, Namespaces, ResourceQuotas
from finops_tui.simulation.api.nodes import KARPENTER_CLOUD, NodeClaims, NodePools, Nodes
from finops_tui.simulation.api.paths import Place, parsed
from finops_tui.simulation.api.pods import PodDisruptionBudgets, Pods
from finops_tui.simulation.api.resource import Key, Resource
from finops_tui.simulation.api.store import OURSELVES, Store
from finops_tui.simulation.machines import YOU
from finops_tui.simulation.randomness import identity

if TYPE_CHECKING:
    from finops_tui.simulation.world import World

JSON = "application/json"
EVERYWHERE: tuple[type[Resource[Any]], ...] = (
    Applications,
    CronJobs,
    Deployments,
    Events,
    HorizontalPodAutoscalers,
    Jobs,
    Namespaces,
    Nodes,
    PodDisruptionBudgets,
    Pods,
    ReplicaSets,
    ResourceQuotas,
    StatefulSets,
)
IDENTITY = (
    *(("metadata", name) for name in ("name", "namespace", "uid", "resourceVersion")), ("apiVersion",), ("kind",),
    ("status",),
)  # fmt: skip
"""What a patch may name and never changes; a status is its controller's business."""
REVIEWS = {access.RIGHTS: access.rights, access.IDENTITY: access.identity}
SUCCESS: Document = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 200}


class SimulatedApi:
    """Answers as a Kubernetes API server would; what is written happens in the world, at once and in its time.

    It acts on the loop on which the world moves on, and costs nothing while nobody asks.
    """

    def __init__(self, world: World, cluster: str) -> None:
        self._world = world
        clouds = {pool.cluster.cloud for pool in world.pools.values() if pool.cluster.name == cluster}
        kinds = list(EVERYWHERE)
        if KARPENTER_CLOUD in clouds:
            kinds += [NodeClaims, NodePools]
        if any(service.scaler == "keda" and service.cluster == cluster for service in world.services):
            kinds.append(ScaledObjects)
        self._served = [kind(world, cluster) for kind in kinds]
        self._store = Store(int(identity(world.seed, cluster, "versions")[:6], 16))

    async def send(
        self, method: str, path: str, body: object = None, *, query: Mapping[str, str] | None = None, accept: str = JSON
    ) -> tuple[int, Any]:
        """Return the HTTP status and the answer as plain JSON, of a failure too; a PATCH is a JSON merge patch."""
        try:
            status, answer = self._answer(method, path, body, query or {}, accept)
        except Refused as refusal:
            status, answer = refusal.status, refusal.body
        return int(status), json.loads(json.dumps(answer))

    def _answer(
        self, method: str, path: str, body: object, query: Mapping[str, str], accept: str
    ) -> tuple[HTTPStatus, Document]:
        place = parsed(path)
        if place is None:
            raise answers.unserved()
        review = REVIEWS.get(place[:3])
        if review is not None:
            if method != "POST":
                raise answers.not_allowed(method)
            return HTTPStatus.CREATED, review(body)
        if not place.plural:
            return HTTPStatus.OK, self._discovered(method, place, accept)
        resource = self._resource(place)
        if not place.name:
            match method:
                case "GET":
                    return HTTPStatus.OK, self._list(resource, place, query)
                case "POST":
                    return HTTPStatus.CREATED, self._made(resource, place, body, query)
            raise answers.not_allowed(method)
        return self._one(method, resource, place, body, query)

    def _one(
        self, method: str, resource: Resource[Any], place: Place, body: object, query: Mapping[str, str]
    ) -> tuple[HTTPStatus, Document]:
        thing = resource.find(Key(place.namespace, place.name))
        if thing is None:
            raise answers.missing(resource.full_name, place.name)
        there = self._document(resource, thing)
        match method, place.part:
            case "GET", "" | "status":
                return HTTPStatus.OK, there
            case "PATCH", "" | "status":
                self._ask("patch", resource, place)
                patched = there if place.part else self._patched(resource, thing, there, body, query)
                return HTTPStatus.OK, patched
            case "POST", "eviction" if isinstance(resource, Pods):
                self._ask("create", resource, place)
                hold(resource, there, value(body, ("deleteOptions", "preconditions")))
                resource.evict(thing, on_trial=query.get("dryRun") == "All")
                return HTTPStatus.CREATED, SUCCESS
            case "DELETE", "":
                self._ask("delete", resource, place)
                hold(resource, there, value(body, ("preconditions",)))
                told = body.get("dryRun") if isinstance(body, Mapping) else [query.get("dryRun")]
                if told != ["All"]:  # where there are options in the body, those in the query do not count
                    resource.delete(thing)
                return HTTPStatus.OK, SUCCESS
        raise answers.not_allowed(method)

    def _made(self, resource: Resource[Any], place: Place, body: object, query: Mapping[str, str]) -> Document:
        self._ask("create", resource, place)
        name = value(body, ("metadata", "name"))
        if not isinstance(body, Mapping):
            raise answers.bad("an object is needed")
        if not isinstance(name, str) or not name:
            raise answers.invalid(resource.full_kind, "", "metadata.name", "Required value: name is required")
        resource.judge_new(dict(body))
        if resource.find(Key(place.namespace, name)) is not None:
            raise answers.taken(resource.full_name, name)
        if query.get("dryRun") == "All":
            return dict(body)
        thing = resource.create(place.namespace, dict(body))
        self._note(resource, thing, body, query)
        return self._document(resource, thing)

    def _patched(
        self, resource: Resource[Any], thing: Any, before: Document, body: object, query: Mapping[str, str]
    ) -> Document:
        """Judge a merge patch, and unless that was all, let happen what it says."""
        if not isinstance(body, Mapping):
            raise answers.bad("a merge patch is a JSON object")
        check(resource, before, body)
        patch = without(body, IDENTITY)
        after: Document = merged(before, patch)
        resource.judge(thing, before, after)
        if query.get("dryRun") == "All":
            return after
        self._store.keep(before["metadata"]["uid"], without(patch, resource.owned))
        resource.obey(thing, before, after, self._note(resource, thing, patch, query))
        return self._document(resource, thing)

    def _note(self, resource: Resource[Any], thing: Any, patch: Mapping[str, Any], query: Mapping[str, str]) -> str:
        """Remember who writes, and return that."""
        manager = query.get("fieldManager") or "unknown"
        who = YOU if manager == OURSELVES else manager
        uid = resource.document(thing)["metadata"]["uid"]
        self._store.written(uid, leaves(without(patch, IDENTITY)), who, self._world.now)
        return who

    def _list(self, resource: Resource[Any], place: Place, query: Mapping[str, str]) -> Document:
        items = [
            document
            for key, thing in resource.all()
            if place.namespace in ("", key.namespace) and wanted(document := self._document(resource, thing), query)
        ]
        return {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": {}, "items": items}

    def _document(self, resource: Resource[Any], thing: Any) -> Document:
        return self._store.complete(resource.document(thing), resource.writers(thing), observes=resource.observes)

    def _discovered(self, method: str, place: Place, accept: str) -> Document:
        if method != "GET":
            raise answers.not_allowed(method)
        if place.version:
            told = discovery.resources(self._served, place.group, place.version)
        elif place.group:
            told = discovery.group(self._served, place.group)
        else:
            told = discovery.groups(self._served, accept)
        if told is None:
            raise answers.unserved()
        return told

    def _resource(self, place: Place) -> Resource[Any]:
        for resource in self._served:
            if (resource.group, resource.version, resource.plural) == (place.group, place.version, place.plural):
                return resource
        raise answers.unserved()

    def _ask(self, verb: str, resource: Resource[Any], place: Place) -> None:
        if not access.may(verb, place.namespace):
            raise answers.forbidden(verb, resource.plural, resource.group, place.namespace, place.name)
