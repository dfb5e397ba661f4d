"""From the config to a client of a cloud, and one verb for all of them; AWS over a real moto server."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import httpx
import pytest

from finops_tui.actions.base import Action
from finops_tui.actions.cloud.places import Place
from finops_tui.actions.cloud.routed import Routed
from finops_tui.actions.kube_client import KubeClient
from finops_tui.actions.planning import Hands
from finops_tui.actions.registry import kubernetes_actions
from finops_tui.clock import SimulatedClock
from finops_tui.config.clouds import AwsCloud, AzureCloud, Cloud, GcpCloud
from finops_tui.config.models import Config
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome, Target, TargetKind
from finops_tui.sources.aws.settings import AwsSettings
from finops_tui.sources.aws.store import Store
from finops_tui.sources.azure.tokens import AzureToken
from finops_tui.sources.gcp.tokens import GoogleToken
from finops_tui.wiring.cloud_hands import AwsDoors, azure_seat, gcp_seat, with_clouds
from tests.actions.aws.test_feedback import TARGET as ANOMALY
from tests.actions.aws.test_feedback import anomaly, seen
from tests.actions.azure.aks import LABEL as AKS_LABEL
from tests.actions.azure.aks import MACHINE, SUBSCRIPTION, Aks
from tests.actions.cloud.rest import TOKEN, Nodes, labelled
from tests.actions.gcp.gke import LABEL as GKE_LABEL
from tests.actions.gcp.gke import LOCATION, PROJECT, Gke
from tests.actions.make import CLUSTER, fleet, pool_target, snapshot, target
from tests.samples import NOON
from tests.servers.moto_server import Moto, moto_fixture
from tests.sources.aws.double import Asked, double

__all__ = ["moto_fixture"]
CLOUD = AwsCloud(cluster="prod-us", region="us-east-1")
GOOGLE = GcpCloud(cluster=CLUSTER, project=PROJECT, location=LOCATION, name="prod-gke")
AZURE = AzureCloud(cluster=CLUSTER, subscription=SUBSCRIPTION, resource_group="ml-rg", name="prod-aks")
ACCOUNT = "123456789012"


@pytest.fixture
def signed_in(moto: Moto, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Moto:
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return moto


def nobody(cluster: str) -> KubeClient:
    pytest.fail(f"{cluster} is asked for nothing")


def offered(*clouds: Cloud, aws_source: bool = False, of: KubeClient | None = None) -> dict[str, Action]:
    kube = nobody if of is None else lambda _: of
    config = Config(clouds=clouds, sources=(AwsSettings(),) if aws_source else ())
    own = kubernetes_actions(Hands(client=kube, by="ana"))
    actions = with_clouds(own, config, SimulatedClock(NOON), kube, "ana")
    assert [each.id for each in actions[: len(own)]] == [each.id for each in own]
    return {each.id: each for each in actions}


def thing(kind: str, service: str, name: str, account: str = ACCOUNT) -> Target:
    cluster = f"aws/{account}/us-east-1"
    key = f"{cluster}/{kind}/{service}/{name}"
    return Target(kind=TargetKind.WORKLOAD, key=key, cluster=cluster, name=name)


async def refusal(actions: dict[str, Action], verb: str, of: Target) -> str:
    with pytest.raises(ActionError) as error:
        await actions[verb].plan(of, {"nodes": "1"}, snapshot(fleet()), fleet(), NOON)
    return str(error.value)


def test_where_nothing_of_a_cloud_can_be_seen_nothing_is_offered() -> None:
    actions = offered()
    assert "resize" not in actions
    assert not any(isinstance(each, Routed) for each in actions.values())


def test_a_cloud_that_is_named_offers_the_size_of_pools_under_one_id_and_the_verbs_of_its_things() -> None:
    for clouds in ((CLOUD,), (GOOGLE,), (AZURE,), (CLOUD, GOOGLE)):
        actions = offered(*clouds)
        assert (actions["resize"].key, actions["resize"].applies_to) == ("R", frozenset({TargetKind.POOL}))
        assert [name for name, each in actions.items() if isinstance(each, Routed)] == ["pause", "resume", "resize"]


async def test_the_pools_of_a_cluster_that_no_entry_names_are_refused_with_what_to_add() -> None:
    words = await refusal(offered(CLOUD), "resize", pool_target("h100"))
    assert "In which cloud prod is, is not known" in words
    assert "{type: aws, cluster: prod, region: …}" in words


@pytest.mark.parametrize("verb", ["pause", "resume"])
async def test_a_thing_in_an_account_that_no_entry_names_is_refused_with_what_to_add(verb: str) -> None:
    other = AwsCloud(account="210987654321")
    for actions in (offered(aws_source=True), offered(other), offered(GOOGLE)):
        words = await refusal(actions, verb, thing("JobQueue", "batch", "sweeps"))
        assert 'Add there: {type: aws, account: "123456789012", region: us-east-1' in words
    group = Target(
        kind=TargetKind.POOL, key=f"aws/{ACCOUNT}/us-east-1/gpu", cluster=f"aws/{ACCOUNT}/us-east-1", name="gpu"
    )
    assert 'account: "123456789012"' in await refusal(offered(aws_source=True), "resize", group)


async def test_an_entry_without_a_cluster_reaches_the_things_of_its_account(signed_in: Moto) -> None:
    batch = signed_in.client("batch", account=ACCOUNT)
    iam = signed_in.client("iam", account=ACCOUNT)
    role = iam.create_role(RoleName="batch", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    environment = batch.create_compute_environment(
        computeEnvironmentName="gpus", type="UNMANAGED", state="ENABLED", serviceRole=role
    )["computeEnvironmentArn"]
    batch.create_job_queue(
        jobQueueName="sweeps",
        state="ENABLED",
        priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment}],
    )
    actions = offered(AwsCloud(region="us-east-1"))
    queue = thing("JobQueue", "batch", "sweeps")
    plan = await actions["pause"].plan(queue, {}, snapshot(fleet()), fleet(), NOON)
    assert (plan.changes[0].before, plan.changes[0].after) == ("ENABLED", "DISABLED")
    assert (await actions["pause"].apply(plan)).outcome is Outcome.APPLIED
    back = await actions["pause"].undo_plan(queue, snapshot(fleet()), fleet(), NOON)
    assert (await actions["pause"].apply(back)).outcome is Outcome.APPLIED
    (found,) = batch.describe_job_queues(jobQueues=["sweeps"])["jobQueues"]
    assert found["state"] == "ENABLED"


async def test_what_is_in_a_cluster_is_paused_there_as_ever() -> None:
    pause = offered(CLOUD, of=KubeClient(CLUSTER, Refusing()))["pause"]
    with pytest.raises(ActionError, match="the cluster is asked"):
        await pause.plan(target("Job", "nlp", "train"), {}, snapshot(fleet()), fleet(), NOON)


class Refusing:
    async def send(self, *_: object, **__: object) -> tuple[int, object]:
        raise ActionError("the cluster is asked")


@pytest.mark.usefixtures("signed_in")
def test_the_account_is_the_one_that_the_credentials_are_in() -> None:
    doors = AwsDoors((CLOUD,), SimulatedClock(NOON))
    place = doors.place("prod-us")
    assert place is not None
    assert (len(place.account), place.region) == (12, "us-east-1")
    assert doors.place("elsewhere") is None
    groups = doors.clients(place)("autoscaling").describe_auto_scaling_groups()
    assert groups["AutoScalingGroups"] == []


async def test_each_request_that_costs_is_counted_with_those_of_the_sources(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said: list[str] = []

    def heard(asked: Asked) -> dict[str, str]:
        said.append(asked.params["Feedback"])
        return {"AnomalyId": "an-7"}

    with double() as told:
        told.answers["GetAnomalies"] = lambda _: {"Anomalies": [anomaly(said="".join(said))]}
        told.answers["ProvideAnomalyFeedback"] = heard
        for name, value in {"ENDPOINT_URL": told.url, "ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s"}.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        config = Config(clouds=(AwsCloud(account=ACCOUNT),), state_folder=tmp_path)
        *_, feedback, _ = with_clouds((), config, SimulatedClock(NOON), nobody, "ana")
        plan = await feedback.plan(ANOMALY, {"feedback": "real"}, seen(), fleet(), NOON)
        assert (await feedback.apply(plan)).outcome is Outcome.APPLIED
        assert (await feedback.verify(plan)).outcome is Outcome.DONE
    store = Store(tmp_path)
    assert (said, store.spent(ACCOUNT, NOON)) == (["YES"], (4, 40_000))
    store.close()


async def test_what_cannot_be_counted_is_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with double() as told:
        for name, value in {"ENDPOINT_URL": told.url, "ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s"}.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        config = Config(clouds=(AwsCloud(account=ACCOUNT),), state_folder=tmp_path / "file")
        *_, feedback, _ = with_clouds((), config, SimulatedClock(NOON), nobody, "ana")
        with pytest.raises(ActionError, match="paid requests cannot be counted"):
            await feedback.plan(ANOMALY, {"feedback": "real"}, seen(), fleet(), NOON)
        assert told.asked == []


def test_an_account_that_is_written_is_not_asked_for_and_an_entry_keeps_to_its_region() -> None:
    doors = AwsDoors((AwsCloud(account=ACCOUNT, cluster="a", region="eu-west-1"),), SimulatedClock(NOON))
    assert doors.place("a") == Place(ACCOUNT, "eu-west-1")
    assert callable(doors.clients(Place(ACCOUNT, "eu-west-1")))
    with pytest.raises(ActionError, match="cannot be changed from here"):
        doors.clients(Place(ACCOUNT, "us-east-1"))


def test_credentials_that_are_refused_are_told_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    doors = AwsDoors((AwsCloud(),), SimulatedClock(NOON))
    with pytest.raises(ActionError) as error:
        doors.clients(Place(ACCOUNT, "us-east-1"))
    assert "credentials" in str(error.value)


@pytest.mark.parametrize("cloud", [GOOGLE, AZURE])
async def test_a_pool_at_google_or_azure_is_resized_with_the_credentials_of_its_entry(
    cloud: GcpCloud | AzureCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def token(_: object) -> str:
        return TOKEN

    monkeypatch.setattr(GoogleToken, "token", token)
    monkeypatch.setattr(AzureToken, "token", token)
    made: Gke | Aks = Gke([4]) if cloud is GOOGLE else Aks(4)
    monkeypatch.setattr(httpx, "AsyncClient", partial(httpx.AsyncClient, transport=httpx.MockTransport(made.served)))
    label = GKE_LABEL if cloud is GOOGLE else AKS_LABEL
    machine = f"gce://{PROJECT}/zone-0/gke-1" if cloud is GOOGLE else MACHINE
    resize = offered(cloud, of=KubeClient(CLUSTER, Nodes([(machine, {label: "h100"})])))["resize"]
    of = fleet([labelled("n0", "h100", label)])
    plan = await resize.plan(pool_target("h100"), {"nodes": "1"}, snapshot(of), of, NOON)
    assert (await resize.apply(plan)).outcome is Outcome.APPLIED
    assert (await resize.verify(plan)).outcome is Outcome.DONE
    back = await resize.undo_plan(plan, snapshot(of), of, NOON)
    assert back.changes[0].after == "4"


def test_seats_are_what_the_config_says() -> None:
    google = gcp_seat(GOOGLE.model_copy(update={"name": "", "container_url": "http://gke.test"}), SimulatedClock(NOON))
    assert (google.place, google.name) == (Place(PROJECT, LOCATION, "gcp"), CLUSTER)
    assert google.door.urls == {"container": "http://gke.test", "compute": "https://compute.googleapis.com"}
    azure = azure_seat(AZURE, SimulatedClock(NOON))
    assert (azure.place, azure.name) == (Place(SUBSCRIPTION, "ml-rg", "azure"), "prod-aks")
    assert json.dumps(dict(azure.door.urls)) == '{"management": "https://management.azure.com"}'
