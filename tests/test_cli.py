"""The command line: what it says, and how it ends."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest
from msgspec.structs import replace

from finops_tui import __version__, cli
from finops_tui.clock import Clock
from finops_tui.commands import snapshot as snapshot_command
from finops_tui.commands.arguments import address, duration, moment, speed
from finops_tui.commands.crash import report
from finops_tui.commands.screen import user_themes
from finops_tui.config.models import Config
from finops_tui.errors import SourceError
from finops_tui.model.health import HealthState
from finops_tui.model.snapshot import Snapshot
from finops_tui.simulation.scenarios import NAMES as SCENARIOS
from finops_tui.sources.base import Source
from finops_tui.ui.theme import bundled_dir
from finops_tui.wiring import demo, live
from tests.output.samples import full_snapshot

REPOSITORY = Path(__file__).parents[1]

SCREEN = {"--theme", "--layout", "--ascii"}
CONFIG = "sources: [{type: kubernetes, cluster: prod-us}]\n"


class Ran:
    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


Run = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start in an empty home, where nothing is configured."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "FINOPS_TUI_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    assert Path.home() == home

    def run(*words: str) -> Ran:
        status = cli.main(words)
        return Ran(status, *capsys.readouterr())

    return run


@pytest.fixture
def config(home: Path) -> Path:
    path = home / "config.yaml"
    path.write_text(CONFIG)
    return path


def test_version_and_help(run: Run) -> None:
    assert run("--version").out == f"finops-tui {__version__}\n"
    shown = run("--help")
    assert shown.status == 0
    assert all(name in shown.out for name in cli.COMMANDS)
    assert "exit status" in shown.out


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help(run: Run, name: str) -> None:
    shown = run(name, "--help")
    assert (shown.status, shown.err) == (0, "")
    assert shown.out.startswith(f"usage: finops-tui {name}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["snpshot"], "Did you mean snapshot?"),
        (["demo", "--headles"], "Did you mean --headless?"),
        (["demo", "--format", "jsn"], "Did you mean json?"),
        (["demo", "--scenario", "spot-strom"], "Did you mean spot-storm?"),
        (["config", "chek"], "Did you mean check?"),
        (["--verson"], "Did you mean --version?"),
        (["--confg", "x.yaml", "snapshot"], "unrecognized arguments: --confg\nDid you mean --config?"),
        (["themes", "--theme", "day"], "unrecognized arguments: --theme day\nfinops-tui --help lists what there is."),
        (["detectors", "--config", "config.yaml"], "unrecognized arguments: --config"),
        (["keys", "--ascii"], "unrecognized arguments: --ascii"),
        (["qqq"], "finops-tui --help lists what there is."),
        (["demo", "--headless", "--for", "soon"], "'soon' is not a duration; write it as 90s, 30m, 1h30m or 2d"),
        (["demo", "--speed", "-1"], "--speed"),
        (["demo", "--at", "noon"], "'noon' is not a time; write it as 2026-03-10T14:00Z"),
        (["demo", "--at", "9999-12-31T23:59Z"], "'9999-12-31T23:59Z' is out of range; write a time in the years 2000"),
        (["demo", "--at", "0001-01-01T00:00Z"], "'0001-01-01T00:00Z' is out of range; write a time in the years 2000"),
        (["demo", "--for", "1m"], "Add --headless."),
        (["demo", "--speed", "max"], "cannot be read at --speed max"),
        (["--theme", "day", "demo", "--headless"], "--theme, --layout and --ascii say how a screen looks."),
        (["config"], "the following arguments are required: what"),
        (["--config", "nowhere.yaml", "snapshot"], "There is no config file nowhere.yaml."),
        (["snapshot", "--config", "nowhere.yaml"], "There is no config file nowhere.yaml."),
        (["snapshot"], "finops-tui demo"),
        (["config", "check"], "There is no config."),
    ],
)
def test_what_cannot_be_ends_with_2_and_says_why(run: Run, words: Sequence[str], said: str) -> None:
    ran = run(*words)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(("words", "instead"), [([], "snapshot"), (["run"], "snapshot"), (["demo"], "demo --headless")])
def test_the_screen_needs_a_terminal(run: Run, words: Sequence[str], instead: str) -> None:
    ran = run(*words)
    assert ran.status == 2
    assert f"finops-tui {instead} prints" in ran.err


def terminal(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names:
        monkeypatch.setattr(f"sys.{name}.isatty", lambda: True, raising=False)


@pytest.mark.parametrize("names", [("stdin", "stdout"), ("stdin", "stderr"), ("stdout", "stderr")])
def test_the_screen_needs_all_of_the_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    """It is drawn on the standard error: with `2>log` nobody would see anything."""
    terminal(monkeypatch, *names)
    assert "redirected" in run("demo").err


def test_a_dumb_terminal_is_told_of_the_snapshot(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal(monkeypatch, "stdin", "stdout", "stderr")
    monkeypatch.setenv("TERM", "dumb")
    assert "TERM=dumb" in run("demo").err


def test_a_wrong_config_is_told_line_by_line(run: Run, config: Path) -> None:
    config.write_text("thme: night\n")
    for words in (["config", "check"], ["snapshot"], ["config", "show"]):
        ran = run(*words)
        assert ran.status == 2
        assert "config.yaml:1:1: thme: there is no such field here" in ran.err
        assert "Did you mean theme?" in ran.err


def test_a_config_without_sources_cannot_run_but_is_right(run: Run, config: Path) -> None:
    config.write_text("theme: day\n")
    assert "lists no sources" in run("snapshot").err
    assert run("config", "check").out == "config.yaml is right: theme.\n"
    config.write_text("# nothing yet\n")
    assert run("config", "check").out == "config.yaml is right; it sets nothing.\n"


def test_config_commands(run: Run, config: Path) -> None:
    assert run("config", "check").out == "config.yaml is right: 1 source.\n"
    assert run("config", "show").out.splitlines()[-1] == "    cluster: prod-us"
    assert "# default" in run("config", "show", "--effective").out
    assert json.loads(run("config", "schema").out)["title"] == "Config"
    assert run("config", "example").out == (REPOSITORY / "config.example.yaml").read_text(encoding="utf-8")
    config.unlink()
    assert "refresh_seconds: 1" in run("config", "show", "--effective").out


def test_an_unknown_theme_is_a_mistake(run: Run, config: Path) -> None:
    config.write_text("theme: nihgt\n")
    assert "Did you mean night?" in run("config", "check").err


@pytest.mark.parametrize(
    ("name", "taken"), [("detectors", set()), ("themes", set()), ("keys", {"--config"}), ("run", SCREEN | {"--config"})]
)
def test_the_help_offers_only_what_is_heard(run: Run, name: str, taken: set[str]) -> None:
    assert set(re.findall(r"--[a-z]+", run(name, "--help").out)) == taken | {"--help"}


def test_the_help_and_the_docs_say_the_same_of_how_it_ends(run: Run) -> None:
    shown = " ".join(run("--help").out.split())
    told = " ".join((REPOSITORY / "docs/headless.md").read_text(encoding="utf-8").split())
    for status, words in (
        (1, "failed; the message says why, and after a bug where its report lies; journal: the record does not hold"),
        (130, "interrupted"),
        (141, "whoever read the output went away"),
    ):
        assert f"{status} {words}" in shown
        assert f"| {status} | {words} |" in told


def test_themes_of_ones_own_are_listed_as_such(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    own = user_themes() / "mine.yaml"
    own.parent.mkdir(parents=True)
    own.write_text((bundled_dir() / "night.yaml").read_text("utf-8"), "utf-8")
    assert "mine  (yours)\n" in run("themes").out


def test_lists(run: Run, config: Path) -> None:
    assert "night\n" in run("themes").out
    assert "page_usd_per_hour" in run("detectors").out
    assert "app.quit" in run("keys").out
    other = config.with_name("other.yaml")
    for file, words in ((config, ("keys",)), (other, ("keys", "--config", str(other)))):
        file.write_text("keymap: {view.zoom: f9}\n")
        assert "view.zoom" in next(line for line in run(*words).out.splitlines() if " f9 " in line)
        file.unlink()


@pytest.mark.parametrize("form", ["text", "json", "md", "csv"])
def test_the_demo_prints_a_snapshot(run: Run, form: str) -> None:
    ran = run("demo", "--headless", "--for", "10m", "--format", form)
    assert (ran.status, ran.err) == (0, "")
    assert "2026-03-10T14:10:00Z" in ran.out


def test_the_same_seed_prints_the_same_snapshot(run: Run) -> None:
    words = ("demo", "--headless", "--for", "20m", "--format", "json", "--seed")
    first, again, other = run(*words, "3"), run(*words, "3"), run(*words, "4")
    assert first.out == again.out
    assert first.out != other.out


def test_the_demo_begins_when_it_is_told(run: Run) -> None:
    words = ("demo", "--headless", "--for", "10m", "--format", "json")
    ran = run(*words, "--at", "2026-11-22T03:30+01:00")
    assert (ran.status, ran.err) == (0, "")
    assert json.loads(ran.out)["at"] == "2026-11-22T02:40:00Z"
    assert run(*words, "--at", "2026-03-10T14:00Z").out == run(*words).out, "when it begins unless told otherwise"


def test_the_demo_has_the_incident_that_is_named(run: Run) -> None:
    ran = run("demo", "--headless", "--for", "30m", "--format", "json", "--scenario", "spot-storm")
    assert json.loads(ran.out)["scenario"]["name"] == "spot-storm"
    assert json.loads(ran.out)["scenario"]["began_at"] == "2026-03-10T14:20:00Z"
    assert json.loads(run("demo", "--headless", "--for", "1m", "--format", "json").out)["scenario"] is None


def test_the_help_of_the_demo_lists_the_incidents(run: Run) -> None:
    shown = " ".join(run("demo", "--help").out.split())
    assert ", ".join(SCENARIOS) in shown


@pytest.mark.usefixtures("config")
def test_snapshot_waits_for_the_sources_and_prints(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "sources", _simulated)
    ran = run("snapshot", "--wait", "0.2", "--format", "json")
    value = json.loads(ran.out)
    assert value["mode"] == "live"
    assert value["clusters"] == ["prod-eu", "prod-us", "research"]
    assert ran.status == snapshot_command.NONE_ANSWERED, "the simulation answers, but not the source that is configured"


def test_a_kubeconfig_that_is_of_no_use_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("contexts: [")
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    ran = run("snapshot")
    assert ran.status == 2
    assert f"{kubeconfig} has no context whose cluster and user are defined" in ran.err


def test_without_a_config_a_kubeconfig_will_do(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        "current-context: kind-a\ncontexts: [{name: kind-a, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:6443'}}]\nusers: [{name: u, user: {}}]\n"
    )
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    monkeypatch.setattr(live, "sources", _simulated)
    ran = run("snapshot", "--wait", "0.2")
    assert "reading the Kubernetes cluster kind-a alone" in ran.err
    assert "A Prometheus under sources: in config.yaml would add GPU utilization" in ran.err


def test_the_exit_status_of_a_snapshot() -> None:
    shown = full_snapshot()
    down = shown.sources[0]
    names = frozenset({down.name})
    assert snapshot_command.status(shown, names) == 3
    assert snapshot_command.settled(shown, names), "it has failed; nothing more is to come"
    up = _with(shown, down.name, HealthState.LIVE)
    assert snapshot_command.status(up, names) == 0
    assert snapshot_command.status(up, names | {"kubernetes prod-us"}) == 4
    assert not snapshot_command.settled(up, names | {"kubernetes prod-us"})
    assert not snapshot_command.settled(_with(shown, down.name, HealthState.CONNECTING), names)


@pytest.mark.usefixtures("config")
def test_a_foreseen_failure_has_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "sources", _raising(SourceError("It is down.", "since\x1b[31m noon", "Wait.")))
    ran = run("snapshot")
    assert (ran.status, ran.err) == (1, "finops-tui: It is down.\nsince[31m noon\nWait.\n")


def test_a_bug_leaves_one_line_and_a_report_without_secrets(
    run: Run, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "top-secret-token")
    config.write_text("sources: [{type: prometheus, cluster: a, url: http://h, auth: {bearer_token: '${TOKEN}'}}]")
    monkeypatch.setattr(live, "sources", _raising(ZeroDivisionError("with top-secret-token in it")))
    ran = run("snapshot")
    assert ran.status == 1
    assert "ZeroDivisionError: with ******** in it" in ran.err
    assert "Traceback" not in ran.err
    (report,) = tmp_path.rglob("crash-*.txt")
    assert str(report) in ran.err
    assert "Traceback" in report.read_text()
    assert "top-secret-token" not in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600


def test_a_user_without_a_home_is_no_bug(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(uid: int) -> NoReturn:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.delenv("HOME")
    ran = run("themes")
    assert (ran.status, ran.err) == (0, "")
    assert "Your own go into /" in ran.out


def test_a_report_that_cannot_be_written_is_no_second_crash(config: Path) -> None:
    assert "could not be written" in report(ValueError("x"), [], config)


@pytest.mark.usefixtures("config")
def test_ctrl_c_ends_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "sources", _raising(KeyboardInterrupt()))
    assert run("snapshot").status == 130


def test_a_reader_that_goes_away_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = [sys.executable, "-m", "finops_tui", "demo", "--headless", "--for", "1m"]
    done = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_pipe_gets_utf_8_whatever_the_locale() -> None:
    words = [sys.executable, "-m", "finops_tui", "demo", "--headless", "--for", "1m"]
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(words, capture_output=True, env={**os.environ, **plain}, check=True)
    assert "\N{EN DASH}" in done.stdout.decode("utf-8")


def test_simulate_serves_until_it_is_interrupted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(seed: int, clock: Clock, host: str, port: int, *, ready: Callable[[str], None]) -> NoReturn:
        ready(f"http://{host}:{port}")
        raise KeyboardInterrupt(seed, clock.speed)

    monkeypatch.setattr("finops_tui.commands.simulate.serve", serve)
    ran = run("simulate", "--listen", "127.0.0.1:9401", "--speed", "60")
    assert (ran.status, ran.out) == (130, "")
    assert "Serving http://127.0.0.1:9401/metrics" in ran.err
    assert run("simulate", "--speed", "max").status == 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("0.5", 0.5), ("30m", 1_800), ("1h30m", 5_400), ("2d", 172_800), ("1d1h1m1s", 90_061)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "1h30", "30x", "-5", "nan", "1e3", "5m1h", "36526d", "9" * 400])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        duration(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-10T14:00Z", datetime(2026, 3, 10, 14, tzinfo=UTC)),
        ("2026-03-10 14:00:30", datetime(2026, 3, 10, 14, 0, 30, tzinfo=UTC)),
        ("2026-03-10T14:00+05:30", datetime(2026, 3, 10, 8, 30, tzinfo=UTC)),
        ("2026-03-10", datetime(2026, 3, 10, tzinfo=UTC)),
    ],
)
def test_times(text: str, at: datetime) -> None:
    assert moment(text) == at
    assert moment(text).tzinfo is UTC


@pytest.mark.parametrize("text", ["", "14:00", "2026-13-01", "1900-01-01", "2200-01-01T00:00Z", "yesterday"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        moment(text)


def test_speeds_and_addresses() -> None:
    assert [speed(text) for text in ("60", "60x", "60×", "0.5", "max")] == [60, 60, 60, 0.5, float("inf")]
    for text in ("0", "nan", "inf", "-1", "fast", "1e9"):
        with pytest.raises(argparse.ArgumentTypeError):
            speed(text)
    assert address("127.0.0.1:9400") == ("127.0.0.1", 9400)
    assert address(":9400") == ("127.0.0.1", 9400)
    assert address("[::1]:1") == ("::1", 1)
    for text in ("", "9400x", "host:", "host:99999", "host:²"):
        with pytest.raises(argparse.ArgumentTypeError):
            address(text)


def _simulated(_: Config, clock: Clock) -> tuple[Source, ...]:
    return demo.sources(7, clock)


def _raising(error: BaseException) -> Callable[..., NoReturn]:
    def fail(*_: object) -> NoReturn:
        raise error

    return fail


def _with(snapshot: Snapshot, name: str, state: HealthState) -> Snapshot:
    return replace(
        snapshot, sources=tuple(replace(each, state=state) for each in snapshot.sources if each.name == name)
    )
