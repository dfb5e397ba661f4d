"""What it means when a cloud does not do what was asked: whether anything is different, and in which words."""

from __future__ import annotations

from typing import ClassVar

from finops_tui.actions.base import Result
from finops_tui.actions.words import plain
from finops_tui.aws_codes import SECRETS
from finops_tui.errors import ActionError
from finops_tui.model.plan import Outcome

NOT_THERE = "NotThere"
"""Code for a thing that a list does not hold; most services have one of their own as well."""


class CloudCallError(ActionError):
    """A cloud did not do what was asked of it."""

    ABSENT: ClassVar[frozenset[str]] = frozenset({NOT_THERE, "404"})
    DENIED: ClassVar[frozenset[str]] = frozenset({"403"})

    def __init__(
        self, title: str, detail: str = "", hint: str = "", *, code: str = "", done: bool | None = False
    ) -> None:
        super().__init__(title, detail, hint)
        self.code = code
        """AWS's own, elsewhere the HTTP status; empty where no answer came."""
        self.done = done
        """False: nothing is different. None: nobody knows."""

    @property
    def absent(self) -> bool:
        """Whether the thing is not there."""
        return self.code in self.ABSENT

    @property
    def denied(self) -> bool:
        """Whether it is not allowed to ask that."""
        return self.code in self.DENIED


def failed(error: CloudCallError) -> Result:
    """Return what a write that was not answered with yes means for a plan."""
    words = sentences(error.title, error.detail, error.hint)
    if error.done is None:
        return Result(outcome=Outcome.UNKNOWN, words=words)
    return Result(outcome=Outcome.FAILED, words=f"{words} Nothing is different.")


def unanswered(where: str, words: str, *, writing: bool) -> CloudCallError:
    """Return the fault for a request that went out and was not answered."""
    if not writing:
        return CloudCallError(f"{where} did not answer", words, "Try again.")
    hint = "Look at it again before doing anything more."
    return CloudCallError(f"{where} did not answer", f"{words}; it may have happened", hint, done=None)


def sentences(*parts: str) -> str:
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)


def masked(text: object) -> str:
    """Return one clean line in which no key and no token can be read."""
    return plain(SECRETS.sub("***", str(text)), 300)
