"""Looks at the files under `tls` before a request does: the library names neither the file nor what ails it."""

from __future__ import annotations

from pathlib import Path

from finops_tui.sources.clean import one_line
from finops_tui.sources.prometheus.faults import PrometheusError
from finops_tui.sources.prometheus.settings import Tls


def check_files(tls: Tls, where: str) -> None:
    """Raise PrometheusError that names a file which is not there, cannot be read or does not hold what it should."""
    files = {"ca_file": tls.ca_file, "client_cert": tls.client_cert, "client_key": tls.client_key}
    for field, path in files.items():
        if path is not None:
            _read(field, path, where)
    if tls.ca_file is not None:
        _check_authority(tls.ca_file, where)
    if tls.client_cert is not None:
        _check_client(tls.client_cert, tls.client_key, where)


def _read(field: str, path: Path, where: str) -> None:
    if not path.exists() or (path.is_dir() and field != "ca_file"):
        raise _fault(field, f"no such file: {path}", where)
    try:
        if path.is_file():
            path.read_bytes()
    except OSError as error:
        raise _fault(field, f"{one_line(error.strerror or 'cannot be read')}: {path}", where) from None


def _check_authority(path: Path, where: str) -> None:
    if path.is_dir():  # certificates under the names that OpenSSL gives them
        return
    from ssl import PROTOCOL_TLS_CLIENT, SSLContext, SSLError

    try:
        SSLContext(PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except SSLError:
        raise _fault("ca_file", f"no certificate in {path}", where) from None


def _check_client(cert: Path, key: Path | None, where: str) -> None:
    from ssl import PROTOCOL_TLS_CLIENT, SSLContext, SSLError

    def no_password() -> str:
        raise _fault("client_key" if key else "client_cert", f"the key in {key or cert} has a password", where)

    try:
        SSLContext(PROTOCOL_TLS_CLIENT).load_cert_chain(cert, key, password=no_password)
    except SSLError as error:
        if key is None:
            raise _fault("client_cert", f"no certificate with its key in {cert}", where) from None
        if "MISMATCH" in str(error.reason):
            raise _fault("client_key", f"{key} is not the key of {cert}", where) from None
        raise _fault("client_cert", f"no certificate in {cert}, or no key in {key}", where) from None


def _fault(field: str, what: str, where: str) -> PrometheusError:
    return PrometheusError(f"tls.{field}: {what}", where, f"check `tls.{field}`")
