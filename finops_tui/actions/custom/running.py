"""Running one filled step: what came of it, in one line."""

from __future__ import annotations

import asyncio
import os
from typing import NamedTuple

import httpx

from finops_tui.actions.custom.spec import Call, Command, Step
from finops_tui.actions.words import plain

ENVIRONMENT = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "KUBECONFIG", "AWS_PROFILE", "SSH_AUTH_SOCK")
"""What of this program's environment a command gets: not the secrets that its config refers to."""
LONGEST = 300
READ_BYTES = 64 * 1024


class Ran(NamedTuple):
    ok: bool | None
    """None where nobody knows what happened."""
    words: str


async def run(step: Step, timeout_seconds: float) -> Ran:
    if isinstance(step, Command):
        return await _command(step, timeout_seconds)
    return await _call(step, timeout_seconds)


async def _command(step: Command, timeout_seconds: float) -> Ran:
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    arguments = ("/bin/sh", "-c", *step.arguments) if step.shell else step.arguments
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            env=environment,
            start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        return Ran(False, f"{step.arguments[0]} cannot be run ({error.strerror}). Nothing was started.")
    assert process.stdout is not None, "it is a pipe"
    try:
        async with asyncio.timeout(timeout_seconds):
            said = await process.stdout.read(READ_BYTES)
            while await process.stdout.read(READ_BYTES):
                pass
            status = await process.wait()
    except TimeoutError:
        _kill(process)
        await process.wait()
        return Ran(None, f"It did not end within {timeout_seconds:g} s and was killed; it may have done some of it.")
    last = plain((said.decode(errors="replace").strip().splitlines() or [""])[-1], LONGEST)
    words = f"It ended with status {status}"
    return Ran(status == 0, f"{words}: {last}" if last else f"{words}.")


def _kill(process: asyncio.subprocess.Process) -> None:
    """End it with everything that it has started."""
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        return


async def _call(step: Call, timeout_seconds: float) -> Ran:
    headers = {"Content-Type": "application/json"} | dict(step.headers) if step.body else dict(step.headers)
    try:
        async with httpx.AsyncClient(timeout=timeout_seconds, follow_redirects=False) as client:
            answer = await client.request(step.method, step.url, headers=headers, content=step.body or None)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        return Ran(False, f"No connection ({plain(error, LONGEST)}). Nothing was sent.")
    except httpx.HTTPError as error:
        return Ran(None, f"No answer ({plain(error, LONGEST) or type(error).__name__}); it may have been done.")
    said = plain((answer.text.strip().splitlines() or [""])[0], LONGEST)
    words = f"It answered {answer.status_code}"
    ok = None if answer.is_server_error else answer.is_success
    return Ran(ok, f"{words}: {said}" if said else f"{words}.")
