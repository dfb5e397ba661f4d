"""What is wrong where no TLS connection comes about, and which field of the kubeconfig mends it."""

from __future__ import annotations

NEAREST = (
    ("expired", "its TLS certificate has expired", "Have it renewed; check the clock of this machine, too."),
    (
        "mismatch",
        "its TLS certificate is for another name",
        "Set `tls-server-name` of the cluster in the kubeconfig to a name that it is for, or mend `server`.",
    ),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "its TLS certificate is not trusted",
        "Set `certificate-authority` or `certificate-authority-data` of the cluster in the kubeconfig to its signer.",
    ),
    (
        "[X509",
        "the kubeconfig's authority holds no certificate",
        "Mend `certificate-authority` or `certificate-authority-data` of the cluster in the kubeconfig.",
    ),
    (
        "CERTIFICATE_REQUIRED",
        "it wants a client certificate",
        "Check `client-certificate` and `client-key` of the user in the kubeconfig.",
    ),
    (
        "HANDSHAKE_FAILURE",
        "it wants another client certificate",
        "Check `client-certificate` and `client-key` of the user in the kubeconfig.",
    ),
)
"""By what OpenSSL writes, the most telling first."""


def tls_trouble(told: str) -> tuple[str, str] | None:
    """Return reason and hint for what the client says of a failure; None where TLS has no part in it."""
    if "SSLError" not in told and "[SSL" not in told and "[X509" not in told:
        return None
    return next(
        ((words, hint) for sign, words, hint in NEAREST if sign in told),
        ("no TLS connection comes about", "Check `server` of the cluster in the kubeconfig: is it https://?"),
    )
