"""Why the book of actions refused a decision, as a sentence in the reader's language."""

from __future__ import annotations

import re
from datetime import date

from dashboard.page import Page
from dashboard.refusals import refusal
from dashboard.words import Translate, plain
from insights.errors import VocError

DAY = r"(?P<day>\d{4}-\d\d-\d\d)"


def action_refusal(page: Page, error: VocError) -> str:
    """The sentence of a refusal; one of the registry as dashboard/refusals.py tells it."""
    said = str(error)
    for pattern, sentence in _sentences(page._):
        if found := re.search(pattern, said, re.DOTALL):
            told = {name: plain(value) for name, value in found.groupdict().items() if value}
            if "day" in told:
                told["day"] = page.fmt.day(date.fromisoformat(found["day"]))
            return sentence.format(**told)
    return refusal(page, error)


def _sentences(_: Translate) -> tuple[tuple[str, str], ...]:
    """What the message looks like (insights/actions/edit.py, draw.py, insights/steps/told.py), and what we say."""
    return (
        (r"There is no action '(?P<action>[^']*)'", _("“{action}” is not there any more: reload the page.")),
        (r"customers are told only of work", _("Customers are told only of work that is under way or done.")),
        (
            r"has not been shown to work",
            _("It has not been shown to work: customers are told only what is proven."),
        ),
        (rf"started on {DAY}: units must be drawn", _("Units must be drawn before the start.")),
        (
            rf"started on {DAY}: .+ cannot change any more",
            _(
                "It started on {day}: what it is judged by cannot change any more. Drop it and declare another if it was "
                "wrong."
            ),
        ),
        (
            r"has started: its declaration",
            _(
                "It has started: its declaration, its start and its draw cannot be undone any more. Drop it and declare "
                "another if it was wrong."
            ),
        ),
        (
            r"a second draw would let somebody choose",
            _("Its units were drawn already: a second draw would let somebody choose."),
        ),
        (r"A second draw would", _("Its units were drawn already: a second draw would let somebody choose.")),
        (
            r"(?P<n>\d+) units cannot be drawn from: (?P<least>\d+)",
            _("{n} units cannot be drawn from: {least} or more are needed."),
        ),
        (
            r"These (?P<n>\d+) units can be drawn in (?P<ways>\d+) ways",
            _(
                "These {n} units can be drawn in {ways} ways only: even a perfect result could be chance. Draw from more units, "
                "or from fewer sites."
            ),
        ),
        (r"delay_weeks goes from 0 to (?P<most>\d+)", _("The delay goes from 0 to {most} weeks.")),
        (r"expected effect is a share", _("The expected effect goes from 0 to 100 %.")),
        (r"needs the contact reasons", _("This measure needs the contact reasons of the irritant.")),
        (r"are compared between teams", _("This measure is compared between teams: declare a comparison.")),
        (r"cannot be negative", _("Effort and cost cannot be negative.")),
        (r"A title has (?P<least>\d+) to (?P<most>\d+)", _("A title has {least} to {most} characters.")),
        (r"cannot be due on", _("It cannot be due before it starts.")),
        (r"cannot be done on", _("It cannot be done before it starts.")),
        (rf"was approved by (?P<who>.+) on {DAY}", _("This message was approved by {who} on {day}.")),
        (
            r"its declaration is missing or was undone",
            _("Later decisions rest on this one: undo those first, the newest at the top."),
        ),
        (r"There is no event \d+ of an action", _("This change is no longer in the history: reload the page.")),
        (r"changed meanwhile|Somebody else declared", _("Somebody else decided something meanwhile: look again.")),
        (r"so they are not random", _("These units are not those of a draw: draw them here.")),
    )
