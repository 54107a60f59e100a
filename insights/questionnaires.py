"""Declared questionnaires: wording, boxes that count, direction of the scale, and whom a survey stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insights.contracts import QUESTIONNAIRE
from insights.errors import SettingsError
from insights.yaml_files import read_yaml

FILE = "questionnaires.yaml"
SCALE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*-\s*(-?\d+(?:\.\d+)?)\s*")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Strict):
    """One question of a questionnaire. Without `top_boxes` the usual ones count."""

    metric: Literal["nps", "csat", "ces"]
    scale: str
    top_boxes: tuple[float, float] | None = None
    direction: Literal["high_is_good", "low_is_good"] = "high_is_good"
    wording_fr: str | None = None
    wording_en: str | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest box; (0, 0) where the scale cannot be read."""
        found = SCALE.fullmatch(self.scale)
        return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


class Questionnaire(_Strict):
    """One survey and its questions."""

    survey: str = Field(min_length=1)
    stands_for: Literal["customers", "contacts", "asked"] = "asked"
    contact_channels: tuple[str, ...] = ()
    questions: tuple[Question, ...] = Field(min_length=1)


class _File(_Strict):
    questionnaires: tuple[Questionnaire, ...] = ()


def load_questionnaires(folder: Path) -> tuple[Questionnaire, ...]:
    """The questionnaires of `folder`/questionnaires.yaml; none without the file.

    Raises SettingsError with the file, the questionnaire and what was found.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        found = _File.model_validate(read_yaml(path) or {}).questionnaires
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path}: {where}: {first['msg']}, found {first.get('input')!r}.") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{path}: the questionnaires cannot be read ({error}).") from error
    for problem in _problems(found):
        raise SettingsError(f"{path}: {problem}")
    return found


def _problems(found: tuple[Questionnaire, ...]) -> Iterator[str]:
    seen: set[tuple[str, ...]] = set()
    for one in found:
        if (one.survey,) in seen:
            yield f"questionnaire {one.survey!r} stands twice: put its questions under one entry."
        seen.add((one.survey,))
        if one.survey == "review":
            yield "'review' is the name kept for public reviews: they are no sample; give the questionnaire another."
        if (one.stands_for == "contacts") != bool(one.contact_channels):
            yield f"questionnaire {one.survey!r}: contact_channels goes with stands_for: contacts, and only with it."
        for asked in one.questions:
            where = f"questionnaire {one.survey!r}, {asked.metric} on {asked.scale!r}"
            yield from (f"{where}: {text}" for text in _of_question(asked))
            key = (one.survey, asked.metric, f"{asked.ends}")
            if key in seen:
                yield f"{where}: the question stands twice with this scale."
            seen.add(key)


def _of_question(asked: Question) -> Iterator[str]:
    low, high = asked.ends
    if low >= high:
        yield "write the scale as lowest-highest, such as 1-5."
    elif asked.metric == "nps":
        if (low, high) != (0.0, 10.0) or asked.top_boxes or asked.direction != "high_is_good":
            yield "nps is asked on 0-10, high is good, and has no top_boxes (9-10 less 0-6)."
    elif asked.top_boxes is None:
        return
    elif not low <= asked.top_boxes[0] <= asked.top_boxes[1] <= high:
        yield f"top_boxes {list(asked.top_boxes)} must be the first and the last box, within the scale."
    elif asked.top_boxes[0 if asked.direction == "low_is_good" else 1] != (
        low if asked.direction == "low_is_good" else high
    ):
        yield f"top_boxes {list(asked.top_boxes)} leave out the best box of a scale where {asked.direction}."


def questionnaire_rows(found: tuple[Questionnaire, ...]) -> pd.DataFrame:
    """QUESTIONNAIRE rows, one a question."""
    rows: list[dict[str, Any]] = []
    for one in found:
        for asked in one.questions:
            low, high = asked.ends
            top = asked.top_boxes or (None, None)
            rows.append(
                {
                    "survey": one.survey,
                    "metric": asked.metric,
                    "scale": f"{low:g}-{high:g}",
                    "lowest": low,
                    "highest": high,
                    "top_from": top[0],
                    "top_to": top[1],
                    "low_is_good": asked.direction == "low_is_good",
                    "wording_fr": asked.wording_fr,
                    "wording_en": asked.wording_en,
                    "population": one.stands_for,
                    "contact_channels": list(one.contact_channels),
                }
            )
    return pd.DataFrame(rows, columns=list(QUESTIONNAIRE.column_names))
