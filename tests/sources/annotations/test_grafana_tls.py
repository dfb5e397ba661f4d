from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

from finops_tui.clock import WallClock
from finops_tui.sources.annotations.grafana import Grafana
from finops_tui.sources.annotations.settings import GrafanaSettings
from tests.servers.require import require_binary
from tests.servers.scripted import Reply, scripted


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Make a certificate that signs itself, and its key beside it."""
    openssl = require_binary("openssl")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem"]
    names = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [openssl, "req", "-x509", *key, "-out", "cert.pem", "-days", "2", *names]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    return tmp_path / "cert.pem"


async def test_only_a_known_authority_is_trusted(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with scripted(lambda _: Reply(body=b"[]"), tls=context) as server:
        (stranger,) = await Grafana(GrafanaSettings(url=server.url), WallClock()).diagnose()
        assert stranger.detail.startswith("its TLS certificate is not trusted")
        assert "ca_file" in stranger.hint
        assert server.requests == []
        known = GrafanaSettings(url=server.url, ca_file=certificate)
        (check,) = await Grafana(known, WallClock()).diagnose()
        assert check.state == "ok"
        (plain,) = await Grafana(GrafanaSettings(url=server.url.replace("https", "http")), WallClock()).diagnose()
        assert plain.state == "fail"
