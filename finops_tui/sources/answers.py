"""Answers that httpx brings: the whole of one, and in words what kept it away."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import httpx


class Fault(NamedTuple):
    """What the network did."""

    title: str
    hint: str
    passing: bool = False
    """Whether it may be over in a moment."""


async def whole(answer: httpx.Response, limit: int) -> bytes | None:
    """Return the body of an answer; None where it has more than `limit` bytes."""
    pieces: list[bytes] = []
    size = 0
    async for piece in answer.aiter_bytes():
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            return None
    return b"".join(pieces)


def fault(error: Exception, address: str) -> Fault:
    """Return what the network did, in words: the library's own may hold a header or the address.

    `address` is what the config calls it.
    """
    import httpx

    chain = " ".join(f"{type(link).__name__} {link}" for link in _chain(error))
    if "CERTIFICATE_VERIFY_FAILED" in chain:
        return Fault("its TLS certificate is not trusted", "Set `ca_file` to the authority that signed it.")
    if "SSL" in chain:
        return Fault("no TLS connection", "Is it http:// and not https://?")
    if isinstance(error, httpx.ConnectError):
        if "Name or service" in chain or "nodename" in chain or "gaierror" in chain:
            return Fault("the host name is not found", f"Check {address}.", passing=True)
        return Fault("no connection", f"Check {address} and the network; does it run?", passing=True)
    if isinstance(error, httpx.DecodingError | httpx.RemoteProtocolError):
        return Fault("the answer was cut off or garbled", "Look at its log, and at any proxy before it.", passing=True)
    return Fault("the request failed", f"Check {address} and the network.", passing=True)


def _chain(error: BaseException | None) -> list[BaseException]:
    links: list[BaseException] = []
    while error is not None and error not in links:
        links.append(error)
        error = error.__cause__ or error.__context__
    return links
