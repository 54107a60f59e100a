"""What the words of the pages mean, in one sentence each; files and the page « All pages » take them from here."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.words import Translate


def heard(_: Translate) -> dict[str, str]:
    """Words for what customers say."""
    return {
        _("Feedback"): _("One answer to a survey, review, post, call, chat or complaint."),
        _("Verbatim"): _("The customer's own words. Names, numbers and addresses are masked."),
        _("Mention"): _(
            "One sentence or clause of a customer, in a negative tone. One feedback item can hold several."
        ),
        _("Irritant"): _(
            "A named cause of dissatisfaction that comes back. It keeps its number when its name changes."
        ),
        _("Unclassified"): _("Negative mentions that resemble no known irritant. They are never forced into one."),
        _("Weak signal"): _("Under ten mentions in the two periods compared: too few to speak of a trend."),
        _("Channel"): _("How the feedback reached us: telephone, e-mail, review sites and so on."),
        _("Touchpoint"): _("Where the contact happened: an invoice, a technician's visit, the customer area."),
        _("Journey stage"): _("Where the customer is in their life with us: arrival, first bill, moving, leaving."),
    }


def measured(_: Translate) -> dict[str, str]:
    """Words for scores and how sure they are."""
    return {
        _("NPS"): _(
            "Would you recommend us, from 0 to 10? Share of promoters (9, 10) minus share of detractors (0 to 6): from "
            "−100 to +100. Passives (7, 8) count in the total only."
        ),
        _("CSAT"): _("Share of satisfied answers: 4 and 5 of 5, or the boxes declared for the questionnaire."),
        _("CES"): _("Share of answers that found it easy: 5 to 7 of 7, or the boxes declared for the questionnaire."),
        _("As answered"): _("The score of those who answered, with no correction."),
        _("Corrected for who answered"): _(
            "The score with each answer weighted, so that those who answer resemble those who are concerned."
        ),
        _("Interval"): _(
            "The figure comes from a part of the customers. The true one lies between these two ends 19 times in 20 (9 "
            "in 10 where it says 90 %)."
        ),
        _("n"): _("How many answers, mentions or customers stand behind a figure."),
        _("Effective n"): _("How many answers drawn at random would be as sure as these weighted ones."),
        _("Real change"): _(
            "A change that chance alone does not explain: the interval of the difference leaves out zero."
        ),
        _("Trend"): _(
            "Mentions in a period against the period before, for the same number of feedback items: ×2 is twice as many."
        ),
        _("Frozen month"): _(
            "A month whose published figure no longer changes. A later difference is told as a restatement."
        ),
        _("Collection interrupted"): _("Too little feedback came in to judge: silence here is not good news."),
    }


def acted(_: Translate) -> dict[str, str]:
    """Words for what is done about it."""
    return {
        _("Priority"): _("The rank of an irritant this week: what it costs against what repairing it takes."),
        _("Rank range"): _(
            "Nine ranks in ten when customers are drawn again: a wide range means that one place is not to be trusted."
        ),
        _("Margin at stake"): _(
            "Margin of the coming months of those who named the irritant, times the part of their risk of leaving tied to it."
        ),
        _("Risk of leaving"): _(
            "Probability that a customer chooses to leave within the horizon. It orders helpful calls; a person decides."
        ),
        _("Expected loss"): _("Risk of leaving times the margin over the horizon."),
        _("Action"): _("The work that removes an irritant, with an owner and a date."),
        _("Proof"): _(
            "What was measured after an action against what would have happened without it: proven, refuted or not yet known."
        ),
        _("Hold-out"): _("Customers drawn by lot who are not called, so that what a call brings can be measured."),
        _("Case"): _("One customer to answer, with a promise and an owner team."),
        _("Promise"): _("The hour by which the customer is called back, counted in working hours."),
        _("Outcome"): _("What came of the contact. Only a contact and its outcome close a case, not a message sent."),
        _("Alarm"): _("A sudden rise that chance does not explain, told within the hour to those who can act."),
    }


def glossary(_: Translate) -> dict[str, str]:
    """Every term and its sentence."""
    return {**heard(_), **measured(_), **acted(_)}


def columns(_: Translate) -> dict[str, str]:
    """Titles of columns that are no term of their own -> the sentence of the term they show."""
    known = glossary(_)
    return {
        _("Mentions"): known[_("Mention")],
        _("Answers"): _("How many answers stand behind the figure."),
        _("Customers"): _("How many different customers. One who speaks twice counts once."),
        _("95 % interval"): known[_("Interval")],
        _("90 % interval"): known[_("Interval")],
        _("Value"): _("The score, on its own scale."),
        _("Risk"): known[_("Risk of leaving")],
        _("State"): _("How far it has come."),
        _("Stage"): known[_("Journey stage")],
        _("Period before"): _("The same count in the period of the same length just before."),
    }


def definitions_of(_: Translate, titles: Iterable[str]) -> dict[str, str]:
    """Title -> sentence, for the titles that the glossary knows."""
    known = {term.casefold(): text for term, text in {**columns(_), **glossary(_)}.items()}
    return {title: known[title.casefold()] for title in titles if title.casefold() in known}
