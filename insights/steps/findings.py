"""What a run found, in three sentences for a person at a terminal."""

from __future__ import annotations

from babel.numbers import format_currency, format_decimal

from insights.i18n import translator
from insights.lake import Lake
from insights.ledger import Ledger
from insights.metrics import summarise
from insights.steps.callbacks import case_table
from insights.steps.window import analysis_day, monday

LOUD = """
SELECT coalesce(CASE $language WHEN 'fr' THEN i.label_fr ELSE i.label_en END, i.label_fr, i.label_en, p.irritant_id) AS label,
       p.*
FROM priority p LEFT JOIN irritant i USING (irritant_id) WHERE p.week = $week AND NOT p.weak_signal
"""


def three_sentences(lake: Lake, ledger: Ledger, language: str) -> list[str]:
    """The costliest irritant beside the loudest, the score with its interval, and whom to call."""
    return [_costliest(lake, language), _score(lake, language), _calls(lake, ledger, language)]


def _costliest(lake: Lake, language: str) -> str:
    _ = translator(language)
    ranked = lake.read(LOUD, week=monday(analysis_day(lake)), language=language)
    if ranked.empty:
        return _("No irritant has been named often enough yet to be ranked.")
    first = ranked.sort_values("rank").iloc[0]
    loudest = ranked.sort_values(["n_mentions", "rank"], ascending=[False, True]).iloc[0]
    count = format_decimal(int(loudest["n_mentions"]), locale=language)
    if first["basis"] != "eur":
        return _('Fix first: "{label}". The loudest is "{loudest}", {count} mentions in 90 days.').format(
            label=first["label"], loudest=loudest["label"], count=count
        )
    euros, low, high = (
        format_currency(
            round(first[name]),
            "EUR",
            locale=language,
            format="#,##0 ¤" if language == "fr" else None,
            currency_digits=False,
        )
        for name in ("value_at_risk_eur", "value_at_risk_low_eur", "value_at_risk_high_eur")
    )
    return _(
        'The loudest irritant is "{loudest}" ({count} mentions in 90 days); the costliest is "{label}": {euros} at risk '
        "({low} to {high})."
    ).format(loudest=loudest["label"], count=count, label=first["label"], euros=euros, low=low, high=high)


def _score(lake: Lake, language: str) -> str:
    _ = translator(language)
    for metric, survey in (("nps", "relational"), ("csat", "post_call"), ("csat", "review")):
        daily = lake.read(
            "SELECT * FROM metric_daily WHERE metric = $metric AND survey = $survey", metric=metric, survey=survey
        )
        if daily.empty:
            continue
        row = summarise(daily, metric, min_n=lake.settings.min_answers).iloc[0]
        if row["enough"]:
            value, low, high = (
                format_decimal(round(float(row[name])), "#,##0", locale=language) for name in ("value", "low", "high")
            )
            return _("{metric} over the whole period: {value} ({low} to {high}), on {n} answers.").format(
                metric=metric.upper(), value=value, low=low, high=high, n=format_decimal(int(row["n"]), locale=language)
            )
    return _("Not enough answers yet to show a score.")


def _calls(lake: Lake, ledger: Ledger, language: str) -> str:
    _ = translator(language)
    cases = case_table(ledger, lake.settings)
    waiting = (
        cases[cases["state"].isin(["open", "assigned", "scheduled", "attempted", "reopened"])]
        if not cases.empty
        else cases
    )
    if waiting.empty:
        return _("No customer is waiting for a callback.")
    urgent = int((waiting["reason"] == "urgency").sum())
    due = waiting["due_at"].min().tz_convert(lake.settings.timezone)
    return _("{n} customers to call back, {urgent} of them urgent; the first by {due}.").format(
        n=len(waiting), urgent=urgent, due=f"{due:%d/%m %H:%M}"
    )
