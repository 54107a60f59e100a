"""Declared questionnaires: what is read, and a bad file refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from insights.contracts import QUESTIONNAIRE
from insights.errors import SettingsError
from insights.questionnaires import FILE, load_questionnaires, questionnaire_rows

ROOT = Path(__file__).parents[2]
GOOD = """
questionnaires:
  - survey: onboarding
    stands_for: contacts
    contact_channels: [phone, chat]
    questions:
      - {metric: ces, scale: "1-5", direction: low_is_good, top_boxes: [1, 2], wording_fr: "Effort ?"}
      - {metric: ces, scale: "1-7"}
      - {metric: nps, scale: "0-10"}
"""

TWICE = "  - survey: onboarding\n    questions: [{metric: nps, scale: 0-10}]\n  - survey: onboarding"


def written(folder: Path, text: str) -> Path:
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


def test_a_question_becomes_a_row(tmp_path: Path) -> None:
    rows = questionnaire_rows(load_questionnaires(written(tmp_path, GOOD)))
    assert list(rows.columns) == list(QUESTIONNAIRE.column_names)
    effort = rows.iloc[0]
    assert effort[["survey", "metric", "scale", "top_from", "top_to"]].tolist() == ["onboarding", "ces", "1-5", 1, 2]
    assert effort["low_is_good"]
    assert effort["contact_channels"] == ["phone", "chat"]
    assert rows["top_from"].isna().tolist() == [False, True, True]
    assert set(rows["population"]) == {"contacts"}


def test_the_file_of_the_project_can_be_read() -> None:
    surveys = {one.survey for one in load_questionnaires(ROOT / "data" / "reference")}
    assert {"relational", "post_call", "post_digital", "welcome", "post_complaint"} <= surveys


def test_no_file_declares_nothing(tmp_path: Path) -> None:
    rows = questionnaire_rows(load_questionnaires(tmp_path))
    assert rows.empty
    assert list(rows.columns) == list(QUESTIONNAIRE.column_names)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("top_boxes: [1, 2]", "top_boxes: [1, 6]", "ces on '1-5': top_boxes [1.0, 6.0] must be"),
        ("top_boxes: [1, 2]", "top_boxes: [4, 5]", "leave out the best box of a scale where low_is_good"),
        ('scale: "1-7"', 'scale: "1-5"', "stands twice with this scale"),
        ('scale: "1-7"', 'scale: "seven"', "write the scale as lowest-highest"),
        ('scale: "0-10"', 'scale: "1-5"', "nps is asked on 0-10"),
        ("survey: onboarding", "survey: review", "kept for public reviews"),
        ("contact_channels: [phone, chat]", "contact_channels: []", "contact_channels goes with stands_for: contacts"),
        ("stands_for: contacts", "stands_for: everybody", "questionnaires.0.stands_for"),
        ("direction: low_is_good", "directon: low_is_good", "questionnaires.0.questions.0.directon"),
        ("questionnaires:", "questionnaires: [", "cannot be read"),
        ("  - survey: onboarding", TWICE, "stands twice"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_by_name_with_a_sentence(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(SettingsError) as refused:
        load_questionnaires(written(tmp_path, GOOD.replace(old, new, 1)))
    assert FILE in str(refused.value)
    assert said in str(refused.value)
