from __future__ import annotations

import base64
import re

from finops_tui.ui.clipboard import LIMIT_BYTES, sequence

TEXT = "nlp-train/job/retrain-v7 ≈412.0"


def payload(data: str) -> str:
    found = re.search(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", data)
    assert found
    return base64.b64decode(found[1]).decode()


def test_plain() -> None:
    found = sequence(TEXT, {})
    assert found is not None
    assert found.startswith("\x1b]52;c;")
    assert payload(found) == TEXT


def test_tmux_passes_it_on() -> None:
    found = sequence(TEXT, {"TMUX": "/tmp/tmux-0/default,1,0"})
    assert found is not None
    plain, _, wrapped = found.partition("\x1bPtmux;")
    assert payload(plain) == TEXT
    assert wrapped.endswith("\x1b\\")
    assert payload(wrapped.removesuffix("\x1b\\").replace("\x1b\x1b", "\x1b")) == TEXT


def test_screen_gets_it_in_pieces() -> None:
    found = sequence(TEXT * 100, {"STY": "1.pts"})
    assert found is not None
    pieces = re.findall(r"\x1bP(.*?)\x1b\\", found, re.DOTALL)
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 700
    assert payload("".join(pieces)) == TEXT * 100


def test_too_long_is_refused_and_the_limit_fits() -> None:
    assert sequence("x" * (LIMIT_BYTES + 1), {}) is None
    longest = sequence("x" * LIMIT_BYTES, {})
    assert longest is not None
    assert len(longest) <= 100_000


def test_lone_surrogates_do_not_raise() -> None:
    assert sequence("\ud800", {}) is not None
