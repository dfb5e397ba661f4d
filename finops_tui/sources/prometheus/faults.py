"""What went wrong with a request, in the words that the screen shows."""

from __future__ import annotations

from collections.abc import Iterable

from finops_tui.errors import SourceError
from finops_tui.sources.clean import one_line

HTTP_WORDS = {
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    413: "Content Too Large",
    414: "URI Too Long",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
REFUSED_QUERY = frozenset({400, 413, 414, 422})
TOO_SLOW = frozenset({408, 504})
FORBIDDEN = 403
UNAVAILABLE = 503
REDIRECTED = "it sends us elsewhere, as a sign-in page does: set `auth`, or the final address as `url`"
HINTS = {
    400: "check `queries` and `matchers`: it does not understand the question",
    401: "sign in again, or check `auth`: token expired, wrong password",
    404: "check `url`: it ends just before /api/v1",
    405: "check `url`: it ends just before /api/v1",
    407: "the proxy wants credentials: check `proxy`",
    408: "look at its load, or narrow what is asked with `matchers`",
    413: "let it, or the proxy in front of it, take longer requests",
    414: "let it, or the proxy in front of it, take longer addresses",
    422: "narrow what is asked with `matchers`, or raise its query limits",
    429: "raise its rate limit, or `interval_seconds`",
    503: "look at its log: it is overloaded or starting; or raise `interval_seconds`",
    504: "look at its load, or raise the time-out of the proxy in front of it",
}
CUT_OFF = "answer was cut off"
BROKEN = "look at its log, and at that of any proxy in front of it"


class PrometheusError(SourceError):
    """A request that brought no figures. `title` is the cause in a few words, fit for `(…)` in a sentence."""

    def __init__(
        self,
        title: str,
        detail: str = "",
        hint: str = "",
        *,
        whole: bool = True,
        timed_out: bool = False,
        retry_after_seconds: float = 0.0,
    ) -> None:
        super().__init__(title, detail, hint)
        self.whole = whole
        """Any other query would fare the same. Otherwise it is this one query's own trouble."""
        self.timed_out = timed_out
        """We waited in vain: whether for this one query or for the server, another query must show."""
        self.retry_after_seconds = retry_after_seconds
        """How long the server asked to be left alone; 0 where it did not."""


def as_prometheus_error(error: SourceError) -> PrometheusError:
    """Return what another part of the sources said, as trouble of the whole server."""
    if isinstance(error, PrometheusError):
        return error
    return PrometheusError(error.title, error.detail, error.hint)


def without(secrets: Iterable[str], text: str) -> str:
    """Return one clean line in which no secret can be read."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return one_line(text, 300)


def refusal(
    status: int,
    words: str,
    *,
    where: str,
    forbidden_hint: str,
    location: str = "",
    retry_after_seconds: float = 0.0,
) -> PrometheusError:
    """Return the error for an HTTP status that is not 200. `words` are the server's, clean."""
    meaning = HTTP_WORDS.get(status, "")
    name = f"{status} {meaning}".strip()
    if words.rstrip(".").casefold() in {meaning.casefold(), name.casefold()}:
        words = ""
    title = f"{name} to {location}" if location else f"{name}: {words}" if words else name
    detail = f"{where} answered {title}"
    # Prometheus answers 503 where one query took too long; a server that is overloaded says when to come back.
    whole = status not in REFUSED_QUERY | TOO_SLOW and (status != UNAVAILABLE or retry_after_seconds > 0)
    hints = HINTS | {FORBIDDEN: forbidden_hint}
    hint = hints.get(status, REDIRECTED if location else "look at its log")
    return PrometheusError(title, detail, hint, whole=whole, retry_after_seconds=retry_after_seconds)


def trouble(error: Exception, *, where: str, timeout_seconds: float) -> PrometheusError:
    """Return the error for a request that got no answer at all.

    The library's own text is not passed on: it may hold the URL, a header or a token.
    """
    from requests import exceptions

    chain = " ".join(f"{type(link).__name__} {link}" for link in _chain(error))
    if isinstance(error, exceptions.SSLError):
        return _tls(chain, where)
    if isinstance(error, exceptions.ReadTimeout) or "ReadTimeoutError" in chain:
        title = f"no answer within {timeout_seconds:g}s"
        return PrometheusError(
            title, where, "look at its log and load, or raise `timeout_seconds`", whole=False, timed_out=True
        )
    known: tuple[tuple[type[Exception], str, str, bool], ...] = (
        (exceptions.ProxyError, "proxy does not answer", "check `proxy`", True),
        (exceptions.ConnectTimeout, "connection timed out", "check `url` and firewalls", True),
        (exceptions.ChunkedEncodingError, CUT_OFF, BROKEN, False),
        (exceptions.InvalidHeader, "request cannot be sent", "check `headers` and `auth`", True),
        (exceptions.InvalidURL, "request cannot be sent", "check `url`", True),
    )
    for kind, title, hint, whole in known:
        if isinstance(error, kind):
            return PrometheusError(title, where, hint, whole=whole)
    if "IncompleteRead" in chain or "DecodeError" in chain:
        return PrometheusError(CUT_OFF, where, BROKEN, whole=False)
    if isinstance(error, OSError) and not isinstance(error, exceptions.RequestException):
        reason = one_line(error.strerror or type(error).__name__)
        file = f" ({one_line(error.filename)})" if isinstance(error.filename, str) else ""
        return PrometheusError(reason + file, where, "check the files under `tls` and `auth`")
    return _connection(chain, where)


def _tls(chain: str, where: str) -> PrometheusError:
    if "CERTIFICATE_VERIFY_FAILED" in chain:
        hint = "set `tls.ca_file` to the authority that signed it"
        reason = (
            "has expired" if "expired" in chain else "is for another name" if "mismatch" in chain else "is not trusted"
        )
        return PrometheusError(f"TLS certificate {reason}", f"the certificate of {where} {reason}", hint)
    if "CERTIFICATE_REQUIRED" in chain or "HANDSHAKE_FAILURE" in chain:
        return PrometheusError("TLS: client certificate refused", where, "check `tls.client_cert` and `tls.client_key`")
    return PrometheusError(
        "TLS failed",
        f"no TLS connection to {where}",
        "is it http:// and not https://, or does it want `tls.client_cert`?",
    )


def _connection(chain: str, where: str) -> PrometheusError:
    if "NameResolution" in chain or "gaierror" in chain:
        return PrometheusError("host name not found", f"DNS does not know {where}", "check `url`")
    if "refused" in chain:
        return PrometheusError("connection refused", f"nothing listens at {where}", "check `url`; is it running?")
    if "unreachable" in chain.lower():
        return PrometheusError("network unreachable", f"no route to {where}", "check the network or VPN")
    return PrometheusError("connection lost", f"{where} closed the connection", "look at the server's log")


def _chain(error: BaseException) -> Iterable[BaseException]:
    """Yield the error and all that lies below it, whichever way its library hid it."""
    seen: set[int] = set()
    below: list[object] = [error]
    while below:
        link = below.pop()
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        below += [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]
