"""Every failure that a person may see, in one small tree.

FinopsError
├── ConfigError   the configuration is wrong (exit status 2)
├── SourceError   an outside system did not give what was asked of it
├── ActionError   a change could not be made or written down
├── Refused       a change is not allowed; nothing was sent (exit status 5 where --do asked for it)
├── Failed        a change was sent and did not succeed, or nobody knows (exit status 6)
└── UsageError    the command line asks for something that cannot be (exit status 2)
"""

from __future__ import annotations


class FinopsError(Exception):
    """A failure with a title to lead with, a detail that says where and what, and a hint that says how to fix it."""

    def __init__(self, title: str, detail: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return "\n".join(part for part in (self.title, self.detail, self.hint) if part)


class ConfigError(FinopsError):
    """The configuration cannot be used as it stands."""


class SourceError(FinopsError):
    """An outside system refused, failed or answered nonsense."""

    retry_after_seconds: float = 0.0
    """How long it asked to be left alone; 0 where it did not."""


class ActionError(FinopsError):
    """A change could not be made, or could not be written down; says whether anything was sent."""


class Refused(FinopsError):  # noqa: N818 - nothing went wrong
    """The guard does not allow a change; nothing was sent."""


class Failed(FinopsError):  # noqa: N818 - an outcome, as Refused is
    """A change was sent and did not take effect, or nobody knows whether it did."""


class UsageError(FinopsError):
    """The command line asks for something that cannot be."""
