"""Actions of the config's own, as keys and the command palette offer them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from finops_tui.errors import UsageError
from finops_tui.ui.acts import Act, Question


def own_act(
    id_: str, title: str, about: str, key: str, *, kinds: Iterable[str], inputs: Mapping[str, str | None]
) -> Act:
    """Return an action of the config's own; `inputs` are what it asks for, with what is offered for each."""
    asks = _inputs(title, inputs) if inputs else None
    return Act(id=id_, key=key, verb=title[:1].lower() + title[1:], about=about, kinds=frozenset(kinds), asks=asks)


def _inputs(title: str, inputs: Mapping[str, str | None]) -> Question:
    """Ask for one value as it is, for several as `name=value` side by side."""
    if len(inputs) == 1:
        ((name, offered),) = inputs.items()
        return Question(
            words=lambda about, _: f"{title} {about}, {name}",
            now=lambda _target, _snapshot: offered or "",
            read=lambda answer: {name: answer.strip()},
            hint=f"the {name}",
        )

    hint = " ".join(f"{name}=…" for name in inputs)

    def read(answer: str) -> Mapping[str, str]:
        try:
            parts = [part.partition("=") for part in shlex.split(answer)]
        except ValueError as error:
            raise UsageError(f"{answer.strip()!r} is not closed.", hint=f"{error}.") from None
        wrong = next((name for name, sign, _ in parts if not sign or name not in inputs), None)
        if wrong is not None:
            raise UsageError(
                f"There is no input {wrong!r}.", hint=f"Write {', '.join(f'{name}=…' for name in inputs)}."
            )
        return {name: given for name, _, given in parts}

    return Question(
        words=lambda about, _: f"{title} {about} with",
        now=lambda _target, _snapshot: " ".join(f"{name}={offered or ''}" for name, offered in inputs.items()),
        read=read,
        hint=hint,
    )
