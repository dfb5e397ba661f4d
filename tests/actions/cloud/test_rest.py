"""What every answer, silence and nonsense of Google and of Azure means for a change; no token is ever shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from finops_tui.actions.azure.resize import AzureResize
from finops_tui.actions.cloud.places import Place
from finops_tui.actions.cloud.rest import RestHands, Seat
from finops_tui.actions.gcp.resize import GcpResize
from finops_tui.errors import ActionError, SourceError
from finops_tui.model.fleet import Fleet
from finops_tui.model.plan import Outcome, Plan
from tests.actions.azure.aks import LABEL as AKS_LABEL
from tests.actions.azure.aks import Aks
from tests.actions.cloud.rest import TOKEN, Handler, Served, breaking, labelled, refused
from tests.actions.gcp.gke import LABEL as GKE_LABEL
from tests.actions.gcp.gke import Gke
from tests.actions.make import CLUSTER, fleet, pool_target, snapshot
from tests.samples import NOON

POOL = pool_target("h100")


@dataclass
class Case:
    """One of the two clouds, with a pool of four machines."""

    made: Gke | Aks
    action: Callable[[RestHands], GcpResize | AzureResize]
    of: Fleet
    writes: str
    """The method by which it is changed."""

    @property
    def served(self) -> Served:
        return self.made.served

    def resize(self, hands: RestHands | None = None) -> GcpResize | AzureResize:
        return self.action(hands or self.made.hands())

    async def planned(self, hands: RestHands | None = None) -> Plan:
        return await self.resize(hands).plan(POOL, {"nodes": "1"}, snapshot(self.of), self.of, NOON)

    def size(self) -> int:
        return sum(self.made.sizes) if isinstance(self.made, Gke) else int(self.made.properties["count"])


@pytest.fixture(params=["gcp", "azure"])
def case(request: pytest.FixtureRequest) -> Case:
    if request.param == "gcp":
        return Case(Gke([4]), GcpResize, fleet([labelled("n0", "h100", GKE_LABEL)]), "POST")
    return Case(Aks(4), AzureResize, fleet([labelled("n0", "h100", AKS_LABEL)]), "PUT")


DENIED = {"error": {"code": 403, "message": f"token {TOKEN * 5} may not", "status": "PERMISSION_DENIED"}}
BUSY = {"error": {"code": 403, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}


@pytest.mark.parametrize(
    ("fault", "outcome", "words"),
    [
        (refused(401), Outcome.FAILED, "does not let you in"),
        (refused(403, DENIED), Outcome.FAILED, "You may not do"),
        (refused(403, BUSY), Outcome.FAILED, "is asked too much"),
        (refused(404), Outcome.FAILED, "It is not there"),
        (refused(409, {"code": "OperationNotAllowed", "message": "busy"}), Outcome.FAILED, "change of it is under way"),
        (refused(412), Outcome.FAILED, "It has changed since it was looked at"),
        (refused(429, retry_after="17"), Outcome.FAILED, "Try again in 17 s"),
        (refused(400, {"error": {"status": "FAILED_PRECONDITION", "message": "an upgrade runs"}}), Outcome.FAILED,
         "It cannot be changed now. an upgrade runs"),
        (refused(400, {"error": {"code": "InvalidParameter", "message": "no"}}), Outcome.FAILED,
         "400 InvalidParameter: no"),
        (refused(302, location="https://elsewhere.example"), Outcome.FAILED, "refused"),
        (breaking(httpx.ConnectError), Outcome.FAILED, "nothing was sent"),
        (breaking(httpx.ConnectTimeout), Outcome.FAILED, "nothing was sent"),
        (refused(500), Outcome.UNKNOWN, "failed"),
        (refused(503, {"error": "down"}), Outcome.UNKNOWN, "503 down"),
        (refused(408), Outcome.UNKNOWN, "failed"),
        (breaking(httpx.ReadTimeout), Outcome.UNKNOWN, "it may have happened"),
        (breaking(httpx.RemoteProtocolError), Outcome.UNKNOWN, "it may have happened"),
        (breaking(httpx.WriteTimeout), Outcome.UNKNOWN, "it may have happened"),
    ],
)  # fmt: skip
async def test_what_a_change_comes_to_when_it_is_not_answered_with_yes(
    case: Case, fault: Handler, outcome: Outcome, words: str
) -> None:
    plan = await case.planned()
    case.served.faults[case.writes] = fault
    result = await case.resize().apply(plan)
    assert (result.outcome, case.size()) == (outcome, 4)
    assert words in result.words
    assert TOKEN * 2 not in result.words
    assert ("Nothing is different" in result.words) is (outcome is Outcome.FAILED)
    assert (await case.resize().verify(plan)).outcome is Outcome.FAILED  # looking tells: it is as it was


async def test_who_is_denied_is_told_which_permission_and_who_prints_it(case: Case) -> None:
    plan = await case.planned()
    case.served.faults[case.writes] = refused(403, DENIED)
    words = (await case.resize().apply(plan)).words
    assert plan.permissions[0].partition(" on ")[0] in words
    assert "finops-tui permissions --" in words


async def test_after_silence_it_is_looked_at_and_found_done(case: Case) -> None:
    plan = await case.planned()

    def done_in_silence(request: httpx.Request) -> httpx.Response:
        case.made.answer(request)
        raise httpx.ReadTimeout("nothing came", request=request)

    case.served.faults[case.writes] = done_in_silence
    assert (await case.resize().apply(plan)).outcome is Outcome.UNKNOWN
    assert case.size() == 1
    assert (await case.resize().verify(plan)).outcome is Outcome.DONE
    case.served.faults.clear()
    again = await case.resize().apply(plan)
    assert (again.outcome, "is so already" in again.words) == (Outcome.APPLIED, True)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (refused(401), "does not let you in"),
        (refused(403, DENIED), "You may not do"),
        (refused(404), "It is not there"),
        (refused(429), "Try again in a minute"),
        (refused(500), "failed"),
        (breaking(httpx.ReadTimeout), "did not answer"),
        (lambda _: httpx.Response(200, text="<html>a proxy</html>"), "makes no sense"),
        (lambda _: httpx.Response(200, json=["a list"]), "makes no sense"),
        (lambda _: httpx.Response(200, json={"nothing": "known"}), "makes no sense"),
    ],
)
async def test_what_cannot_be_read_is_not_planned_not_carried_out_and_not_known(
    case: Case, fault: Handler, words: str
) -> None:
    plan = await case.planned()
    case.served.faults["GET"] = fault
    with pytest.raises(ActionError) as error:
        await case.planned()
    assert words in str(error.value)
    result = await case.resize().apply(plan)
    assert result.outcome is Outcome.FAILED
    assert "Nothing is different" in result.words
    assert case.served.writes == []
    seen = await case.resize().verify(plan)
    assert seen.outcome is (Outcome.FAILED if "not there" in words else Outcome.UNKNOWN)


async def test_a_yes_is_a_yes_whatever_it_looks_like(case: Case) -> None:
    plan = await case.planned()

    def without_words(request: httpx.Request) -> httpx.Response:
        case.made.answer(request)
        return httpx.Response(202, text="ok")

    case.served.faults[case.writes] = without_words
    assert (await case.resize().apply(plan)).outcome is Outcome.APPLIED
    assert (await case.resize().verify(plan)).outcome is Outcome.DONE


async def test_who_cannot_sign_in_has_sent_nothing_and_sees_why(case: Case) -> None:
    async def signed_out() -> str:
        raise SourceError("the login has expired", "since yesterday", "Sign in again.")

    plan = await case.planned()
    hands = case.made.hands()
    seat = hands.seats[CLUSTER]
    closed = dataclasses.replace(
        hands, seats={CLUSTER: seat._replace(door=dataclasses.replace(seat.door, token=signed_out))}
    )
    sent = len(case.served.requests)
    with pytest.raises(ActionError, match="the login has expired"):
        await case.planned(closed)
    result = await case.resize(closed).apply(plan)
    assert (result.outcome, len(case.served.requests)) == (Outcome.FAILED, sent)
    assert "Sign in again" not in result.words or "Nothing is different" in result.words


async def test_a_place_that_the_config_names_no_more_is_told_and_not_asked(case: Case) -> None:
    plan = await case.planned()
    hands = dataclasses.replace(case.made.hands(), seats={})
    sent = len(case.served.requests)
    result = await case.resize(hands).apply(plan)
    assert (result.outcome, len(case.served.requests)) == (Outcome.FAILED, sent)
    assert "the config does not name cluster" in result.words
    with pytest.raises(ActionError, match="is not known"):
        await case.planned(hands)


async def test_a_plan_that_another_version_wrote_down_is_told_and_left_alone(case: Case) -> None:
    plan = await case.planned()
    old = replace(plan, steps=dict.fromkeys(plan.steps, '{"arn": "x"}'))
    seen = await case.resize().verify(old)
    assert (seen.outcome, "another version wrote it down" in seen.words) == (Outcome.UNKNOWN, True)
    with pytest.raises(ActionError, match="cannot be read"):
        await case.resize().undo_plan(old, snapshot(case.of), case.of, NOON)


async def test_the_same_name_elsewhere_is_another_thing(case: Case) -> None:
    plan = await case.planned()
    hands = case.made.hands()
    seat = hands.seats[CLUSTER]
    elsewhere = Seat(Place("another", seat.place.region, seat.place.cloud), seat.name, seat.door)
    with pytest.raises(ActionError, match="not in another"):
        await case.planned(dataclasses.replace(hands, seats={CLUSTER: elsewhere}))
    assert plan.target == POOL


@pytest.mark.parametrize(
    ("nodes", "trouble"),
    [
        ([("aws:///us-east-1a/i-0abc", {})], "are elsewhere"),
        ([], "are elsewhere"),
    ],
)
async def test_why_the_pool_behind_it_cannot_be_told_is_said(case: Case, nodes: list[Any], trouble: str) -> None:
    hands = case.made.hands()
    kube = hands.kube(CLUSTER)
    kube._calls.nodes = nodes  # type: ignore[attr-defined]  # the double's own
    with pytest.raises(ActionError, match=trouble):
        await case.planned(dataclasses.replace(hands, kube=lambda _: kube))


async def test_a_pool_whose_nodes_carry_no_name_of_a_group_has_none(case: Case) -> None:
    hands = case.made.hands()
    kube = hands.kube(CLUSTER)
    ((machine, _),) = kube._calls.nodes  # type: ignore[attr-defined]  # the double's own
    kube._calls.nodes = [(machine, {})]  # type: ignore[attr-defined]  # the same
    with pytest.raises(ActionError, match="pool stands behind h100"):
        await case.planned(dataclasses.replace(hands, kube=lambda _: kube))
