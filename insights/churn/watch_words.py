"""What the watch on the churn model found, in sentences: for the dashboard, the command line and whoever sends alerts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from insights.alerts import Alert
from insights.churn.drift import MISSING, MIX, SCORE
from insights.churn.panel import BY_NAME
from insights.digest.words import Words
from insights.errors import ModelError
from insights.yaml_files import read_yaml

LABELS = Path(__file__).parent / "terms.yaml"
Labels = Mapping[str, str]


@lru_cache(maxsize=1)
def _stored() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = read_yaml(LABELS)
    return found


def term_label(name: str, language: str) -> str:
    """What a term measures, as a heading. Raises ModelError for a term without one."""
    try:
        return _stored()[name][language]
    except KeyError as error:
        raise ModelError(f"insights/churn/terms.yaml has no label for {name!r} in {language!r}.") from error


def series_label(kind: str, name: str, words: Words) -> str:
    """A watched series as a person calls it."""
    _ = words._
    if kind == MIX:
        return _("Which irritants are named")
    if kind == SCORE:
        return _("The scores themselves")
    known = name in _stored()
    label = term_label(name, words.language) if known else name
    return _("{label}: share not known").format(label=label) if kind == MISSING else label


def alert_sentence(one: Alert, words: Words, labels: Labels) -> str:
    """What an alert on the model says, with its figures; `labels`: irritant id to name. Its code for one of others."""
    if one.code.startswith("drift_"):
        return _drift(one.facts, words, labels)
    return _backtest(one.code, one.facts, words)


def level(kind: str, name: str, value: Any, words: Words) -> str:
    """A mean of a series as it is read: a share with %, a count with one decimal."""
    if value is None:
        return "–"
    term = BY_NAME.get(name)
    if kind in (MISSING, MIX) or (term and (term.binary or name.endswith("_share"))):
        return words.number(100 * value, 1) + ("\N{NO-BREAK SPACE}%" if words.language == "fr" else "%")
    return words.number(value, 2)


def _drift(facts: Mapping[str, Any], words: Words, labels: Labels) -> str:
    _ = words._
    kind, name = str(facts["kind"]), str(facts["name"])
    figures = {column: level(kind, name, facts.get(f"mean_{column}"), words) for column in ("reference", "now")}
    label = series_label(kind, name, words)
    if kind == MIX:
        lead = str(facts.get("lead", ""))
        if not lead:
            return _("Other irritants are named than in the year the model learnt on.")
        shares = {side: level(MIX, name, facts.get(f"lead_{side}_share"), words) for side in ("reference", "now")}
        said = _(
            "Other irritants are named than in the year the model learnt on: above all “{label}”, {reference} → {now}."
        )
        return said.format(label=labels.get(lead, lead), **shares)
    if kind == SCORE:
        return _("The scores are spread otherwise than in the year the model learnt on.")
    said = _("{label}: {reference} on average in the year the model learnt on, {now} now.")
    return said.format(label=label, **figures)


def _backtest(code: str, facts: Mapping[str, Any], words: Words) -> str:
    _ = words._
    said = {
        "foretold_too_few": _("More customers left than was foretold: {n} of {told} ({ratio})."),
        "foretold_too_many": _("Fewer customers left than was foretold: {n} of {told} ({ratio})."),
        "slope": _("High and low risks are too far apart or too close: calibration slope {slope}."),
        "ranking": _("The order of customers was worse than the model's own test promised: ROC-AUC {auc}."),
    }.get(code)
    if said is None:
        return code
    return said.format(
        n=words.number(facts.get("n_events", 0)),
        told=words.number(facts.get("expected_events", 0)),
        ratio=words.ratio(facts.get("seen_over_told", 0)),
        slope=words.number(facts.get("slope", 0), 2),
        auc=words.number(facts.get("roc_auc", 0), 2),
    )
