"""How the groups of machines behind a cluster's pools are reached, put together from the config."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from finops_tui.actions.aws.hands import AwsHands, Place
from finops_tui.actions.base import Action
from finops_tui.actions.kube_client import KubeClient
from finops_tui.clock import Clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.config.actions import CloudSettings
    from finops_tui.sources.aws.sessions import Door


def pool_actions(
    clouds: Sequence[CloudSettings], clock: Clock, kube: Callable[[str], KubeClient], by: str
) -> tuple[Action, ...]:
    """Return what changes the size of pools; nothing where no cloud is named."""
    if not clouds:
        return ()
    from finops_tui.actions.aws.registry import aws_actions

    doors = _Doors(clouds, clock)
    _, _, resize = aws_actions(AwsHands(clients=doors.clients, place=doors.place, kube=kube, by=by))
    return (resize,)


class _Doors:
    """Signs in when the first request is made, in the thread that makes it."""

    def __init__(self, clouds: Sequence[CloudSettings], clock: Clock) -> None:
        self._clouds = {cloud.cluster: cloud for cloud in clouds}
        self._clock = clock
        self._doors: dict[str, Door] = {}
        self._places: dict[str, Place] = {}

    def place(self, cluster: str) -> Place | None:
        """Return the account, as AWS itself names it, and the region of a cluster; None where the config names none."""
        cloud = self._clouds.get(cluster)
        if cloud is None:
            return None
        if cluster not in self._places:
            identity = self._door(cloud).client("sts", cloud.region).get_caller_identity()
            self._places[cluster] = Place(str(identity["Account"]), cloud.region)
        return self._places[cluster]

    def clients(self, place: Place) -> Callable[[str], Any]:
        cluster = next(name for name, known in self._places.items() if known == place)
        door = self._door(self._clouds[cluster])
        return lambda service: door.client(service, place.region)

    def _door(self, cloud: CloudSettings) -> Door:
        from finops_tui.sources.aws.sessions import Door
        from finops_tui.sources.aws.settings import AwsAccount, AwsSettings

        if cloud.cluster not in self._doors:
            account = AwsAccount(role_arn=cloud.role_arn, external_id=cloud.external_id)
            once = AwsSettings(profile=cloud.profile, attempts=1)  # a second try would blur whether anything changed
            self._doors[cloud.cluster] = Door(once, account, self._clock)
        return self._doors[cloud.cluster]
