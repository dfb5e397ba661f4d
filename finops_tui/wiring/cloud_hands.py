"""How things at clouds are reached, put together from the config: groups behind pools, and what is in no cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from finops_tui.actions.aws.hands import AwsHands
from finops_tui.actions.base import Action
from finops_tui.actions.cloud.places import AWS, AZURE, GCP, Place, place_named
from finops_tui.actions.cloud.rest import Door, RestHands, Seat
from finops_tui.actions.cloud.routed import KUBERNETES, Routed
from finops_tui.actions.kube_client import KubeClient
from finops_tui.clock import Clock
from finops_tui.config.clouds import reaches_clouds
from finops_tui.errors import ActionError, FinopsError
from finops_tui.wiring.folders import paid_folder

if TYPE_CHECKING:
    from finops_tui.config.clouds import AwsCloud, AzureCloud, Cloud, GcpCloud
    from finops_tui.config.models import Config
    from finops_tui.model.plan import Target
    from finops_tui.sources.aws.sessions import Door as AwsDoor
    from finops_tui.sources.aws.store import Store

PAID = "ce"
"""The one service whose requests cost: Cost Explorer."""


def with_clouds(
    actions: Sequence[Action], config: Config, clock: Clock, kube: Callable[[str], KubeClient], by: str
) -> tuple[Action, ...]:
    """Return actions on clusters that reach things at clouds as well, under the same ids and keys."""
    if not reaches_clouds(config.clouds, (source.type for source in config.sources)):
        return tuple(actions)
    from finops_tui.actions.aws.registry import aws_actions

    doors = AwsDoors([cloud for cloud in config.clouds if cloud.type == "aws"], clock, _paid(config, clock))
    pause, resume, feedback, resize = aws_actions(
        AwsHands(clients=doors.clients, place=doors.place, kube=kube, by=by)
    )  # fmt: skip
    at_aws: dict[str, Action] = {pause.id: pause, resume.id: resume}
    return (
        *(
            Routed({KUBERNETES: each, AWS: at_aws[each.id]}, _world, _unnamed) if each.id in at_aws else each
            for each in actions
        ),
        feedback,
        Routed({AWS: resize, **_resizes(config.clouds, clock, kube, by)}, _way(config.clouds), _unnamed),
    )


def _paid(config: Config, clock: Clock) -> Callable[[str, str], None]:
    """Return what counts a request to Cost Explorer, by account and operation, before it leaves.

    It is counted with those of the sources, and beyond their cap: somebody has asked for it. Raises AwsError where it
    cannot be counted.
    """

    @cache
    def store() -> Store:
        from finops_tui.sources.aws.store import Store

        return Store(paid_folder(config))

    def count(account: str, operation: str) -> None:
        from finops_tui.sources.aws.calls import COST_EXPLORER_REQUEST_MICRO_USD

        store().pay(account, operation, COST_EXPLORER_REQUEST_MICRO_USD, clock.now())

    return count


def _resizes(clouds: Sequence[Cloud], clock: Clock, kube: Callable[[str], KubeClient], by: str) -> Mapping[str, Action]:
    made: dict[str, Action] = {}
    google = {cloud.cluster: gcp_seat(cloud, clock) for cloud in clouds if cloud.type == "gcp"}
    if google:
        from finops_tui.actions.gcp.resize import GcpResize

        made[GCP] = GcpResize(RestHands(seats=google, kube=kube, by=by, clock=clock))
    azure = {cloud.cluster: azure_seat(cloud, clock) for cloud in clouds if cloud.type == "azure"}
    if azure:
        from finops_tui.actions.azure.resize import AzureResize

        made[AZURE] = AzureResize(RestHands(seats=azure, kube=kube, by=by, clock=clock))
    return made


def _world(target: Target) -> str:
    return AWS if place_named(target.cluster) is not None else KUBERNETES


def _way(clouds: Sequence[Cloud]) -> Callable[[Target], str]:
    kinds: dict[str, str] = {cloud.cluster: cloud.type for cloud in clouds if cloud.cluster}
    return lambda target: AWS if place_named(target.cluster) is not None else kinds.get(target.cluster, KUBERNETES)


def _unnamed(target: Target) -> ActionError:
    return ActionError(
        f"In which cloud {target.cluster} is, is not known",
        "clouds: in config.yaml does not name it",
        f"Add it there: {{type: aws, cluster: {target.cluster}, region: …}}, or type gcp or azure.",
    )


def gcp_seat(cloud: GcpCloud, clock: Clock) -> Seat:
    from finops_tui.sources.gcp.tokens import GoogleToken

    urls = {"container": cloud.container_url, "compute": cloud.compute_url}
    token, policy = GoogleToken(cloud.credentials_file).token, "finops-tui permissions --gcp"
    door = Door(token=token, urls=urls, policy=policy, clock=clock)
    return Seat(Place(cloud.project, cloud.location, GCP), cloud.name or cloud.cluster, door)


def azure_seat(cloud: AzureCloud, clock: Clock) -> Seat:
    from finops_tui.sources.azure.settings import AzureScope, AzureSettings
    from finops_tui.sources.azure.tokens import AzureToken

    signs_in = AzureSettings(
        scopes=(AzureScope(scope=f"subscriptions/{cloud.subscription}"),),
        managed_identity=cloud.managed_identity,
        endpoint=cloud.endpoint,
        authority=cloud.authority,
    )
    urls = {"management": cloud.endpoint}
    token, policy = AzureToken(signs_in, clock).token, "finops-tui permissions --azure"
    door = Door(token=token, urls=urls, policy=policy, clock=clock)
    return Seat(Place(cloud.subscription, cloud.resource_group, AZURE), cloud.name or cloud.cluster, door)


class AwsDoors:
    """Signs in to AWS when the first request is made, in the thread that makes it."""

    def __init__(
        self, clouds: Sequence[AwsCloud], clock: Clock, paid: Callable[[str, str], None] | None = None
    ) -> None:
        """`paid` hears account and operation of each request that costs, before it leaves; what it raises keeps it."""
        self._clouds = clouds
        self._clock = clock
        self._paid = paid
        self._doors: dict[int, AwsDoor] = {}
        self._accounts: dict[int, str] = {}
        """As the credentials of each entry tell, by its place in the config."""

    def place(self, cluster: str) -> Place | None:
        """Return the account and region of a cluster; None where the config names none. Raises FinopsError."""
        named = [number for number, cloud in enumerate(self._clouds) if cluster and cloud.cluster == cluster]
        if not named:
            return None
        region = str(self._clouds[named[-1]].region)
        return Place(self._account(named[-1], region), region)

    def clients(self, place: Place) -> Callable[[str], Any]:
        """Return clients for an account and region. Raises FinopsError where no entry is for it."""
        door = self._door(self._entry(place))

        def client(service: str) -> Any:
            sent = partial(self._paid, place.account) if self._paid is not None and service == PAID else None
            return door.client(service, place.region, sent)

        return client

    def _entry(self, place: Place) -> int:
        trouble: FinopsError | None = None
        fitting = [number for number, cloud in enumerate(self._clouds) if cloud.region in {None, place.region}]
        for number in sorted(fitting, key=lambda each: not self._clouds[each].known_account):  # who need not be asked
            try:
                if self._account(number, place.region) == place.account:
                    return number
            except FinopsError as error:
                trouble = trouble or error
        raise trouble or ActionError(
            f"{place} cannot be changed from here",
            "clouds: in config.yaml names no such account with credentials to act",
            f'Add there: {{type: aws, account: "{place.account}", region: {place.region}, profile: …}}.',
        )

    def _account(self, number: int, region: str) -> str:
        """Return the account of an entry, as it is written there or as AWS itself names it. Raises FinopsError."""
        known = self._clouds[number].known_account
        if known:
            return known
        if number not in self._accounts:
            from finops_tui.actions.aws.faults import fault_of

            try:
                identity = self._door(number).client("sts", region).get_caller_identity()
            except Exception as error:
                raise fault_of(error, "sts:GetCallerIdentity", f"AWS {region}", writing=False) from error
            self._accounts[number] = str(identity["Account"])
        return self._accounts[number]

    def _door(self, number: int) -> AwsDoor:
        from finops_tui.sources.aws.sessions import Door as AwsDoor
        from finops_tui.sources.aws.settings import AwsAccount, AwsSettings

        if number not in self._doors:
            cloud = self._clouds[number]
            account = AwsAccount(role_arn=cloud.role_arn, external_id=cloud.external_id)
            once = AwsSettings(profile=cloud.profile, attempts=1)  # a second try would blur whether anything changed
            self._doors[number] = AwsDoor(once, account, self._clock)
        return self._doors[number]
