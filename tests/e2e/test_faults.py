"""Prometheus as it fails in real life, while the program runs: what the person is told, and that it recovers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from tests.e2e.proxy import Proxy, cut_off, every_value, page, proxy_before, says, slow, warning
from tests.e2e.simulated import config, prometheus
from tests.e2e.terminal import PROGRAM, Terminal

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "snapshot.schema.json").read_text("utf-8"))
ANSWERS, LOST = 0, 3
SECRET = "s3cret-from-the-login-page"
EMPTY = b'{"status":"success","data":{"resultType":"vector","result":[]}}'


class Case(NamedTuple):
    fault: Callable[[Proxy], None]
    reason: str
    """What the banner and the reports must say."""


def misbehaving(*arguments: Any) -> Callable[[Proxy], None]:
    return lambda proxy: proxy.misbehave(*arguments)


def error(words: str) -> bytes:
    return json.dumps({"status": "error", "errorType": "execution", "error": words}).encode()


CASES = {
    "refused": Case(Proxy.die, "connection refused"),
    "hangs": Case(Proxy.hang, "no answer within"),
    "hangs up": Case(misbehaving(lambda _: None), "connection lost"),
    "401": Case(misbehaving(says(401, b"token expired")), "401 Unauthorized"),
    "403": Case(misbehaving(says(403, error("rbac: access denied"))), "403 Forbidden"),
    "404": Case(misbehaving(says(404, b"404 page not found")), "404 Not Found"),
    "422": Case(misbehaving(says(422, error("too many samples"))), "422 Unprocessable Content"),
    "429": Case(misbehaving(says(429, b"slow down", Retry_After="1")), "429 Too Many Requests"),
    "503": Case(misbehaving(says(503, b"no healthy upstream")), "503 Service Unavailable"),
    "504 page": Case(misbehaving(page(504)), "504 Gateway Timeout"),
    "redirect": Case(misbehaving(says(302, Location=f"https://login/?token={SECRET}")), "302 Found"),
    "page": Case(misbehaving(page()), "a web page"),
    "cut off": Case(misbehaving(cut_off), "cut off"),
    "slow": Case(misbehaving(slow), "no whole answer within"),
    "garbage": Case(misbehaving(says(200, bytes(range(256)) * 8)), "broken or cut-off answer"),
    "empty": Case(misbehaving(says(200)), "broken or cut-off answer"),
    "not an object": Case(misbehaving(says(200, b"[]")), "broken or cut-off answer"),
}


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with prometheus(tmp_path_factory.mktemp("faults")) as url, proxy_before(url) as before:
        yield before


@pytest.fixture
def configured(proxy: Proxy, tmp_path: Path) -> Iterator[Path]:
    proxy.heal()
    yield config(tmp_path, proxy.url, timeout_seconds=1)
    proxy.heal()


def lost(screen: str) -> bool:
    """Say whether nothing comes from it: whether it is silent or refuses."""
    return any(f"Prometheus prod-us has {how} since" in screen for how in ("not answered", "told nothing"))


@pytest.mark.parametrize(
    ("size", "names"),
    [((120, 40), ["refused", "hangs", "403", "garbage"]), ((80, 24), ["refused", "cut off", "page"])],
    ids=["120x40", "80x24"],
)
def test_a_bad_night(proxy: Proxy, configured: Path, size: tuple[int, int], names: list[str]) -> None:
    """One fault after the other on one run: figures stay and say that they are old, the keys work, it recovers."""
    with Terminal((*PROGRAM, "--config", str(configured)), *size) as terminal:
        terminal.wait_for("chat/deploy/chat-api-70b")
        for name in names:
            CASES[name].fault(proxy)
            terminal.send("r")
            screen = terminal.wait_for(lost)
            assert "chat/deploy/chat-api-70b" in screen, "what was known stays"
            terminal.wait_for("~ prom down")
            terminal.wait_for("~ ≈$")
            terminal.send("0")
            terminal.wait_for(lambda screen: "━ Sources" in screen and "Reason " in screen)
            terminal.wait_for(CASES[name].reason)
            terminal.send("\x1b")
            terminal.wait_for(lambda screen: "━ Sources" not in screen and "chat/deploy/chat-api-70b" in screen)
            terminal.read(0.2)  # a key right behind esc would be alt and that key
            proxy.heal()
            terminal.send("r")
            terminal.wait_for(lambda screen: not lost(screen) and "~" not in screen)
            terminal.wait_for("chat/deploy/chat-api-70b")
        terminal.send("q")
        assert terminal.wait_for_end()[0] == 0
        assert "Traceback" not in terminal.text


def test_a_fault_of_one_query_does_not_empty_the_other_panes(proxy: Proxy, configured: Path) -> None:
    with Terminal((*PROGRAM, "--config", str(configured))) as terminal:
        terminal.wait_for("chat/deploy/")
        terminal.wait_for("bid-rank-latency")
        proxy.misbehave(says(422, error("too many samples")))
        terminal.send("r")
        terminal.wait_for("422 Unprocessable Content")
        screen = terminal.wait_for("~ prom down")
        assert "h100-train" in screen
        assert "bid-rank-latency" in screen


def test_without_a_screen(proxy: Proxy, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        wrong = [
            words for words in pool.map(lambda name: _without_a_screen(proxy, tmp_path / name, name), CASES) if words
        ]
    assert wrong == []


def _without_a_screen(proxy: Proxy, folder: Path, name: str) -> str:
    """Run both commands under the fault, through a proxy of its own; return what they did wrong."""
    folder.mkdir()
    reason = CASES[name].reason
    with proxy_before(proxy.upstream) as own:
        CASES[name].fault(own)
        snapshot, doctor = run_both(config(folder, own.url), "json")
    try:
        assert (snapshot.returncode, doctor.returncode) == (LOST, LOST)
        told = json.loads(snapshot.stdout)
        jsonschema.validate(told, SCHEMA)
        assert told["headline"]["usd_per_hour"]["value"] is None
        assert reason in told["headline"]["usd_per_hour"]["missing"]
        source = next(row for row in told["sources"] if row["name"] == "prometheus prod-us")
        assert (source["state"], source["answered_at"]) == ("down", None)
        assert reason in source["reason"]
        report = json.loads(doctor.stdout)
        assert report["ok"] is False
        failed = [check for check in report["checks"] if check["state"] == "fail"]
        assert [check["system"] for check in failed] == ["prometheus prod-us"]
        assert reason in failed[0]["detail"]
    except (AssertionError, ValueError, jsonschema.ValidationError) as error:
        return f"{name}: {error}\n{snapshot.stdout}{doctor.stdout}"
    return ""


def test_reports_in_words_name_the_cause_and_keep_secrets(proxy: Proxy, configured: Path) -> None:
    CASES["redirect"].fault(proxy)
    snapshot, doctor = run_both(configured, "text")
    for done in (snapshot, doctor):
        assert done.returncode == LOST
        assert "302 Found" in done.stdout
        assert "`auth`" in done.stdout, "what to try"


def test_figures_that_are_none(proxy: Proxy, configured: Path) -> None:
    proxy.misbehave(every_value("NaN"))
    snapshot, _ = run_both(configured, "json")
    assert snapshot.returncode == ANSWERS
    told = json.loads(snapshot.stdout)
    jsonschema.validate(told, SCHEMA)
    assert all(pool["utilization"] is None for pool in told["pools"])
    assert "NaN" not in snapshot.stdout


def test_a_server_without_data_is_no_cluster_without_cost(proxy: Proxy, configured: Path) -> None:
    proxy.misbehave(says(200, EMPTY))
    snapshot, doctor = run_both(configured, "json")
    assert snapshot.returncode == ANSWERS
    told = json.loads(snapshot.stdout)
    jsonschema.validate(told, SCHEMA)
    assert told["headline"]["usd_per_hour"]["value"] is None
    assert told["headline"]["usd_per_hour"]["missing"]
    assert doctor.returncode == LOST


def test_warnings_are_shown_and_harmless(proxy: Proxy, configured: Path) -> None:
    proxy.misbehave(warning("\x1b]0;PWNED\x07partial \u202eresponse"))
    snapshot, _ = run_both(configured, "text")
    assert snapshot.returncode == ANSWERS
    assert "warns: " in snapshot.stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(snapshot.stdout)
    with Terminal((*PROGRAM, "--config", str(configured))) as terminal:
        terminal.wait_for("Prometheus prod-us warns: ")
        terminal.wait_for("chat/deploy/")
        assert b"\x1b]0;" not in terminal.output


def run_both(path: Path, form: str) -> tuple[subprocess.CompletedProcess[str], subprocess.CompletedProcess[str]]:
    """Run snapshot and doctor side by side; neither may write anything but its report."""
    commands = (("snapshot", "--wait", "30s"), ("doctor",))
    started = [
        subprocess.Popen(
            [*PROGRAM, *words, "--config", str(path), "--format", form],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for words in commands
    ]  # fmt: skip
    done = []
    for process in started:
        try:
            out, err = process.communicate(timeout=90)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
        assert err == ""
        assert SECRET not in out
        done.append(subprocess.CompletedProcess(process.args, process.returncode, out, err))
    return done[0], done[1]
