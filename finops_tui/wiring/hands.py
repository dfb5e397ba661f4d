"""What may change the outside, put together: the desk of a live run and that of a simulated one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

from finops_tui.actions.access import Access
from finops_tui.actions.custom.action import CustomAction
from finops_tui.actions.custom_kinds import with_custom_kinds
from finops_tui.actions.identity import Identity
from finops_tui.actions.kube_client import Calls, KubeClient
from finops_tui.actions.planning import Hands
from finops_tui.actions.registry import kubernetes_actions
from finops_tui.clock import Clock
from finops_tui.engine.arming import Arming
from finops_tui.engine.desk import Desk
from finops_tui.engine.feed import Feed
from finops_tui.engine.journal import Journal
from finops_tui.engine.journal_entry import Who
from finops_tui.engine.policy import Policies, Policy
from finops_tui.engine.who import who
from finops_tui.errors import ActionError
from finops_tui.threads import DaemonThreads
from finops_tui.wiring.cloud_hands import with_clouds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from finops_tui.actions.aws.feedback import Feedback
    from finops_tui.config.models import Config


def live_desk(config: Config, state_folder: Path, clock: Clock, feed: Feed) -> Desk:
    """Build the desk on the clusters that the config names; with its policy, which forbids everything by default."""
    from finops_tui.sources.kubernetes.settings import KubernetesSettings
    from finops_tui.sources.late_calls import LateCalls

    calls: dict[str, Calls] = {
        source.cluster: LateCalls(source.context, source.kubeconfig, clock)
        for source in config.sources
        if isinstance(source, KubernetesSettings)
    }
    clients = _clients(calls.get)
    identity = Identity(clients).of
    hands = Hands(client=clients, by=who().user, clock=clock, identity=identity)
    kinds = with_custom_kinds(kind.told() for kind in config.kinds)
    own = tuple(CustomAction(action.spec(), hands) for action in config.actions)
    return Desk(
        (*with_clouds(kubernetes_actions(hands, kinds), config, clock, hands.client, hands.by), *own),
        Journal(state_folder),
        config.policy.policies(),
        clock,
        feed=feed,
        who=who(),
        access=Access(hands.client),
        identity=identity,
        write=DaemonThreads(1, "journal").call,
    )


def demo_desk(
    calls: Callable[[str], Calls | None],
    clock: Clock,
    feed: Feed,
    *,
    armed_for: timedelta,
    seed: int | None = None,
    explorer: object | None = None,
) -> Desk:
    """Build the desk of a simulated cloud: armed from the start, and without typing names, for nothing can be harmed.

    `explorer` answers as boto3's client of Cost Explorer does; without it no feedback on anomalies is taken.

    What counts as old or as often is meant in real time, so it grows with the clock's speed. The journal is thrown
    away with the world it is about. With a `seed`, plans are called and signed the same on every machine.
    """
    from finops_tui.simulation.scratch import scratch

    speed, usual = clock.speed, Policy()
    policy = Policy(
        read_only=False,
        arm_minutes=armed_for / timedelta(minutes=1),
        typed_environments=(),
        stale_seconds=usual.stale_seconds * speed,
        refuse_stale_seconds=usual.refuse_stale_seconds * speed,
        rate_minutes=usual.rate_minutes * speed,
        clock_speed=speed,
    )
    me = who() if seed is None else Who(user="you")
    hands = Hands(client=_clients(calls), by=me.user, clock=clock)
    if seed is not None:
        numbers = count(1)
        hands = replace(hands, new_id=lambda: sha256(f"{seed}/{next(numbers)}".encode()).hexdigest()[:16])
    now = clock.now()
    return Desk(
        (*kubernetes_actions(hands), *(() if explorer is None else (_feedback(explorer, hands.by),))),
        Journal(scratch("journal")),
        Policies(default=policy),
        clock,
        feed=feed,
        who=me,
        access=Access(hands.client),
        identity=Identity(hands.client).of,
        armed=Arming(since=now, until=now + armed_for),
    )


def _feedback(explorer: object, by: str) -> Feedback:
    from finops_tui.actions.aws.hands import AwsHands
    from finops_tui.actions.aws.registry import aws_actions

    _, _, feedback, _ = aws_actions(AwsHands(clients=lambda _place: lambda _service: explorer, by=by))
    return feedback


def _clients(calls: Callable[[str], Calls | None]) -> Callable[[str], KubeClient]:
    """Return what finds the client of a cluster; each is made once, for it remembers what the cluster serves."""
    known: dict[str, KubeClient] = {}

    def client(cluster: str) -> KubeClient:
        if cluster not in known:
            found = calls(cluster)
            if found is None:
                raise ActionError(
                    f"{cluster} cannot be changed from here",
                    "no source of type kubernetes names it",
                    "Add one under sources: in config.yaml.",
                )
            known[cluster] = KubeClient(cluster, found)
        return known[cluster]

    return client
