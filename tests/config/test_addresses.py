"""Every address in the config is held to the same rules, and one that is refused shows no password."""

from __future__ import annotations

import pytest

from finops_tui.config.load import loads
from finops_tui.errors import ConfigError

SECRET = "hunter2"
GOOGLE = "type: gcp, billing_account: 010101-F0FFF0-61C528, project: finops, export: a.b.c"
GKE = "type: gcp, cluster: eu, project: ml-prod, location: europe-west4"
AKS = "type: azure, cluster: ap, subscription: 00000000-1111-2222-3333-444444444444, resource_group: ml"
SECTIONS = {
    "openai": "sources: [{type: openai, admin_key: k, url: '%s'}]",
    "anthropic": "sources: [{type: anthropic, admin_key: k, url: '%s'}]",
    "runpod": "sources: [{type: runpod, api_key: k, url: '%s'}]",
    "grafana": "sources: [{type: grafana, url: '%s'}]",
    "opencost": "sources: [{type: opencost, url: '%s'}]",
    "prometheus": "sources: [{type: prometheus, cluster: a, auth: {bearer_token: t}, url: '%s'}]",
    "azure": "sources: [{type: azure, scopes: [{scope: subscriptions/00000000-1111-2222-3333-444444444444}], "
    "endpoint: '%s'}]",
    **{
        name: f"sources: [{{{GOOGLE}, {name}: '%s'}}]"
        for name in ("bigquery_url", "budgets_url", "recommender_url", "container_url", "compute_url")
    },
    "gke": f"clouds: [{{{GKE}, compute_url: '%s'}}]",
    "aks": f"clouds: [{{{AKS}, endpoint: '%s'}}]",
}


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"https://ana:{SECRET}@x.example", "take the user and password out of the address"),
        (f"https://{SECRET}@x.example", "take the user and password out of the address"),
        (f"https://{SECRET}{'x' * 80}@x.example", "take the user and password out of the address"),
        (f"ana:{SECRET}@x.example", "write http"),
        (f"https://ana:{SECRET}/1@x.example", "write http"),
        (f"https://ana:{SECRET}\u2100@x.example", "write http"),
        (f"https://x.example?sig={SECRET}", "leave out everything from ? or # on"),
        ("https://x.example/v1#x", "leave out everything from ? or # on"),
        ("x.example", "x.example: write http"),
    ],
)
def test_an_address_is_refused_without_a_word_of_its_password(section: str, url: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(SECTIONS[section] % url, "config.yaml", {})
    assert said in caught.value.detail
    assert caught.value.detail.startswith("config.yaml:1:")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("section", SECTIONS)
def test_an_address_is_taken(section: str) -> None:
    loads(SECTIONS[section] % "https://x.example:8443/", "config.yaml", {})


@pytest.mark.parametrize("kind", ["opencost", "prometheus"])
@pytest.mark.parametrize("end", ["?a=b", "#a"])
def test_an_address_through_the_api_server_has_no_query_either(kind: str, end: str) -> None:
    section = f"sources: [{{type: {kind}, cluster: a, url: '%s'}}]"
    loads(section % "kube://metering/meter:9003/model", "config.yaml", {})
    with pytest.raises(ConfigError):
        loads(section % f"kube://metering/meter:9003/model{end}", "config.yaml", {})


def test_webhooks_keep_their_queries() -> None:
    (channel,) = loads(
        "notify: [{type: webhook, url: 'https://x.example/hook?code=abc#d'}]", "config.yaml", {}
    ).config.notify
    assert channel.type == "webhook"
    assert channel.url.get_secret_value() == "https://x.example/hook?code=abc#d"
