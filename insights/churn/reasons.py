"""Why a customer is rated as they are: the model's own additive terms, grouped by family, as facts a person can read.

A reason is {family, code, contribution, values}: log-odds of the whole family, the term that weighs most in it and the
facts it rests on. Sentences stand in reasons.yaml, French and English; a verbatim never enters one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.churn.card import PointsCard
from insights.churn.design import IRRITANT, Design
from insights.churn.panel import BY_NAME, TERMS
from insights.errors import ModelError
from insights.intervals import Array
from insights.yaml_files import read_yaml

TOP = 3
ABOUT = ("effort", "text")  # families that can say which irritant they were about
WEAKEST = 0.05  # log-odds (odds up 5 %): below it a family says nothing worth a person's time
SENTENCES = Path(__file__).parent / "reasons.yaml"
Reason = dict[str, Any]
Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]


@lru_cache(maxsize=1)
def _sentences() -> dict[str, Any]:
    stored: dict[str, Any] = read_yaml(SENTENCES)
    return stored


def model_reasons(design: Design, rows: pd.DataFrame, contributions: Array) -> list[str]:
    """JSON list of up to three reasons per row: families that raise the risk most, the strongest first.

    `contributions`: (n, p) log-odds of each column against the average training row; they and the intercept sum
    exactly to the row's log-odds. Only terms whose fact can be said stand for a family.
    """
    families = np.array(design.families)
    names = list(dict.fromkeys(design.families))
    totals = np.column_stack([contributions[:, families == name].sum(axis=1) for name in names])
    present, known = _present(design, rows)
    sayable = np.where(_sayable(design, present, known), contributions, -np.inf)
    best = np.column_stack([_best(sayable, np.flatnonzero(families == name)) for name in names])
    facts, spoken = _facts(rows), rows["irritants_90d"].tolist()
    told = (_row_reasons(design, names, totals[i], best[i], sayable[i], present[i], facts[i]) for i in range(len(rows)))
    return [
        json.dumps(_with_irritant(design, one, spoken[i], contributions[i]), ensure_ascii=False)
        for i, one in enumerate(told)
    ]


def card_reasons(card: PointsCard, rows: pd.DataFrame) -> list[str]:
    """JSON list of up to three reasons per row: the rules that gave most points, one per family."""
    points, facts = card.points(rows), _facts(rows)
    order = np.argsort(-points, axis=1, kind="stable")
    listed = []
    for i in range(len(rows)):
        chosen: dict[str, Reason] = {}
        for j in order[i]:
            rule = card.rules[j]
            if points[i, j] > 0 and rule.family not in chosen and len(chosen) < TOP:
                values = {name: facts[i][name] for name in rule.values}
                chosen[rule.family] = _reason(rule.family, rule.code, float(points[i, j]), values)
        listed.append(json.dumps(list(chosen.values()), ensure_ascii=False))
    return listed


def sentence(reason: Mapping[str, Any], language: str, labels: Mapping[str, str] | None = None) -> str:
    """The reason as one sentence in French or English. `labels`: irritant id to its name in that language.

    Raises ModelError for a code or a language without a sentence.
    """
    code, values = str(reason["code"]), dict(reason.get("values", {}))
    texts = _sentences()["sentences"].get(code, {}).get(language)
    if texts is None:
        raise ModelError(f"insights/churn/reasons.yaml has no sentence for {code!r} in {language!r}.")
    if code == "irritant":
        irritant = str(values["irritant_id"])
        values["label"] = (labels or {}).get(irritant, irritant)
    said = texts[_form(texts, values)].format(**values)
    if code != "irritant" and "irritant_id" in values:
        irritant = str(values["irritant_id"])
        said += _sentences()["about"][language].format(label=(labels or {}).get(irritant, irritant))
    return said.replace("%", "\u00a0%") if language == "fr" else str(said)


def family_label(family: str, language: str) -> str:
    """Name of a family on screen."""
    return str(_sentences()["families"][family][language])


def _form(texts: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """Which of absent, zero, one, other this fact takes."""
    if values.get("absent"):
        return "absent"
    first = next((value for value in values.values() if isinstance(value, int | float)), None)
    if first is not None and "zero" in texts and round(first, 2) == 0:
        return "zero"
    if first is not None and "one" in texts and round(first, 2) == 1:
        return "one"
    return "other"


def _present(design: Design, rows: pd.DataFrame) -> tuple[Mask, Mask]:
    """(n, p) True where a yes-or-no term is yes, a count is above 0, a score is known; and where it is known at all."""
    raw = design.raw(rows)
    known = ~np.isnan(raw)
    yes = known & (np.abs(raw) > 1e-9)
    scores = [j for j, name in enumerate(design.names) if name.endswith(("_last", "_last_share"))]
    yes[:, scores] = known[:, scores]
    return yes, known


def _sayable(design: Design, present: Mask, known: Mask) -> Mask:
    """(n, p) whether reasons.yaml has the form this row's fact needs; of what is not known nothing is said."""
    texts = _sentences()["sentences"]
    says_yes, says_no = np.zeros(len(design.names), dtype=bool), np.zeros(len(design.names), dtype=bool)
    for j, name in enumerate(design.names):
        forms = texts["irritant" if name.startswith(IRRITANT) else name]["fr"]
        says_yes[j], says_no[j] = "other" in forms, "absent" in forms or "zero" in forms
    return np.where(present, says_yes, says_no) & known


