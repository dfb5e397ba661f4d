from __future__ import annotations

import textwrap

import yaml

from finops_tui.config.effective import show
from finops_tui.config.load import loads
from finops_tui.config.models import Config

TEXT = """
sources:
  - type: prometheus
    cluster: prod-us
    url: ${PROM_URL:-http://user:in-the-url@localhost:9090}
    auth: {bearer_token: "${PROM_TOKEN}"}
    headers: {X-Scope-OrgID: tenant-a}
scopes:
  team: [squad]
"""


def shown(*, defaults: bool, text: str = TEXT) -> str:
    environment = {"PROM_TOKEN": "from-the-environment", "PROM_URL": "http://prom.example:9090"}
    loaded = loads(textwrap.dedent(text), "config.yaml", environment)
    return show(loaded.config, loaded.document, loaded.resolved, defaults=defaults)


def line(name: str) -> str:
    return next(each for each in shown(defaults=True).splitlines() if each.lstrip(" -").startswith(f"{name}:"))


def test_each_value_says_where_it_comes_from() -> None:
    assert line("cluster").endswith("# config.yaml:4")
    assert line("url") == '    url: "http://prom.example:9090"'.ljust(59) + " # environment PROM_URL"
    assert line("bearer_token") == '      bearer_token: "********"'.ljust(59) + " # environment PROM_TOKEN"
    assert line("team").endswith("# config.yaml:9")
    assert line("refresh_seconds").endswith("# default")


def test_what_stood_in_a_url_is_no_default() -> None:
    text = (
        TEXT.replace('    auth: {bearer_token: "${PROM_TOKEN}"}\n', "")
        .replace("${PROM_URL:-", "")
        .replace("9090}", "9090")
    )
    lines = shown(defaults=True, text=text).splitlines()
    origins = {
        name: next(each for each in lines if each.strip().startswith(f"{name}:")) for name in ("username", "password")
    }
    assert origins["username"].endswith("# from other fields")
    assert origins["password"] == '      password: "********"'.ljust(59) + " # from other fields"
    assert next(each for each in lines if each.strip().startswith("sigv4:")).endswith("# default")


def test_a_value_of_two_variables_names_both() -> None:
    loaded = loads("theme: ${A}-${B}", "config.yaml", {"A": "one", "B": "two"})
    text = show(loaded.config, loaded.document, loaded.resolved, defaults=True)
    assert "theme: one-two".ljust(59) + " # environment A, B" in text.splitlines()


def test_headers_of_an_action_are_not_shown() -> None:
    text = """
        actions:
          - {id: park, title: Park, do: {url: "https://x", headers: {X-Key: parking-key}}}
    """
    for defaults in (True, False):
        assert "parking-key" not in shown(defaults=defaults, text=text)


def test_no_secret_is_shown() -> None:
    for text in (shown(defaults=True), shown(defaults=False)):
        assert "from-the-environment" not in text
        assert "tenant-a" not in text
    without_url = TEXT.replace("PROM_URL", "OTHER_URL").replace('    auth: {bearer_token: "${PROM_TOKEN}"}\n', "")
    assert "in-the-url" not in shown(defaults=True, text=without_url)


def test_without_defaults_only_what_was_written_is_shown() -> None:
    values = yaml.safe_load(shown(defaults=False))
    assert list(values) == ["sources", "scopes"]
    assert values["scopes"] == {"team": ["squad"]}


def test_what_is_shown_is_a_config_again() -> None:
    values = yaml.safe_load(shown(defaults=True))
    again = Config.model_validate(values)
    assert again.scopes == loads(TEXT, "f", {"PROM_TOKEN": "t", "PROM_URL": "http://h"}).config.scopes
    assert set(values) == set(Config.model_fields)


def test_nothing_written_shows_as_an_empty_config() -> None:
    assert shown(defaults=False, text="") == "{}\n"
