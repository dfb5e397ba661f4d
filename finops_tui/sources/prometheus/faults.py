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
UNAUTHORIZED = 401
FORBIDDEN = 403
TOO_MANY = 429
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
WANTS_TLS = (b"http request to an https server", b"plain http request was sent to https port")
"""What Go's servers and nginx say, in lower case."""
TLS_ALERT = ("\x15\x03", r"\x15\x03")
"""How an answer begins that is none but an alert of TLS, as bytes and as `repr` writes them."""
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
        doubtful: bool = False,
        status: int = 0,
        retry_after_seconds: float = 0.0,
    ) -> None:
        super().__init__(title, detail, hint)
        self.whole = whole
        """Any other query would fare the same. Otherwise it is this one query's own trouble, or doubtful."""
        self.doubtful = doubtful
        """Whether it is this one query or the whole server, another query must show; next time it may fare better."""
        self.status = status
        """Of the HTTP answer; 0 where there was none."""
        self.retry_after_seconds = retry_after_seconds

    @property
    def busy(self) -> bool:
        """It would have been answered later."""
        return self.status == TOO_MANY or self.retry_after_seconds > 0

    @property
    def signed_out(self) -> bool:
        """The credentials were not taken. They are fetched anew for what is asked next."""
        return self.status == UNAUTHORIZED


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
    # Prometheus answers 500 where storage fails one query and 503 where it took too long, proxies 502 where it died.
    doubtful = status not in REFUSED_QUERY
    hints = HINTS | {FORBIDDEN: forbidden_hint}
    hint = hints.get(status, REDIRECTED if location else "look at its log")
    return PrometheusError(
        title,
        detail,
        hint,
        whole=False,
        doubtful=doubtful,
        status=status,
        retry_after_seconds=retry_after_seconds,
    )


def trouble(error: Exception, *, where: str, timeout_seconds: float, plain: bool = False) -> PrometheusError:
    """Return the error for a request that got no answer at all. `plain` says that it went by http://.

    The library's own text is not passed on: it may hold the URL, a header or a token.
    """
    from requests import exceptions

    chain = " ".join(f"{type(link).__name__} {link}" for link in _chain(error))
    if isinstance(error, exceptions.SSLError):
        return _tls(chain, where)
    if isinstance(error, exceptions.ReadTimeout) or "ReadTimeoutError" in chain:
        title = f"no answer within {timeout_seconds:g}s"
        return PrometheusError(
            title, where, "look at its log and load, or raise `timeout_seconds`", whole=False, doubtful=True
        )
    known: tuple[tuple[type[Exception], str, str], ...] = (
        (exceptions.ProxyError, "proxy does not answer", "check `proxy`"),
        (exceptions.ConnectTimeout, "connection timed out", "check `url` and firewalls"),
        (exceptions.InvalidHeader, "request cannot be sent", "check `headers` and `auth`"),
        (exceptions.InvalidURL, "request cannot be sent", "check `url`"),
    )
    for kind, title, hint in known:
        if isinstance(error, kind):
            return PrometheusError(title, where, hint)
    if isinstance(error, exceptions.ChunkedEncodingError) or "IncompleteRead" in chain or "DecodeError" in chain:
        return PrometheusError(CUT_OFF, where, BROKEN, whole=False, doubtful=True)
    if isinstance(error, OSError) and not isinstance(error, exceptions.RequestException):
        reason = one_line(error.strerror or type(error).__name__)
        file = f" ({one_line(error.filename)})" if isinstance(error.filename, str) else ""
        return PrometheusError(reason + file, where, "check the files under `tls` and `auth`")
    return _connection(chain, where, plain=plain)


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


def wants_tls(body: bytes) -> bool:
    """Whether an answer says that the request should have come through TLS."""
    text = body[:2_000].lower()
    return any(said in text for said in WANTS_TLS)


def speaks_tls(where: str) -> PrometheusError:
    return PrometheusError("it speaks TLS", f"{where} got a request without TLS", "write https:// in `url`")


def _connection(chain: str, where: str, *, plain: bool) -> PrometheusError:
    if any(alert in chain for alert in TLS_ALERT):
        return speaks_tls(where)
    if "NameResolution" in chain or "gaierror" in chain:
        return PrometheusError("host name not found", f"DNS does not know {where}", "check `url`")
    if "refused" in chain:
        return PrometheusError("connection refused", f"nothing listens at {where}", "check `url`; is it running?")
    if "unreachable" in chain.lower():
        return PrometheusError("network unreachable", f"no route to {where}", "check the network or VPN")
    # OpenSSL's servers close the connection without a word where a request comes without TLS.
    hint = "look at the server's log" + ("; or is it https:// and not http://?" if plain else "")
    return PrometheusError("connection lost", f"{where} closed the connection", hint, whole=False, doubtful=True)


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
