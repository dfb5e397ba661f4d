"""What went wrong with AWS, in the words that the screen shows: which credentials, where looked, which permission."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from finops_tui.aws_codes import DENIED, EXPIRED, SECRETS, THROTTLED, UNKNOWN_KEY, WRONG_SIGNATURE
from finops_tui.errors import SourceError
from finops_tui.sources.aws.calls import ASSUME_ROLE, Call
from finops_tui.sources.clean import one_line

WORDS = 300
"""Characters of AWS's own words that are shown."""
HOURLY = "Enable hourly granularity in the Cost Management preferences, or set `hourly: false`."
POLICY = "`finops-tui permissions --aws` prints the whole policy"

PAGING_BROKE = frozenset({"RequestChangedException", "InvalidNextTokenException", "InvalidNextToken"})
GONE = frozenset({"ResourceNotFoundException", "ResourceNotFound"})
GONE_WORDS = ("Could not find", "Requested resource not found")
"""SageMaker says so with a ValidationException, other than its API reference has it (aws/aws-sdk issue 165)."""
NOT_ENABLED = frozenset({"OptInRequired", "OptInRequiredException", "SubscriptionRequiredException"})

_PRINCIPAL = re.compile(r"arn:[\w-]+:(?:iam|sts)::(\d{12}):([\w+=,.@/-]+)")
_ACTION = re.compile(r"perform: ([\w-]+:\w+)")


class AwsError(SourceError):
    """Something that AWS did not give. `title` is the cause in a few words, fit for `(…)` in a sentence."""

    def __init__(
        self,
        title: str,
        detail: str = "",
        hint: str = "",
        *,
        whole: bool = False,
        restart: bool = False,
        soon: bool = False,
        gone: bool = False,
    ) -> None:
        super().__init__(title, detail, hint)
        self.whole = whole
        """Whatever else this account is asked would fare the same."""
        self.restart = restart
        """The answer changed while its pages were read: begin with the first one."""
        self.soon = soon
        """Nothing is wrong: the answer is on its way."""
        self.gone = gone
        """The thing that it was about is not there any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Where an account's credentials come from, in words for messages."""

    profile: str
    """Empty for the default chain."""
    role: str = ""
    """ARN of the role to be assumed; empty where there is none."""
    looked: tuple[str, ...] = ()
    """Where they are looked for, in order."""

    @property
    def flag(self) -> str:
        """Return what names them to the AWS command line."""
        return f" --profile {self.profile}" if self.profile else ""

    @property
    def where(self) -> str:
        return f"profile {self.profile}" if self.profile else "default credentials"


def masked(text: object) -> str:
    """Return one clean line in which no key and no token can be read."""
    return one_line(SECRETS.sub("***", str(text)), WORDS)


def missing(credentials: Credentials) -> AwsError:
    """Return the error for a chain that gave no credentials at all."""
    return AwsError(
        "no AWS credentials",
        "looked in " + ", ".join(credentials.looked),
        f"Sign in with `aws sso login{credentials.flag}` or `aws configure{credentials.flag}`, or set `profile`; "
        f"looked in {', '.join(credentials.looked)}.",
        whole=True,
    )


def needs_code(credentials: Credentials) -> AwsError:
    """Return the error for a profile that would ask for a code while the screen is up."""
    return AwsError(
        f"{credentials.where} wants an MFA code",
        f"{credentials.where} has an mfa_serial",
        "Set `profile` to one that needs no code here, such as one of `aws sso login`.",
        whole=True,
    )


def trouble(error: Exception, call: Call, credentials: Credentials, timeout_seconds: float) -> AwsError:
    """Return the error for a request that brought no answer. The library's own text is shown only where it is safe."""
    from botocore import exceptions  # type: ignore[import-untyped]  # botocore ships no types

    if isinstance(error, AwsError):
        return error
    if isinstance(error, exceptions.ClientError):
        return refusal(error.response.get("Error") or {}, error.operation_name, call, credentials)
    if (unsigned := _credentials(error, credentials)) is not None:
        return unsigned
    title, hint = _transport(error, call, timeout_seconds)
    return AwsError(title, f"{call.name} through {credentials.where}", hint)


