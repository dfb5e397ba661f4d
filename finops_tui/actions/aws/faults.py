"""What it means when AWS does not do what was asked: whether anything is different, and in which words."""

from __future__ import annotations

from http import HTTPStatus

from finops_tui.actions.cloud.faults import NOT_THERE, CloudCallError, masked
from finops_tui.actions.words import plain
from finops_tui.aws_codes import DENIED, EXPIRED, THROTTLED, UNKNOWN_KEY, WRONG_SIGNATURE
from finops_tui.errors import FinopsError

ABSENT = frozenset(
    {
        NOT_THERE,
        "404",
        "ResourceNotFoundException",
        "ResourceNotFound",
        "InvalidInstanceID.NotFound",
        "NotFoundException",
    }
)
SIGNED_OUT = EXPIRED | UNKNOWN_KEY | WRONG_SIGNATURE
"""Nobody is let in. Their messages quote headers that hold a session's token: they are never shown."""
BUSY = frozenset({"ResourceInUseException", "ResourceInUse", "ScalingActivityInProgress", "ResourceContention"})
JUDGED = frozenset({"InsufficientInstanceCapacity", "InsufficientHostCapacity", "IncorrectInstanceState"})
"""Come with a status of 500 at times, and are a clear no all the same."""
POLICY = "`finops-tui permissions --aws` prints the policy that it takes."


class AwsCallError(CloudCallError):
    """AWS did not do what was asked of it."""

    ABSENT = ABSENT
    DENIED = DENIED


def fault_of(error: Exception, request: str, where: str, *, writing: bool) -> AwsCallError:
    """Say what an error of boto3's means; `request` is like `ec2:StopInstances`, `where` names account and region."""
    from botocore import exceptions  # type: ignore[import-untyped]  # botocore ships no types

    if isinstance(error, FinopsError):
        return AwsCallError(error.title, error.detail, error.hint)
    if isinstance(error, exceptions.ClientError):
        told = error.response.get("Error") or {}
        about = error.response.get("ResponseMetadata") or {}
        status = int(about.get("HTTPStatusCode") or 0)
        code = plain(told.get("Code") or status, 80)
        refusal = _refusal(code, masked(told.get("Message") or ""), request, where, status)
        # A refusal of the last of several tries says nothing of an earlier one that was not answered.
        unsure = writing and (refusal.done is None or about.get("RetryAttempts", 0) > 0)
        refusal.done = None if unsure else False
        return refusal
    words = masked(error) or type(error).__name__
    if isinstance(error, exceptions.BotoCoreError) and not isinstance(error, exceptions.HTTPClientError):
        return AwsCallError(f"{where} cannot be asked", f"{words}; nothing was sent", "Check credentials and network.")
    if not writing:
        return AwsCallError(f"{where} did not answer", words, "Try again.")
    hint = "Look at it again before doing anything more."
    return AwsCallError(f"{where} did not answer", f"{words}; it may have happened", hint, done=None)


def _refusal(code: str, words: str, request: str, where: str, status: int) -> AwsCallError:  # noqa: PLR0911 - one for each kind of refusal
    """Return the refusal; `done` is None where it leaves open whether the request was carried out."""
    if code in DENIED:
        return AwsCallError(f"You may not do {request} in {where}", words, POLICY, code=code)
    if code in SIGNED_OUT:
        hint = "Check this machine's clock, then sign in again." if code in WRONG_SIGNATURE else "Sign in again."
        return AwsCallError(f"{where} does not let you in", f"{request}: {code}", hint, code=code)
    if code in THROTTLED or status == HTTPStatus.TOO_MANY_REQUESTS:
        return AwsCallError(f"{where} is asked too much", code, "Try again in a minute.", code=code)
    if code in BUSY:
        hint = "Try again once that is over."
        return AwsCallError("Another change of it is under way", words or code, hint, code=code)
    detail = f"{code}: {words}" if words else code
    if code in ABSENT:
        return AwsCallError("It is not there", detail, "It was deleted, or is in another account or region.", code=code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and code not in JUDGED:
        return AwsCallError(f"{where} failed", f"{request}: {detail}", "Look at it again.", code=code, done=None)
    return AwsCallError(f"{where} refused", f"{request}: {detail}", code=code)
