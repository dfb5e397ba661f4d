from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from finops_tui.clock import WallClock
from finops_tui.sources.kube_access import load_access
from finops_tui.sources.kubernetes.api import ApiError, KubeApi
from finops_tui.sources.kubernetes.tls import tls_trouble
from tests.servers.require import require_binary
from tests.servers.scripted import Scripted, scripted, vector


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate that vouches for itself, its key in it."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "cert.pem"]
    names = ["-subj", "/CN=kube", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [require_binary("openssl"), "req", "-x509", *key, "-out", "one.pem", "-days", "2", *names]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    whole = folder / "cert.pem"
    whole.write_text(whole.read_text() + (folder / "one.pem").read_text())
    return whole


@pytest.fixture
def server(certificate: Path) -> Iterator[Scripted]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with scripted(lambda _: vector(), tls=context) as running:
        yield running


def failure(folder: Path, url: str, **cluster: str) -> ApiError:
    config = folder / "config"
    config.write_text(
        yaml.safe_dump(
            {
                "current-context": "c",
                "clusters": [{"name": "c", "cluster": {"server": url, **cluster}}],
                "users": [{"name": "c", "user": {"token": "t"}}],
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
            }
        )
    )
    access = load_access(None, config)
    api = KubeApi(access, connect_timeout_seconds=5, read_timeout_seconds=5, clock=WallClock())
    with pytest.raises(ApiError) as caught:
        api.get("/version")
    return caught.value


def test_a_certificate_that_nobody_vouches_for_names_the_field(server: Scripted, tmp_path: Path) -> None:
    found = failure(tmp_path, server.url)
    assert (found.status, found.reason) == (0, "its TLS certificate is not trusted")
    assert found.hint.startswith("Set `certificate-authority` or")


def test_a_certificate_for_another_name_names_the_field(server: Scripted, certificate: Path, tmp_path: Path) -> None:
    found = failure(
        tmp_path, server.url, **{"certificate-authority": str(certificate), "tls-server-name": "example.org"}
    )
    assert found.reason == "its TLS certificate is for another name"
    assert "`tls-server-name`" in found.hint


def test_an_authority_that_is_no_certificate_names_the_field(server: Scripted, tmp_path: Path) -> None:
    found = failure(tmp_path, server.url, **{"certificate-authority-data": "aGVsbG8="})
    assert found.reason == "the kubeconfig's authority holds no certificate"
    assert "`certificate-authority-data`" in found.hint


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("SSLError [SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired", "its TLS certificate has expired"),
        ("SSLError [SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED]", "it wants a client certificate"),
        ("SSLError [SSL: WRONG_VERSION_NUMBER]", "no TLS connection comes about"),
    ],
)
def test_other_trouble_has_its_words(told: str, words: str) -> None:
    found = tls_trouble(told)
    assert found is not None
    assert found[0] == words


def test_what_has_nothing_to_do_with_tls_is_left_alone() -> None:
    assert tls_trouble("NewConnectionError: Connection refused") is None