def refusal(error: Mapping[str, Any], operation: str, call: Call, credentials: Credentials) -> AwsError:  # noqa: PLR0911 - one for each kind of refusal
    """Return the error for an answer that says no. `operation` is what was refused: signing in counts as one."""
    code = one_line(error.get("Code") or "refused", 80)
    raw = str(error.get("Message") or "")
    detail = f"{call.name} through {credentials.where}"
    if code.isdecimal():  # botocore found no error of AWS in it, only its status; the words may be a whole page
        hint = "Check HTTPS_PROXY and AWS_ENDPOINT_URL: something else may have answered. It is asked again later."
        return AwsError(f"HTTP {code}, not in the words of AWS", detail, hint)
    if code in EXPIRED:
        hint = f"Sign in again: `aws sso login{credentials.flag}`, or renew the keys of {credentials.where}."
        return AwsError("AWS session has expired", detail, hint, whole=True)
    if code in UNKNOWN_KEY:
        hint = f"Check the keys of {credentials.where}: AWS does not know them; they may be deleted or inactive."
        return AwsError("AWS does not know these keys", detail, hint, whole=True)
    if code in WRONG_SIGNATURE:
        hint = f"Check this machine's clock and the secret key of {credentials.where}."
        return AwsError("AWS refuses the signature", detail, hint, whole=True)
    if code in DENIED:
        return _denied(raw, operation, call, credentials)
    if code in THROTTLED:
        return AwsError(f"throttled ({code})", detail, "It is asked again later, by itself.")
    if code in PAGING_BROKE:
        return AwsError(f"pages changed while they were read ({code})", detail, "It begins again.", restart=True)
    if code in NOT_ENABLED:
        return AwsError(f"not enabled in this account ({code})", detail, f"Enable it there to see {call.why}.")
    if code == "DataUnavailableException":
        return AwsError("AWS has no data for that yet", detail, "Bills of a new account take a day to appear.")
    words = masked(raw)
    hint = HOURLY if "hourly" in words.casefold() else f"Without it: no {call.why}."
    gone = code in GONE or words.startswith(GONE_WORDS)
    return AwsError(f"{code}: {words}" if words else code, detail, hint, gone=gone)


def _denied(raw: str, operation: str, call: Call, credentials: Credentials) -> AwsError:
    who = f"{found[2]} in {found[1]}" if (found := _PRINCIPAL.search(raw)) else credentials.where
    if operation == ASSUME_ROLE.operation:
        return AwsError(
            f"may not assume {credentials.role}",
            f"{who} may not assume {credentials.role}",
            f"Allow sts:AssumeRole on it to {who}, and let its trust policy name {who}, with the `external_id` if it "
            "asks for one.",
            whole=True,
        )
    if "not enabled for cost explorer" in raw.casefold():
        hint = "Turn Cost Explorer on in the billing console; in a member account, the payer must let members use it."
        return AwsError("Cost Explorer is not enabled for this account", call.name, hint)
    named = _ACTION.search(raw)
    action = named[1] if named else " ".join(call.actions) or call.name
    deny = "explicit deny" in raw
    fix = "a policy denies it explicitly, perhaps one of the organization" if deny else POLICY
    return AwsError(f"no permission for {action}", f"{who} lacks {action}", f"Allow {action} to {who}; {fix}.")


