"""Why the registry refused a change, as a sentence in the reader's language with names in the place of ids."""

from __future__ import annotations

import re

from dashboard.page import Page
from dashboard.words import Translate, plain
from insights.errors import VocError

ID = r"'?(?P<one>IR-\d+|unclassified)'?"


def refusal(page: Page, error: VocError) -> str:
    """The sentence of a refusal; one that nobody has foreseen is told as it is."""
    said = str(error)
    for pattern, sentence in _sentences(page._):
        found = re.search(pattern, said, re.DOTALL)
        if found:
            told = {name: value for name, value in found.groupdict().items() if value}
            for name in {"one", "other"} & set(told):
                told[name] = page.label(told[name])
            return sentence.format(**{name: plain(value) for name, value in told.items()})
    return plain(said)


def _sentences(_: Translate) -> tuple[tuple[str, str], ...]:
    """What the message looks like (insights/irritants/edit.py, registry.py, insights/steps/curate.py), and what we say."""
    return (
        (
            rf"^{ID} is called (?P<name>.+) already",
            _("“{one}” has this name already: two irritants never share a name."),
        ),
        (r"^A name has (?P<least>\d+) to (?P<most>\d+) characters", _("A name has {least} to {most} characters.")),
        (r"irritant needs a French or an English name", _("Give a name, in French or in English.")),
        (r"give a French name, an English name or a definition", _("Give a name, in French or in English.")),
        (r"theme needs a French or an English name", _("Give the theme a name, in French or in English.")),
        (r"^The theme .+ already has this name", _("Another theme has this name: choose it in the list.")),
        (
            r"cannot be merged into itself",
            _("An irritant cannot be merged into itself, nor into one that went into it."),
        ),
        (
            rf"^{ID} was merged into (?P<other>IR-\d+)",
            _("This irritant was merged into “{other}” meanwhile: change that one, or undo the merge."),
        ),
        (r"two parts of the split have the same name", _("Two of the new irritants have the same name.")),
        (r"parts of a split share texts", _("The groups overlap: ask for new suggestions.")),
        (r"a split needs at least one new irritant", _("Choose at least one group to take out.")),
        (r"^A correction needs at least one text", _("This text is no longer there: reload the page.")),
        (rf"^{ID} is hidden already", _("“{one}” is hidden already: reload the page.")),
        (rf"^{ID} is not hidden", _("“{one}” is shown already: reload the page.")),
        (r"is undone already", _("This was undone already.")),
        (r"There is no registry event", _("This change is no longer in the history: reload the page.")),
        (r"There is no irritant", _("This irritant no longer exists: reload the page.")),
        (r"There is no theme", _("This theme no longer exists: reload the page.")),
        (r"There is no weak signal", _("This group was replaced by a newer discovery: reload the page.")),
        (r"There is no open proposal", _("This proposal has been decided meanwhile: reload the page.")),
        (
            r"is not in the registry: its birth is missing or was undone",
            _("Later changes rest on this one: undo those first, the newest at the top."),
        ),
    )
