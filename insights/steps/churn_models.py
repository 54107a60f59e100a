"""The churn models of an installation: one signed file a month, its model card for programs and for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from insights.churn.facts import Context
from insights.churn.model import ChurnModel
from insights.churn.model_card import markdown
from insights.churn.training import Parameters, fit
from insights.errors import ModelError
from insights.i18n import LANGUAGES
from insights.keys import KeyRing, replace_file
from insights.settings import Settings
from insights.steps.signed import read_signed, write_signed


def model_path(settings: Settings, day: date) -> Path:
    """The model of a month: it is fitted once a month, as models age within a few periods."""
    return settings.models_dir / f"churn-{day:%Y-%m}.json"


def save_model(settings: Settings, day: date, model: ChurnModel) -> None:
    """Write the month's model, signed, and its card: `-card.json`, and `-card.fr.md`, `-card.en.md` for people."""
    path = model_path(settings, day)
    write_signed(path, model.to_json(), KeyRing(settings.keys_dir))
    card = model.model_card()
    told = json.dumps(card, ensure_ascii=False, indent=1, default=str)
    replace_file(path.with_name(f"{path.stem}-card.json"), told.encode())
    for language in LANGUAGES:
        text = markdown(json.loads(told), language, settings.company)
        replace_file(path.with_name(f"{path.stem}-card.{language}.md"), text.encode())


def load_model(settings: Settings, day: date) -> ChurnModel | None:
    """The month's model, or None when it has not been fitted.

    Raises ModelError where the file was altered or cannot be read: `month_model` fits it again.
    """
    path = model_path(settings, day)
    if not path.exists():
        return None
    text = read_signed(path, KeyRing(settings.keys_dir))
    try:
        return ChurnModel.from_json(text)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: the churn model is damaged ({error}). Delete it and run `voc run`.") from error


def refused(settings: Settings, day: date) -> str:
    """Why the month's stored model cannot be used; empty where it can, or where there is none."""
    try:
        load_model(settings, day)
    except ModelError as error:
        return str(error)
    return ""


def previous_model(settings: Settings, day: date) -> ChurnModel | None:
    """The newest usable model of an earlier month; None without one."""
    own = model_path(settings, day).name
    months = sorted(settings.models_dir.glob("churn-????-??.json"), reverse=True)
    for path in (one for one in months if one.name < own):
        try:
            return load_model(settings, date.fromisoformat(path.stem.removeprefix("churn-") + "-01"))
        except (ModelError, ValueError):
            continue  # altered, of another version, or no month: an older one may do
    return None


def month_model(
    settings: Settings, panel: Callable[[], pd.DataFrame], day: date, context: Context, note: dict[str, Any]
) -> ChurnModel:
    """The month's model: the stored one, else one fitted now and stored.

    It is fitted again where the stored one is refused, is a card (more departures may be known by now), or holds an
    attribution that an older version of the code made. `panel` reads what a fit learns from: nothing else needs it.
    """
    try:
        model = load_model(settings, day)
    except ModelError as error:
        note["refused"], model = str(error), None
    if model is None or model.kind == "card" or model.attribution is None or not model.attribution.current:
        parameters, previous = Parameters.from_settings(settings), previous_model(settings, day)
        model = fit(panel(), parameters, day, settings.seed, context, previous)
        save_model(settings, day, model)
    note["model"] = model.version
    if why := model.report.get("why"):
        note["model_note"] = why
    return model
