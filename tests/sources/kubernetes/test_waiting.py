"""What a cluster that has not answered yet waits for."""

from __future__ import annotations

import time

import pytest

from finops_tui.clock import WallClock
from finops_tui.model.observations import SourceHealth
from finops_tui.sources.kubernetes import source
from finops_tui.sources.kubernetes.settings import KubernetesSettings


async def test_credentials_that_do_not_come_are_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "load_access", lambda *_: time.sleep(5))
    monkeypatch.setattr(source, "SILENCE_SECONDS", 0.05)
    stream = source.KubernetesSource(KubernetesSettings(cluster="prod"), WallClock()).observe()
    reasons: list[str] = []
    async for told in stream:
        assert isinstance(told, SourceHealth)
        reasons.append(told.reason)
        if len(reasons) == 3:
            break
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator, which the protocol does not say
    assert reasons == ["", *["waits for its credentials, for 0s"] * 2]
