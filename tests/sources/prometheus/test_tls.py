from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from finops_tui.clock import WallClock
from finops_tui.sources.prometheus.client import PrometheusClient
from finops_tui.sources.prometheus.faults import PrometheusError
from tests.servers.require import require_binary
from tests.servers.scripted import Scripted, scripted, vector
from tests.sources.prometheus.collect import settings


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority (`ca`), a server's and a client's certificate."""
    openssl = require_binary("openssl")
    folder = tmp_path_factory.mktemp("certificates")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)

    usage = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"]
    run(
        "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority", "-days", "2", *usage
    )
    for name in ("server", "client"):
        run("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / "extensions").write_text("subjectAltName=IP:127.0.0.1\n")
        signed = ["-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"]
        run("x509", "-req", *signed, "-extfile", "extensions", "-out", f"{name}.pem")
    return folder


@pytest.fixture
def guarded(certificates: Path) -> Iterator[Scripted]:
    """A server that lets in only who shows a certificate of the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    context.load_verify_locations(certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with scripted(lambda _: vector(({}, 1)), tls=context) as server:
        yield server


async def ask(server: Scripted, **tls: str) -> None:
    client = PrometheusClient(settings(server.url, tls=tls), WallClock())
    try:
        await client.query("up")
    finally:
        client.close()


async def test_mutual_tls(guarded: Scripted, certificates: Path) -> None:
    ours = {"client_cert": str(certificates / "client.pem"), "client_key": str(certificates / "client.key")}
    await ask(guarded, ca_file=str(certificates / "ca.pem"), **ours)
    assert len(guarded.requests) == 1


async def test_an_unknown_authority_is_not_trusted(guarded: Scripted) -> None:
    with pytest.raises(PrometheusError, match="TLS certificate is not trusted") as caught:
        await ask(guarded)
    assert "tls.ca_file" in caught.value.hint


async def test_without_our_certificate(guarded: Scripted, certificates: Path) -> None:
    with pytest.raises(PrometheusError, match=r"client certificate refused|connection lost|TLS failed"):
        await ask(guarded, ca_file=str(certificates / "ca.pem"))


async def test_a_certificate_for_another_name(guarded: Scripted, certificates: Path) -> None:
    guarded.url = guarded.url.replace("127.0.0.1", "localhost")
    with pytest.raises(PrometheusError, match="TLS certificate is for another name"):
        await ask(guarded, ca_file=str(certificates / "ca.pem"))