def _best(sayable: Array, columns: Indices) -> Indices:
    """(n,) column of the family with the highest sayable contribution."""
    return np.asarray(columns[np.argmax(sayable[:, columns], axis=1)], dtype=np.int64)


def _row_reasons(
    design: Design,
    names: list[str],
    totals: Array,
    best: Array,
    sayable: Array,
    present: Array,
    facts: Mapping[str, Any],
) -> list[Reason]:
    found: list[Reason] = []
    for k in np.argsort(-totals, kind="stable"):
        j = int(best[k])
        if len(found) == TOP or totals[k] < WEAKEST:
            break
        if sayable[j] > 0:
            code, values = _code_and_values(design.names[j], bool(present[j]), facts)
            found.append(_reason(names[k], code, float(totals[k]), values))
    return found


def _with_irritant(design: Design, told: list[Reason], spoken: Sequence[str], contributions: Array) -> list[Reason]:
    """The reasons; where a contact or words are given and no irritant is, the first of them says what it was about.

    Who names an irritant gets in touch, and the contact carries most of what both go with: without its subject a
    reason « 4 contacts » would hide the irritant. The fact is added, no contribution is moved.
    """
    if not spoken or any(reason["family"] == "irritant" for reason in told):
        return told

    def weight(irritant: str) -> tuple[float, str]:
        column = design.column(irritant)
        return (0.0 if column is None else -float(contributions[column]), irritant)

    for reason in told:
        if reason["family"] in ABOUT:
            reason["values"] = {**reason["values"], "irritant_id": min(spoken, key=weight)}
            break
    return told


def _code_and_values(name: str, present: bool, facts: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    if name.startswith(IRRITANT):
        return "irritant", {"irritant_id": name.removeprefix(IRRITANT)}
    term = BY_NAME[name]
    if not present and "absent" in _sentences()["sentences"][name]["fr"]:
        return name, {"absent": True}
    return name, {value: facts[value] for value in term.values}


def _reason(family: str, code: str, contribution: float, values: dict[str, Any]) -> Reason:
    return {"family": family, "code": code, "contribution": round(contribution, 4), "values": values}


def _facts(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The quotable panel columns of each row as plain numbers."""
    quoted = sorted({value for term in TERMS for value in term.values})
    numbers = rows[quoted].astype(float).round({name: 4 if name.endswith("_share") else 0 for name in quoted})
    return [dict(zip(quoted, line, strict=True)) for line in numbers.to_numpy().tolist()]
