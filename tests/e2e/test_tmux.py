"""As most people on call run it: in tmux, over a line that may be slow."""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.terminal import DEMO
from tests.servers.require import require_binary


class Tmux:
    """One tmux server of our own with one window, which stays when its program has ended."""

    def __init__(self, columns: int, rows: int) -> None:
        self._tmux = require_binary("tmux")
        self._name = f"finops-{uuid.uuid4().hex[:8]}"
        command = f"{' '.join(DEMO)}; echo ended with $?; exec sleep 600"
        self("new-session", "-d", "-x", str(columns), "-y", str(rows), command)

    def __call__(self, *arguments: str) -> str:
        words = [self._tmux, "-f", "/dev/null", "-L", self._name, *arguments]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    def screen(self) -> str:
        return self("capture-pane", "-p")

    def keys(self, *keys: str) -> None:
        self("send-keys", *keys)

    def wait_for(self, condition: str | Callable[[str], bool], seconds: float = 30) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            screen = self.screen()
            if condition in screen if isinstance(condition, str) else condition(screen):
                return screen
            time.sleep(0.1)
        raise AssertionError(f"{condition!r} did not come; the screen was:\n{self.screen()}")

    def close(self) -> None:
        subprocess.run([self._tmux, "-L", self._name, "kill-server"], check=False, capture_output=True)


@pytest.fixture(params=[(120, 40), (80, 24)], ids=["120x40", "80x24"])
def tmux(request: pytest.FixtureRequest) -> Iterator[Tmux]:
    window = Tmux(*request.param)
    yield window
    window.close()


def last_line(text: str) -> Callable[[str], bool]:
    return lambda screen: text in screen.rstrip().splitlines()[-1]


def test_look_move_zoom_filter_and_quit(tmux: Tmux) -> None:
    tmux.wait_for("chat/deploy/")
    tmux.keys("j")
    tmux.wait_for(lambda screen: any("▌" in line and "chat-api-70b" not in line for line in screen.splitlines()))
    tmux.keys("Enter")
    tmux.wait_for("Identity")
    tmux.keys("Escape")
    tmux.wait_for(last_line("tab pane"))
    tmux.keys("2")
    tmux.wait_for("a10-notebook")
    tmux.keys("f")
    tmux.wait_for(lambda screen: "h200-canary" in screen and "chat/deploy/" not in screen)
    tmux.keys("/")
    tmux.wait_for(last_line(" / "))
    time.sleep(0.3)
    tmux.keys("-l", "h100")
    screen = tmux.wait_for(lambda screen: "h100-train" in screen and "a10-notebook" not in screen)
    assert "2 GPU" in screen
    tmux.keys("Escape")
    tmux.wait_for("a10-notebook")
    tmux.keys("?")
    tmux.wait_for("one row down")
    tmux.keys("G")
    tmux.wait_for("leave the program")
    tmux.keys("Escape")
    tmux.wait_for("a10-notebook")
    tmux.keys("q")
    screen = tmux.wait_for("ended with 0")
    assert "a10-notebook" not in screen, "the shell's own screen is back"


def test_a_window_that_changes_its_size(tmux: Tmux) -> None:
    tmux.wait_for("chat/deploy/")
    for columns, rows in ((60, 15), (200, 60), (30, 8), (100, 34)):
        tmux("resize-window", "-x", str(columns), "-y", str(rows))
        tmux.wait_for("Make this terminal at least" if columns < 40 else "chat/deploy/")
        assert max(map(len, tmux.screen().splitlines())) <= columns
    tmux.keys("q")
    tmux.wait_for("ended with 0")


def test_a_filter_that_comes_in_one_piece_with_its_key(tmux: Tmux) -> None:
    """Over a slow line the keys come together."""
    tmux.wait_for("chat/deploy/")
    tmux.keys("-l", "/bold")
    tmux.wait_for('Nothing matches "bold"', 5)