def _credentials(error: Exception, credentials: Credentials) -> AwsError | None:
    """Return the error for credentials that could not be had; None where it is about something else."""
    from botocore import exceptions

    where = credentials.where
    if isinstance(error, exceptions.NoCredentialsError):
        return missing(credentials)
    if isinstance(error, exceptions.RefreshWithMFAUnsupportedError):
        return needs_code(credentials)
    if isinstance(error, exceptions.LoginError):
        return AwsError(f"AWS login has expired ({where})", where, f"Run `aws login{credentials.flag}`.", whole=True)
    signed_out = isinstance(error, exceptions.SSOTokenLoadError | exceptions.NoAuthTokenError)
    if signed_out or isinstance(error, exceptions.SSOError | exceptions.TokenRetrievalError):
        title = f"not signed in to SSO ({where})" if signed_out else f"SSO session has expired ({where})"
        return AwsError(title, where, f"Run `aws sso login{credentials.flag}`.", whole=True)
    return _chain(error, credentials)


def _chain(error: Exception, credentials: Credentials) -> AwsError | None:
    """Return the same for what a profile or a provider of credentials lacks."""
    from botocore import exceptions

    where = credentials.where
    said: dict[str, Any] = getattr(error, "kwargs", {})
    if isinstance(error, exceptions.ProfileNotFound):
        name = masked(said.get("profile", credentials.profile))
        hint = f"Correct `profile`, or make it with `aws configure --profile {name}`; looked in "
        return AwsError(f"no AWS profile {name}", where, f"{hint}{', '.join(credentials.looked)}.", whole=True)
    if isinstance(error, exceptions.PartialCredentialsError):
        lacking, provider = masked(said.get("cred_var", "a part")), masked(said.get("provider", where))
        title = f"AWS credentials are incomplete: {lacking} is missing"
        return AwsError(title, provider, f"Add {lacking} to {where} ({provider}).", whole=True)
    if isinstance(error, exceptions.CredentialRetrievalError | exceptions.MetadataRetrievalError):
        provider = masked(said.get("provider", "instance metadata"))
        # What the provider said is not shown: the output of a credential process may hold the very keys.
        hint = f"Try `aws sts get-caller-identity{credentials.flag}` in a shell: it says what {provider} wants."
        return AwsError(f"AWS credentials cannot be renewed ({provider})", where, hint, whole=True)
    if isinstance(error, exceptions.MissingDependencyException):
        hint = "Install `botocore[crt]` beside finops-tui, or set `profile` to one of `aws sso login`."
        return AwsError(f"{where} needs botocore[crt] to sign in", masked(error), hint, whole=True)
    if isinstance(error, exceptions.InvalidConfigError | exceptions.ConfigParseError | exceptions.ConfigNotFound):
        hint = f"Check {', '.join(credentials.looked)}."
        return AwsError(f"AWS config cannot be used: {one_line(masked(error), 200)}", "", hint, whole=True)
    return None


def _transport(error: Exception, call: Call, timeout_seconds: float) -> tuple[str, str]:
    from botocore import exceptions

    proxy = "Check the network and HTTPS_PROXY."
    kinds: tuple[tuple[type[Exception], str, str], ...] = (
        (exceptions.ReadTimeoutError, f"no answer within {timeout_seconds:g}s", "Raise `timeout_seconds`."),
        (exceptions.ConnectTimeoutError, "connection timed out", proxy),
        (exceptions.ProxyConnectionError, "proxy does not answer", "Check HTTPS_PROXY."),
        (exceptions.SSLError, "TLS certificate is not trusted", "Set AWS_CA_BUNDLE to the authority that signed it."),
        (exceptions.EndpointConnectionError, "AWS cannot be reached", f"{proxy} Check `regions`."),
        (exceptions.HTTPClientError, "connection lost", proxy),
        (exceptions.NoRegionError, "no AWS region", "Set `regions`."),
        (exceptions.ParamValidationError, f"{call.name} cannot be asked like that", "Report it: this is a mistake."),
    )
    for kind, title, hint in kinds:
        if isinstance(error, kind):
            return title, hint
    if type(error).__name__ == "ResponseParserError" or isinstance(error, ValueError):
        return f"{call.name} answered nonsense", "Is something else listening at AWS_ENDPOINT_URL?"
    return f"{call.name} failed ({type(error).__name__})", "It is asked again later, by itself."
