"""As most people on call run it: in tmux, over a line that may be slow."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.servers.require import require_binary


class Tmux:
    """One tmux server of our own with one window."""

    def __init__(self, columns: int, rows: int) -> None:
        self._tmux = require_binary("tmux")
        self._name = f"finops-{uuid.uuid4().hex[:8]}"
        command = f"exec {sys.executable} -m finops_tui demo --seed 7"
        self("new-session", "-d", "-x", str(columns), "-y", str(rows), command)

    def __call__(self, *arguments: str) -> str:
        words = [self._tmux, "-f", "/dev/null", "-L", self._name, *arguments]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    def screen(self) -> str:
        return self("capture-pane", "-p")

    def keys(self, *keys: str) -> None:
        self("send-keys", *keys)

    def wait_for(self, condition: Callable[[str], bool]) -> str:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if condition(screen := self.screen()):
                return screen
            time.sleep(0.1)
        raise AssertionError(f"it did not come; the screen was:\n{self.screen()}")

    def close(self) -> None:
        subprocess.run([self._tmux, "-L", self._name, "kill-server"], check=False, capture_output=True)


@pytest.fixture(params=[(120, 40), (80, 24)], ids=["120x40", "80x24"])
def tmux(request: pytest.FixtureRequest) -> Iterator[Tmux]:
    window = Tmux(*request.param)
    yield window
    window.close()


def test_look_move_zoom_filter_and_quit(tmux: Tmux) -> None:
    tmux.wait_for(lambda screen: "/job/" in screen or "/deploy/" in screen)
    tmux.keys("2")
    tmux.wait_for(lambda screen: "h100-train" in screen)
    tmux.keys("f")
    tmux.keys("/")
    tmux.keys("-l", "h100")
    zoomed = tmux.wait_for(lambda screen: "h100-train" in screen and "a10-notebook" not in screen)
    assert "2 GPU" in zoomed
    tmux.keys("Escape")
    tmux.wait_for(lambda screen: "a10-notebook" in screen)
    tmux.keys("?")
    tmux.wait_for(lambda screen: "quit" in screen)
    tmux.keys("Escape")
    tmux.keys("q")
    with pytest.raises(subprocess.CalledProcessError):  # the server ends with its only window
        tmux.wait_for(lambda screen: not screen.strip())
