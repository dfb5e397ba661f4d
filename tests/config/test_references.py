from __future__ import annotations

from pathlib import Path

import pytest

from finops_tui.config.load import load, loads
from finops_tui.config.redaction import MASK, redact
from finops_tui.errors import ConfigError
from finops_tui.sources.prometheus.settings import PrometheusSettings

PROMETHEUS = "sources: [{{type: prometheus, cluster: a, url: '{url}', auth: {{bearer_token: '{token}'}}}}]\n"


def settings(text: str, **environment: str) -> PrometheusSettings:
    source = loads(text, "config.yaml", environment).config.sources[0]
    assert isinstance(source, PrometheusSettings)
    return source


def token(source: PrometheusSettings) -> str:
    assert source.auth.bearer_token is not None
    return source.auth.bearer_token.get_secret_value()


def test_the_environment_and_its_default() -> None:
    text = PROMETHEUS.format(url="http://${HOST:-localhost}:${PORT}", token="${TOKEN}")
    source = settings(text, PORT="9090", TOKEN="environment-token")
    assert source.url == "http://localhost:9090"
    assert token(source) == "environment-token"


def test_a_number_may_come_from_the_environment() -> None:
    assert loads("refresh_seconds: ${R}", "config.yaml", {"R": "2.5"}).config.refresh_seconds == 2.5


def test_a_dollar_that_is_no_reference_stays() -> None:
    text = PROMETHEUS.format(url="http://h", token="a$b$${NOT}$window")
    assert token(settings(text)) == "a$b${NOT}$window"


def test_a_missing_variable_is_named_with_its_line_and_hides_what_follows_from_it() -> None:
    with pytest.raises(ConfigError) as caught:
        settings("theme: night\n" + PROMETHEUS.format(url="${PROM_URL}", token="t"))
    assert caught.value.title == "config.yaml has 1 mistake."
    assert "config.yaml:2:47: sources[0].url: the environment variable PROM_URL is not set" in caught.value.detail
    with pytest.raises(ConfigError, match="PROM_URL is empty"):
        settings(PROMETHEUS.format(url="${PROM_URL}", token="t"), PROM_URL="")


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("token-from-a-file\n")
    config = tmp_path / "config.yaml"
    for reference in (f"file:{tmp_path}/token", "file:token", f"file://{tmp_path}/token"):
        config.write_text(PROMETHEUS.format(url="http://h", token=reference))
        source = load(config, {}).config.sources[0]
        assert isinstance(source, PrometheusSettings)
        assert token(source) == "token-from-a-file"


@pytest.mark.parametrize(("content", "said"), [(None, "No such file"), (b"", "empty"), (b"x" * 70_000, "larger than")])
def test_a_file_that_is_no_secret(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        settings(PROMETHEUS.format(url="http://h", token=f"file:{tmp_path}/token"))


def test_no_error_shows_a_secret() -> None:
    wrong = """
sources:
  - type: prometheus
    cluster: a
    url: http://user:passw0rd-in-url@host
    auth: {bearer_token: [literal-secret]}
    headers: {Authorization: {a: literal-header}}
    tokn: literal-typo-secret
    params: {api_key: ['literal-param']}
    timeout_seconds: ${SECRET_NUMBER}
  - {type: prometheus, cluster: b, url: "${PROM_TOKEN}", auth: literal-auth}
  - literal-source
notify: ["${SLACK_WEBHOOK}"]
"""
    environment = {"SECRET_NUMBER": "not-a-number", "PROM_TOKEN": "not-a-url", "SLACK_WEBHOOK": "not-a-channel"}
    with pytest.raises(ConfigError) as caught:
        loads(wrong, "config.yaml", environment)
    said = str(caught.value)
    for secret in ("passw0rd", "literal-", *environment.values()):
        assert secret not in said
    assert "sources[0].tokn: there is no such field" in said


def test_secrets_of_a_config_are_masked_wherever_they_turn_up() -> None:
    settings(PROMETHEUS.format(url="http://h", token="${T}"), T="deeply-hidden-value")
    assert redact("GET failed with deeply-hidden-value in it") == f"GET failed with {MASK} in it"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("http://user:hunter2@host/x", "hunter2"),
        ("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"),
        ("password=hunter2, user=x", "hunter2"),
        ('{"api_key": "hunter2"}', "hunter2"),
    ],
)
def test_what_looks_like_a_credential_is_masked(text: str, hidden: str) -> None:
    assert hidden not in redact(text)
    assert MASK in redact(text)
