"""What each command loads. Start-up time is kept by what is never imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

CLIENTS = {"kubernetes", "prometheus_api_client", "requests", "boto3", "botocore", "httpx"}
HEAVY = {"textual", "rich", "pydantic", "yaml", "msgspec", "asyncio", "typing", "dataclasses", *CLIENTS}

LOADED = """
import sys
import atexit
atexit.register(lambda: print("loaded:", *sorted(sys.modules), file=sys.stderr))
{code}
"""


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that an interpreter has loaded after running `code`."""
    words = [sys.executable, "-c", LOADED.format(code=code)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    (names,) = (line for line in done.stderr.splitlines() if line.startswith("loaded:"))
    return set(names.removeprefix("loaded:").split())


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_and_version_load_next_to_nothing(word: str) -> None:
    loaded = loaded_by(f"from finops_tui.cli import main; main([{word!r}])")
    assert loaded & HEAVY == set()
    assert {name for name in loaded if name.startswith("finops_tui.")} <= {
        "finops_tui.cli",
        "finops_tui.commands",
        "finops_tui.commands.arguments",
        "finops_tui.errors",
        "finops_tui.output",
    }


def test_the_engine_knows_no_terminal() -> None:
    code = "import finops_tui.engine.hub, finops_tui.engine.runner, finops_tui.engine.compose"
    assert loaded_by(code) & {"textual", "rich", "pydantic", "yaml", *CLIENTS} == set()


@pytest.mark.parametrize("form", ["text", "json", "md", "csv"])
def test_the_headless_demo_loads_no_terminal_no_config_and_no_client(form: str) -> None:
    code = (
        "from finops_tui.cli import main; "
        f"assert main(['demo', '--headless', '--for', '1m', '--format', '{form}']) == 0"
    )
    assert loaded_by(code) & {"textual", "rich", "pydantic", "yaml", "finops_tui.config.models", *CLIENTS} == set()


def test_the_demo_loads_no_config_and_no_client_before_its_first_frame() -> None:
    """The screen's own themes are YAML; everything else that reads configs or talks to systems stays away."""
    code = (
        "import argparse; import finops_tui.commands.demo; from finops_tui.wiring import demo, screen; "
        "from finops_tui.commands.screen import ui_settings; "
        "ui_settings(argparse.Namespace(theme=None, layout=None, ascii=None)); "
        "import finops_tui.ui.app; demo.sources(7, demo.simulated_clock(60.0))"
    )
    assert loaded_by(code) & {"pydantic", "finops_tui.config.models", *CLIENTS} == set()


def test_the_first_frame_waits_for_no_rows() -> None:
    """Making their classes takes a tenth of a second."""
    code = """
import argparse
import asyncio
from finops_tui.commands.screen import ui_settings
from finops_tui.engine.feed import Feed
from finops_tui.ui.app import FinopsApp
asked = argparse.Namespace(theme=None, layout=None, ascii=None)
async def main() -> None:
    frames = []
    app = FinopsApp(Feed(), ui_settings(asked), on_first_frame=lambda: frames.append(1))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert frames
asyncio.run(main())
"""
    rows = {"finops_tui.model.snapshot", "finops_tui.model.finding", "finops_tui.model.plan", "finops_tui.model.cloud"}
    assert loaded_by(code) & rows == set()


def test_a_config_loads_no_client_and_no_terminal() -> None:
    code = "from finops_tui.config.load import loads; loads('', 'config.yaml', {})"
    assert loaded_by(code) & {"textual", "rich", *CLIENTS} == set()
