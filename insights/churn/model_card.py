"""The model card for people: what the model rests on, what it was worth forward in time, where it must not be trusted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from insights.digest.words import Words

KINDS = ("ebm", "lightgbm", "logistic", "card")
FIGURES = (  # name in the report, decimals
    ("roc_auc", 3),
    ("pr_auc", 3),
    ("lift_top_decile", 2),
    ("precision_at_capacity", 3),
    ("brier", 4),
    ("log_loss", 4),
    ("calibration_slope", 2),
    ("ece", 4),
)
Card = Mapping[str, Any]


def markdown(card: Card, language: str, company: str) -> str:
    """The card of `ChurnModel.model_card` as Markdown in French or English."""
    words = Words(language)
    parts = [_head(card, words, company), _data(card, words)]
    if "test" in card:
        parts += [_forward(card["test"], words), _slices(card["test"], words), _calibration(card["lines"], words)]
        parts.append(_promotion(card, words))
    return "\n\n".join([*parts, _limits(card, words)]) + "\n"


def kind_label(kind: str, words: Words) -> str:
    """A kind of model as a person calls it."""
    _ = words._
    labels = {"card": _("points card"), "logistic": _("logistic regression"), "lightgbm": _("LightGBM")}
    return labels.get(kind) or _("Explainable Boosting Machine")


def _head(card: Card, words: Words, company: str) -> str:
    _ = words._
    lines = [
        "# " + _("Model card: who is about to leave ({company})").format(company=company),
        "",
        _("Serves: {kind}, version {version}.").format(
            kind=kind_label(card["model_kind"], words), version=card["model_version"]
        ),
        _("It orders helpful contact; a person decides. Never for price, refusal or termination."),
        _("Age and digital habit are never read."),
    ]
    if "why" in card:
        lines.append(_why(card, words))
    return "\n".join(lines)


def _why(card: Card, words: Words) -> str:
    """Why a simpler or an older model serves, from the measured facts."""
    _ = words._
    if card.get("against_previous", {}).get("keeps_serving"):
        said = _("This month's refit was not shown as good as last month's model, which goes on serving.")
    elif "against_card" in card:
        said = _("The fitted model was not shown to find more departures than the points card at the team's capacity.")
    elif card["n_events"] < 50:
        said = _("Too few departures are known for a fit: {n}.").format(n=words.number(card["n_events"]))
    else:
        said = _("No test month lies far enough behind its training months.")
    return said


def _data(card: Card, words: Words) -> str:
    _ = words._
    causes = {
        "chosen": _("chosen"),
        "natural": _("move or closure"),
        "unpaid": _("unpaid bills"),
        "death": _("death"),
    }
    told = [f"{causes.get(cause, cause)} {words.number(n)}" for cause, n in card.get("departures_by_cause", {}).items()]
    share = card.get("declared_available_share")
    rows = [
        (_("Month ends with a known outcome"), f"{card['first_t0'] or '–'} → {card['last_t0'] or '–'}"),
        (_("Customer-months, customers"), f"{words.number(card['n_rows'])}, {words.number(card['n_customers'])}"),
        (_("Customers who left by choice, in these windows"), words.number(card["n_events"])),
        (_("Customers who left, by cause"), ", ".join(told) or "–"),
        (_("Departures known up to"), card.get("complete_through") or "–"),
        (_("Movers of the last year who stayed with us"), _movers(card.get("movers") or {}, words)),
        (
            _("Responses dated by a declared delay"),
            "–" if share is None else words.number(100 * share) + ("\u00a0%" if words.language == "fr" else "%"),
        ),
    ]
    if "next_rung" in card:
        rung = card["next_rung"]
        rows.append(
            (
                _("Next rung"),
                _("{kind} at {n} departures, about {day}").format(
                    kind=kind_label(rung["kind"], words),
                    n=words.number(rung["n_events"]),
                    day=rung["expected_on"] or "?",
                ),
            )
        )
    return "## " + _("What it rests on") + "\n\n" + _table((_("fact"), _("value")), rows)


def _movers(moved: Mapping[str, float], words: Words) -> str:
    """Kept of moved, with the bounds of the share in percent; moves are no chosen departures."""
    if not moved:
        return "–"
    low, high = (words.number(100 * moved[bound]) for bound in ("low", "high"))
    told = words._("{kept} of {moved} ({low} to {high} of 100)")
    return told.format(kept=words.number(moved["n_kept"]), moved=words.number(moved["n_moved"]), low=low, high=high)


def _forward(test: Card, words: Words) -> str:
    """Figures of every kind over the test months of the largest line."""
    _ = words._
    whole = test["all"]
    labels = {
        "roc_auc": _("ROC-AUC"),
        "pr_auc": _("PR-AUC"),
        "lift_top_decile": _("lift of the top tenth"),
        "precision_at_capacity": _("share of leavers among those called"),
        "brier": _("Brier score"),
        "log_loss": _("log loss"),
        "calibration_slope": _("calibration slope (1 is right)"),
        "ece": _("calibration error"),
    }
    kinds = [kind for kind in KINDS if kind in whole]
    head = (_("figure"), *(kind_label(kind, words) for kind in kinds))
    rows = [
        (labels[name], *(_figure(whole[kind].get(name), decimals, words) for kind in kinds))
        for name, decimals in FIGURES
    ]
    told = _("{months} months after training, {n} customer-months, {events} departures, base rate {rate}.").format(
        months=len(test["months"]),
        n=words.number(whole["n"]),
        events=words.number(whole["n_events"]),
        rate=words.number(whole["base_rate"], 4),
    )
    body = _table(head, rows) if kinds else _("not enough data")
    return "## " + _("Forward test") + f"\n\n{told}\n\n{body}"


def _slices(test: Card, words: Words) -> str:
    """The serving kind by month and by segment."""
    _ = words._
    kind = test["served"]
    head = (_("months or segment"), _("departures"), _("base rate"), _("PR-AUC"), _("lift of the top tenth"),
            _("calibration slope (1 is right)"))  # fmt: skip
    rows = []
    for name, one in [*test["months"].items(), *test["segments"].items()]:
        own = one.get(kind, {})
        figures = [_figure(own.get(key), n, words) for key, n in (("pr_auc", 3), ("lift_top_decile", 2))]
        slope = _figure(own.get("calibration_slope"), 2, words) if own else _("not enough data")
        rows.append((name, words.number(one["n_events"]), words.number(one["base_rate"], 4), *figures, slope))
    return "## " + _("By month and by segment") + "\n\n" + _table(head, rows)


def _calibration(lines: Sequence[Card], words: Words) -> str:
    _ = words._
    told = []
    for line in lines:
        own = line["calibration"]
        said = _("Gap {gap} days, horizon {horizon}: slope {slope} ({low} to {high}), {done}.")
        told.append(
            "- "
            + said.format(
                gap=line["gap_days"],
                horizon=line["horizon_days"],
                slope=_figure(own["slope"], 2, words),
                low=_figure(own["slope_low"], 2, words),
                high=_figure(own["slope_high"], 2, words),
                done=_("recalibrated") if own["asked"] else _("left as it is"),
            )
        )
    return "## " + _("Calibration by line of business") + "\n\n" + "\n".join(told)


def _promotion(card: Card, words: Words) -> str:
    """Who was measured against whom, with intervals."""
    _ = words._
    rows = [
        (
            f"{kind_label(kind, words)} / {kind_label(one['against'], words)}",
            _interval(one["log_loss_gain"], 4, words),
            _interval(one["pr_auc_gain"], 4, words),
        )
        for kind, one in card.get("contests", {}).items()
    ]
    if "against_previous" in card:
        one = card["against_previous"]
        gain, ranked = (_interval(one[name], 4, words) for name in ("log_loss_gain", "pr_auc_gain"))
        rows.append((f"{kind_label(card['served'], words)} / {one['version']}", gain, ranked))
    against = card["against_card"]
    gain = _interval(against["pr_auc_gain"], 4, words)
    rows.append((f"{kind_label(card['served'], words)} / {kind_label('card', words)}", "", gain))
    head = (_("first / second"), _("log loss won"), _("PR-AUC won"))
    return "## " + _("Which model serves, and why") + "\n\n" + _table(head, rows)


def _limits(card: Card, words: Words) -> str:
    _ = words._
    said = [
        _("A reason says what goes with the risk, never what causes it."),
        _("The interval covers what data of another draw of customers would say; what nobody told us is not in it."),
        _("A new product, a price shock or a new channel is seen only once its departures have matured."),
        _("Departures learned within the gap are too late to act on and are left out."),
        _("Who is most at risk is not who is best called: only a hold-out shows what a call changes."),
    ]
    return "## " + _("Limits") + "\n\n" + "\n".join(f"- {one}" for one in said)


def _figure(value: float | None, decimals: int, words: Words) -> str:
    return "–" if value is None or not math.isfinite(value) else words.number(value, decimals)


def _interval(one: Card, decimals: int, words: Words) -> str:
    value, low, high = (words.number(one[name], decimals, signed=True) for name in ("value", "low", "high"))
    return f"{value} ({words._('{low} to {high}').format(low=low, high=high)})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
