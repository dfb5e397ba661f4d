"""The section `clouds:`: a union whose usual member needs no `type`, and mistakes told where they stand."""

from __future__ import annotations

import pytest

from finops_tui.config.clouds import AwsCloud, AzureCloud, GcpCloud
from finops_tui.config.load import loads
from finops_tui.config.models import Config
from finops_tui.config.redaction import redact
from finops_tui.errors import ConfigError

GCP = "{type: gcp, cluster: eu, project: ml-prod, location: europe-west4}"
AZURE = "{type: azure, cluster: ap, subscription: 00000000-1111-2222-3333-444444444444, resource_group: ml}"


def read(text: str) -> Config:
    return loads(text, "config.yaml", {}).config


def mistakes(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return caught.value.detail


def test_what_was_right_before_there_were_others_stays_right() -> None:
    for kind in ("type: aws, ", ""):
        (cloud,) = read(f"clouds: [{{{kind}cluster: prod-us, region: us-east-1, profile: on-call}}]").clouds
        assert cloud == AwsCloud(cluster="prod-us", region="us-east-1", profile="on-call")


def test_each_cloud_has_its_own_fields() -> None:
    config = read(f"clouds:\n  - {GCP}\n  - {AZURE}\n  - {{account: '123456789012'}}\n")
    assert [type(each) for each in config.clouds] == [GcpCloud, AzureCloud, AwsCloud]
    assert [each.cluster for each in config.clouds] == ["eu", "ap", ""]


def test_the_account_is_known_from_the_role_or_as_it_is_written() -> None:
    role = "arn:aws:iam::123456789012:role/acts"
    assert AwsCloud(role_arn=role).known_account == "123456789012"
    assert AwsCloud(account="210987654321").known_account == "210987654321"
    assert AwsCloud().known_account == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clouds:\n  - cluster: a\n    region: nowhere", "config.yaml:3:13: clouds[0].region: nowhere stands here"),
        ("clouds:\n  - cluster: a\n    regoin: us-east-1", "config.yaml:3:5: clouds[0].regoin: there is no such field"),
        ("clouds:\n  - cluster: a\n    regoin: us-east-1", "Did you mean region?"),
        ("clouds:\n  - cluster: a", "config.yaml:2:5: clouds[0]: region is needed where a cluster is named"),
        ("clouds:\n  - type: gpc", "config.yaml:2:11: clouds[0].type: gpc stands here; `type` must be one of aws,"),
        ("clouds:\n  - type: gpc", "Did you mean gcp?"),
        (f"clouds: [{GCP.replace('project: ml-prod, ', '')}]", "clouds[0].project: this field is needed (The project"),
        (f"clouds: [{GCP.replace('}', ', profile: x}')}]", "clouds[0].profile: there is no such field here"),
        (f"clouds: [{GCP.replace('}', ', container_url: gke}')}]", "clouds[0].container_url: gke: write https://host"),
        (f"clouds: [{AZURE.replace('0000-1111', '0000')}]", "clouds[0].subscription"),
        ("clouds: [{account: '12'}]", "clouds[0].account: 12 stands here"),
        ("clouds: [{account: '111111111111', role_arn: 'arn:aws:iam::123456789012:role/x'}]",
         "role_arn is in account 123456789012, not in 111111111111"),
        (f"clouds: [{GCP}, {{cluster: eu, region: us-east-1}}]", "eu cannot be at gcp and at aws"),
        (f"clouds: [{GCP}, {GCP}]", "eu stands here for the second time"),
        ("clouds: [prod-us]", "clouds[0]"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_stands(text: str, expected: str) -> None:
    assert expected in mistakes(text)


def test_a_secret_of_an_entry_without_a_type_is_kept() -> None:
    told = mistakes("clouds:\n  - cluster: a\n    region: 7\n    external_id: [open-sesame-9]")
    assert "open-sesame-9" not in told
    read("clouds: [{external_id: open-sesame-8}]")
    assert "open-sesame-8" not in redact("the id is open-sesame-8")
