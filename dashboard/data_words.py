"""What stores, steps, reasons and checks are called, and what to do about each, in words."""

from __future__ import annotations

from dashboard import words
from dashboard.words import Translate


def table_name(_: Translate, table: str) -> str:
    """A table of the lake or the ledger as a person calls it; a code nobody has named is shown as it is."""
    return {
        "feedback": _("Answers, calls, messages, posts"),
        "answer": _("Scores given"),
        "turn": _("Turns of calls and chats"),
        "mention": _("Sentences as we read them"),
        "mention_irritant": _("Causes found in sentences"),
        "embedding": _("Vectors of sentences"),
        "invitation": _("Survey invitations"),
        "contact": _("Contacts"),
        "customer_snapshot": _("CRM pictures"),
        "churn_event": _("Departures"),
        "churn_panel": _("Facts at each month end"),
        "churn_score": _("Risk scores"),
        "callback_uplift": _("Expected effect of a callback"),
        "case_promise": _("Promises kept or not"),
        "response_weight": _("Weights of answers"),
        "alert_feedback": _("Answers behind alarms"),
        "published": _("Quotes in digests"),
        "quarantine": _("Refused rows"),
        "event_text": _("Notes of advisers"),
        "event": _("Decisions and promises (rewritten without the person)"),
        "case_open": _("Open callbacks (dropped)"),
        "identity": _("Keyed links to e-mails and phones"),
        "name": _("Keyed words of the name"),
        "inbox": _("Raw posts"),
        "staged": _("Rows that wait"),
        "placement": _("Texts placed by people"),
        "reading": _("Who opened this page (rewritten without the person)"),
    }.get(table, table)


def kind_name(_: Translate, kind: str) -> str:
    """A kind of feedback, advisers' comments among them, as a person calls it."""
    return _("Comment of an adviser") if kind == "employee" else words.kind(_, kind)


def step_name(_: Translate, step: str) -> str:
    """A step of the chain as a person calls it."""
    return {
        "ingest": _("Read files"),
        "tables": _("Read databases"),
        "pull": _("Ask the tools for news"),
        "enrich": _("Understand the texts"),
        "discover": _("Find irritants"),
        "measure": _("Compute the scores"),
        "score": _("Estimate who may leave"),
        "watch_model": _("Watch the churn model"),
        "prioritize": _("Rank the irritants"),
        "watch": _("Watch for alarms"),
        "callbacks": _("Open and follow callbacks"),
        "prove": _("Prove what fixes did"),
        "digest": _("Write the digest"),
        "govern": _("Nightly upkeep: retention, erasure, checks"),
        "segments": _("Compare segments"),
        "import_scores": _("Import frozen months"),
        "withdraw_score": _("Withdraw a frozen month"),
        "retry": _("Retry of refused rows"),
    }.get(step, step)


def reason_name(_: Translate, reason: str) -> str:
    """Why a row was refused, and what to mend."""
    if reason in (told := _whole_reasons(_)):
        return told[reason]
    for start, sentence in (
        ("missing_", _("A field is missing ({field}): name its column in the mapping or in sources.yaml.")),
        ("bad_", _("A field cannot be read ({field}): correct its format in the mapping or in sources.yaml.")),
        ("out_of_scale_", _("A score lies outside its scale ({field}): correct the scale in the mapping.")),
    ):
        if reason.startswith(start):
            return sentence.format(field=reason.removeprefix(start))
    return reason


def _whole_reasons(_: Translate) -> dict[str, str]:
    return {
        "residual_personal_data": _(
            "Something like a name or a number is still there after redaction: mend the lexicon, then retry."
        ),
        "event_refused": _("The posted event could not be read: see its source, then retry."),
        "bad_shape": _("The row has another shape than this source reads: did the export change?"),
        "duplicate_key": _("The same key stands twice in one file: the first row was kept."),
        "too_deep": _("The posted event is nested too deep to be an answer: see who sends it."),
        "unknown_column": _("The mapping names a column we do not have: correct `fields` or `constants`."),
        "bad_contact": _("An address or phone is no text: correct the export."),
    }


def check_name(_: Translate, check: str) -> tuple[str, str]:
    """What a check looks for, and what to do where it finds rows."""
    reread = _("Correct the mapping of its source and read the file again.")
    report = _("This is a fault of the program: report it with the name of the check.")
    return {
        "fail_answer_out_of_scale": (_("A score outside its scale"), _("Correct the scale in the mapping or sources.yaml.")),
        "fail_answer_without_feedback": (_("A score without its answer"), report),
        "fail_available_at_missing": (_("A row without the time its source held it"), reread),
        "fail_available_before_occurred": (_("A row held before it happened"), _("Correct the time zone of its source.")),
        "fail_departure_cause_unknown": (_("A departure without a known cause"), _("Name its cause in the mapping.")),
        "fail_employee_scored": (_("An adviser's comment counted as a customer's"), report),
        "fail_irritant_without_mention": (_("An irritant on a sentence that is gone"), report),
        "fail_mention_out_of_range": (_("A sentence with an impossible reading"), report),
        "fail_mention_without_feedback": (_("A sentence without its answer"), report),
        "warn_customer_unknown": (
            _("Feedback of a customer the CRM does not know"),
            _("Ask the CRM for a whole picture: these customers enter no risk and no margin."),
        ),
        "warn_departure_without_picture": (
            _("A departure of a customer never seen in the CRM"),
            _("Nothing urgent: the model cannot learn from these departures."),
        ),
        "warn_feedback_in_the_future": (_("Feedback dated in the future"), _("Correct the time zone or the date format.")),
        "warn_invitation_answered_before_sent": (
            _("An answer dated before its invitation"),
            _("Correct the time zone of the survey tool or of the invitations."),
        ),
        "warn_nps_on_another_scale": (
            _("A question called NPS on another scale than 0 to 10"),
            _("It is left out of the NPS: name it `csat` or `other` in the mapping."),
        ),
    }.get(check, (check, report))  # fmt: skip
