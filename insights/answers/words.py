"""What the pages behind a digest's links say, in one language; and the answers in words, for every page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from insights.answers.model import ACCEPT, FORTNIGHTLY, KNOWN, MONTHLY, NEVER, NOT_MINE, WEEKLY, WRONG

Translate = Callable[[str], str]
USED, STANDS = "used", "stands"  # this link was used; another answer stands


@dataclass(frozen=True)
class Said:
    """One language's part of a page. `button`: what the form's button says; empty: no form. `choices`: (value, words)."""

    title: str
    lines: tuple[str, ...] = ()
    button: str = ""
    choices: tuple[tuple[str, str], ...] = field(default=())


def answer(_: Translate, code: str) -> str:
    """An answer as its button says it."""
    words = {ACCEPT: _("I take it"), KNOWN: _("Already known"), WRONG: _("It is wrong"), NOT_MINE: _("Not mine")}
    return words.get(code, code)


def frequency(_: Translate, code: str) -> str:
    """How often a digest comes."""
    words = {
        WEEKLY: _("every week"),
        FORTNIGHTLY: _("every two weeks"),
        MONTHLY: _("every four weeks"),
        NEVER: _("never"),
    }
    return words.get(code, code)


def effect(_: Translate, code: str) -> str:
    """What an answer does, in one sentence."""
    words = {
        ACCEPT: _(
            "This opens an action on this irritant, with you as its owner. You can change it on the page Actions."
        ),
        KNOWN: _("It will stand lower in your digests for some weeks. Other people's digests do not change."),
        WRONG: _("It will stand lower for everybody for some weeks, and its texts are put up for a check."),
        NOT_MINE: _("It will not be sent to you for some months, and another owner is proposed."),
    }
    return words.get(code, "")


def confirm(_: Translate, code: str, label: str, name: str) -> Said:
    """Asks before anything is recorded: mail scanners follow links too."""
    return Said(
        _("Your answer: {answer}").format(answer=answer(_, code)),
        (
            _("Irritant: {label}").format(label=label),
            effect(_, code),
            _("You answer as: {name}. If that is not you, close this page.").format(name=name),
        ),
        _("Confirm"),
    )


def thanks(_: Translate, code: str, label: str, action_id: str | None) -> Said:
    """The answer was recorded."""
    lines = [_("{answer}: {label}").format(answer=answer(_, code), label=label)]
    if action_id:
        lines.append(_("Action {action}: give it a start and a due date on the page Actions.").format(action=action_id))
    lines.append(_("To take it back: page Quality of the dashboard."))
    return Said(_("Noted, thank you."), tuple(lines))


def before(_: Translate, code: str, day: str, why: str) -> Said:
    """Something was answered before; nothing changed now."""
    told = _("You answered “{answer}” on {day}.").format(answer=answer(_, code), day=day)
    if why == USED:
        return Said(
            _("This link was used already."),
            (told, _("Each link works once. To answer anew, use a button of your next digest.")),
        )
    return Said(
        _("You have answered this already."),
        (
            told,
            _(
                "To answer otherwise, take that answer back on the page Quality of the dashboard, then use this link again."
            ),
        ),
    )


def forged(_: Translate) -> Said:
    """A link that is not genuine, or not this person's."""
    return Said(
        _("This link cannot be used."),
        (
            _("It was cut or changed on its way, or it was made for somebody else."),
            _("Open your own last digest and use its buttons. If that fails too, write to who sends you the digest."),
        ),
    )


def expired(_: Translate) -> Said:
    """A link that is too old."""
    return Said(_("This link has expired."), (_("Use the buttons of your last digest, or the dashboard."),))


def busy(_: Translate) -> Said:
    """Too many at once, or the answer could not be kept."""
    return Said(_("Your answer was not recorded."), (_("Wait a minute, then try the same link again."),))


def unclear(_: Translate) -> Said:
    """A form that was not filled in."""
    return Said(_("Nothing was recorded."), (_("Go back one page, choose, and press the button."),))


def gone(_: Translate) -> Said:
    """The irritant does not exist any more."""
    return Said(
        _("Nothing was recorded."),
        (_("This irritant does not exist any more: it was taken back since. There is nothing to do."),),
    )


def unsubscribe(_: Translate, name: str) -> Said:
    """Asks before the digest is stopped."""
    return Said(
        _("No more digests?"),
        (_("{name} will not get the weekly digest any more.").format(name=name),),
        _("Stop the digest"),
    )


def choose(_: Translate, name: str, choices: tuple[str, ...], current: str) -> Said:
    """Asks how often the digest shall come."""
    return Said(
        _("How often do you want the digest?"),
        (
            _("For: {name}.").format(name=name),
            _("Today: {frequency}.").format(frequency=frequency(_, current)),
        ),
        _("Save"),
        tuple((one, frequency(_, one)) for one in choices),
    )


def chosen(_: Translate, code: str) -> Said:
    """How often the digest comes from now on."""
    return Said(
        _("Noted, thank you."),
        (
            _("You get the digest: {frequency}.").format(frequency=frequency(_, code)),
            _("To change it: the link at the end of any digest you have had."),
        ),
    )
