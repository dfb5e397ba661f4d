"""A file under `tls` that is not there, or is none, is named; so is a port that speaks TLS."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from finops_tui.clock import WallClock
from finops_tui.sources.prometheus.client import PrometheusClient
from finops_tui.sources.prometheus.faults import PrometheusError
from tests.servers.scripted import Reply, scripted, vector
from tests.sources.prometheus.collect import settings
from tests.sources.prometheus.test_tls import certificates

__all__ = ["certificates"]


@pytest.fixture
def locked(certificates: Path, tmp_path: Path) -> Path:
    """The client's key behind a password."""
    locked = tmp_path / "locked.key"
    command = ["openssl", "ec", "-aes256", "-passout", "pass:x", "-in", "client.key", "-out", str(locked)]
    subprocess.run(command, cwd=certificates, check=True, capture_output=True, timeout=60)
    return locked


async def refused(url: str, **tls: str) -> PrometheusError:
    client = PrometheusClient(settings(url, tls=tls), WallClock())
    with pytest.raises(PrometheusError) as caught:
        await client.query("up")
    client.close()
    return caught.value


@pytest.mark.parametrize("field", ["ca_file", "client_cert", "client_key"])
async def test_a_file_that_is_not_there_is_named(certificates: Path, field: str) -> None:
    there = {"client_cert": str(certificates / "client.pem")} if field == "client_key" else {}
    told = await refused("https://127.0.0.1:1", **{**there, field: "/nope.pem"})
    assert told.title == f"tls.{field}: no such file: /nope.pem"


async def test_a_file_without_a_certificate_is_named(certificates: Path, tmp_path: Path) -> None:
    text = tmp_path / "prom.yml"
    text.write_text("global: {}\n")
    told = await refused("https://127.0.0.1:1", ca_file=str(text))
    assert told.title == f"tls.ca_file: no certificate in {text}"
    told = await refused("https://127.0.0.1:1", client_cert=str(text))
    assert told.title == f"tls.client_cert: no certificate with its key in {text}"
    told = await refused("https://127.0.0.1:1", client_cert=str(certificates / "client.pem"))
    assert told.title == f"tls.client_cert: no certificate with its key in {certificates / 'client.pem'}"
    other = str(certificates / "server.key")
    told = await refused("https://127.0.0.1:1", client_cert=str(certificates / "client.pem"), client_key=other)
    assert told.title == f"tls.client_key: {other} is not the key of {certificates / 'client.pem'}"


async def test_a_key_with_a_password_is_named(certificates: Path, locked: Path) -> None:
    told = await refused("https://127.0.0.1:1", client_cert=str(certificates / "client.pem"), client_key=str(locked))
    assert told.title == f"tls.client_key: the key in {locked} has a password"


async def test_plain_requests_to_a_port_that_speaks_tls(certificates: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    with scripted(lambda _: vector(), tls=context) as server:
        told = await refused(server.url.replace("https:", "http:"))
    assert "https://" in told.hint


async def test_who_answers_with_an_alert_speaks_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def alert() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"\x15\x03\x01\x00\x02\x02F")

        threading.Thread(target=alert, daemon=True).start()
        told = await refused(f"http://127.0.0.1:{listening.getsockname()[1]}")
    assert told.title == "it speaks TLS"


@pytest.mark.parametrize(
    "words",
    [
        b"Client sent an HTTP request to an HTTPS server.\n",
        b"<html>The plain HTTP request was sent to HTTPS port</html>",
    ],
)
async def test_who_says_that_it_speaks_tls(words: bytes) -> None:
    with scripted(lambda _: Reply(400, words)) as server:
        told = await refused(server.url)
    assert told.title == "it speaks TLS"
    assert told.hint == "write https:// in `url`"
    assert told.whole
