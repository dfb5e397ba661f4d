from __future__ import annotations

import pytest

from finops_tui.ui import app


@pytest.fixture(autouse=True)
def nobody_is_asked_what_is_permitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second with the cursor on a row would change the footer: a slow machine would draw another picture."""
    monkeypatch.setattr(app, "REST_SECONDS", 3_600.0)
