"""From a key to the plan's dialog: the targets are fixed here, and asked is what must be known first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from finops_tui.engine.proposal import Redo, Reduce, Request, Undo, UndoAll, Wish
from finops_tui.model.plan import Target
from finops_tui.ui.acts import KEY_ID, UNDER, Act
from finops_tui.ui.bindings import live
from finops_tui.ui.format import rate
from finops_tui.ui.screens.acting import short_name
from finops_tui.ui.screens.ask import AskDialog
from finops_tui.ui.screens.choose import Choose, Option
from finops_tui.ui.screens.plan import PlanDialog
from finops_tui.ui.screens.plan_parts import common_noun, noun
from finops_tui.ui.screens.plan_subject import Instead, Subject
from finops_tui.ui.targets import target_of

if TYPE_CHECKING:
    from finops_tui.model.action import ActionRow
    from finops_tui.ui.app import FinopsApp
    from finops_tui.ui.screens.acting import ActingScreen


def begin(
    app: FinopsApp,
    screen: ActingScreen,
    act: Act,
    targets: tuple[Target, ...],
    given: Mapping[str, str] | None,
    *,
    chosen: str = "",
) -> None:
    """Show the plan of an action.

    `given` are its parameters where they are known already, `chosen` says why it is this target.
    """
    if given is not None or (act.asks is None and not act.answers):
        _show(app, screen, _subject(screen, act, targets, given or {}, chosen))
        return

    def take(answer: Mapping[str, str] | None) -> None:
        if answer is not None:
            _show(app, screen, _subject(screen, act, targets, answer, chosen))

    if act.asks is None:
        offered = [Option(one.id, one.words, one.about) for one in act.answers]
        means = {one.id: one.given for one in act.answers}
        title = f"{_title(act, targets)}: {short_name(targets[0])}" if len(targets) == 1 else _title(act, targets)
        app.push_screen(Choose(title, offered), lambda id_: take(means[id_] if id_ is not None else None))
        return
    assert screen.snapshot is not None
    one = targets[0] if len(targets) == 1 else None
    now = act.asks.now(one, screen.snapshot) if one is not None else ""
    name = one.name.rpartition("/")[2] if one is not None else f"{len(targets)} {common_noun(targets)}s"
    app.push_screen(AskDialog(app.settings, _title(act, targets), act.asks, name, now), take)


def take_back(
    app: FinopsApp, screen: ActingScreen, row: ActionRow | None, target: Target | None, *, alone: bool
) -> None:
    """Show the plan that takes back what a row of the journal did, or what stands on an object.

    What was confirmed together with it is taken back, too, unless it is to be `alone`; a key there changes that.
    """
    if row is not None:
        known = target_of(row)
        assert known is not None
        wish = Undo(entry=row.key, target=known)
        subject = Subject(f"Undo: {row.title}", wish, (known,), opened_by=_keys(screen, "action.undo"))
        rows = [one for one in screen.actions if one.bulk and one.bulk == row.bulk and one.undoable and not one.undoes]
        if len(rows) > 1:
            every = tuple(target for one in rows if (target := target_of(one)) is not None)
            verb = rows[0].action if len({one.action for one in rows}) == 1 else "change"
            title = f"Undo: {verb} {len(rows)} {common_noun(every)}s"
            both = UndoAll(entries=tuple(one.key for one in rows))
            only = f"only {short_name(known)}"
            subject = subject._replace(instead=Instead(f"all {len(rows)} of one key", only, title, both, every))
            subject = subject if alone else subject.other()
        _show(app, screen, subject)
    elif target is not None:
        wish = Undo(target=target)
        kind = noun(target.kind, target.key)
        _show(app, screen, Subject(f"Undo on {kind}", wish, (target,), opened_by=_keys(screen, "action.undo")))


def do_again(app: FinopsApp, screen: ActingScreen, row: ActionRow) -> None:
    """Show the plan that does again what `row` took back."""
    known = target_of(row)
    assert known is not None
    first = next((one for one in screen.actions if one.key == row.undoes), None)
    rows = [one for one in screen.actions if one.bulk and one.bulk == row.bulk and one.undoes] or [row]
    every = tuple(target for one in rows if (target := target_of(one)) is not None)
    what = f"{len(rows)} {common_noun(every)}s" if len(rows) > 1 else first.title if first is not None else ""
    title = f"Redo: {what}" if what else "Redo"
    subject = Subject(title, Redo(entry=row.key), every, opened_by=_keys(screen, "action.redo"))
    _show(app, screen, subject)


def reduce_to(app: FinopsApp, screen: ActingScreen, usd_per_hour: float | None) -> None:
    """Show the moves that get the whole under so many $/h; ask for how many where that is not said."""
    if usd_per_hour is not None:
        wish = Reduce(usd_per_hour=usd_per_hour)
        _show(app, screen, Subject(f"Get under {rate(usd_per_hour)}", wish, ()))
        return

    def take(answer: Mapping[str, str] | None) -> None:
        if answer is not None:
            reduce_to(app, screen, float(answer["usd_per_hour"]))

    assert screen.snapshot is not None
    headline = screen.snapshot.headline
    normal = headline.normal_usd_per_hour.value
    offered = f"{normal:.0f}" if normal is not None else ""
    app.push_screen(AskDialog(app.settings, "Reduce", UNDER, rate(headline.usd_per_hour.value), offered), take)


def _show(app: FinopsApp, screen: ActingScreen, subject: Subject) -> None:
    dialog = PlanDialog(app.settings, subject)
    dialog.snapshot = screen.snapshot

    def closed(begun: bool | None) -> None:
        if begun:
            screen.acted()

    app.push_screen(dialog, closed)


def _subject(
    screen: ActingScreen, act: Act, targets: tuple[Target, ...], given: Mapping[str, str], chosen: str
) -> Subject:
    wish: Wish = Request(action=act.id, targets=targets, parameters=given)
    keys = _keys(screen, f"{KEY_ID}{act.id}")
    return Subject(_title(act, targets), wish, targets, act, keys, chosen)


def _title(act: Act, targets: tuple[Target, ...]) -> str:
    verb = act.verb.capitalize()
    if len(targets) == 1:
        return f"{verb} {noun(targets[0].kind, targets[0].key)}"
    return f"{verb} {len(targets)} {common_noun(targets)}s"


def _keys(screen: ActingScreen, id_: str) -> tuple[str, ...]:
    bound = live(screen).get(id_)
    return bound[1] if bound is not None else ()
