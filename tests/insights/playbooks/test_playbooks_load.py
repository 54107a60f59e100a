"""Playbooks as the project ships them, and what is said of one with a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from insights.errors import SettingsError
from insights.playbooks import load_playbooks, read_playbooks

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "data" / "reference" / "playbooks"
GOOD = """theme_words: [facture]
playbooks:
  - id: bill
    fr: Facture
    en: Bill
    default: true
    words: [facture]
    steps:
      - id: first
        fr: Est-ce payé ?
        en: Is it paid?
        answers:
          - {fr: Oui, en: "Yes", to: done}
          - {fr: Non, en: "No", to: wait}
      - {id: done, fr: Rien., en: Nothing., reply: thanks}
      - {id: wait, fr: Attendre., en: Wait.}
    replies:
      - id: thanks
        title: {fr: Merci, en: Thanks}
        when: {fr: j'ai payé, en: I paid}
        text: {fr: "Bonjour {product}", en: "Hello {product}"}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "bill.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_playbooks_are_well_and_hold_every_reply_in_both_languages():
    known, problems = read_playbooks(SHIPPED)
    assert problems == []
    assert len(known.playbooks) >= 20
    for _, reply in known.replies():
        assert all(reply.text)
        assert reply.text[0] != reply.text[1]


def test_every_way_through_a_shipped_tree_ends():
    for playbook in load_playbooks(SHIPPED).playbooks:
        ways = [[playbook.steps[0]]]
        while ways:
            way = ways.pop()
            assert len(way) <= 5, f"{playbook.playbook_id}: nobody answers so many questions on the phone"
            ways += [[*way, playbook.step(answer.to)] for answer in way[-1].answers]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("to: done", "to: nowhere", 13, "leads to 'nowhere'"),
        ("to: wait}", "to: done}", 16, "'wait' is reached by no answer"),
        ("reply: thanks", "reply: sorry", 15, "'sorry', which is not in this playbook"),
        ("Bonjour {product}", "Bonjour {name}", 21, "only {company}"),
        ("Hello {product}", "Hello", 21, "other placeholders in French"),
        ("Hello {product}", "Hello {product} a.b@example.org", 21, "address or a number"),
        ("Hello {product}", "Hello {product} 06 39 98 12 34", 21, "address or a number"),
        ("Hello {product}", "Hello {product", 21, "do not close"),
        ("    en: Bill\n", "", 3, "Field required"),
        ("words: [facture]\n    steps", "wrods: [facture]\n    steps", 7, "Extra inputs"),
        ("{id: wait, fr: Attendre., en: Wait.}",
         "{id: wait, fr: A, en: W, answers: [{fr: a, en: b, to: first}, {fr: c, en: d, to: first}]}", 8, "in a circle"),
        ("default: true", "default: false", None, "exactly one playbook must say `default: true`"),
        ("theme_words: [facture]", "theme_words: [facture", 2, "cannot be read"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_file_and_line(tmp_path, old, new, line, said):
    assert GOOD.count(old) == 1
    _, problems = read_playbooks(write(tmp_path, GOOD.replace(old, new)))
    assert any(said in problem for problem in problems), problems
    told = next(problem for problem in problems if said in problem)
    where = f"{tmp_path / 'bill.yaml'}:{line}: " if line else f"{tmp_path}: "
    assert told.startswith(where), told


def test_the_good_file_is_good_and_an_empty_folder_is_not(tmp_path):
    assert read_playbooks(write(tmp_path, GOOD))[1] == []
    empty = tmp_path / "none"
    empty.mkdir()
    with pytest.raises(SettingsError, match="no playbook here"):
        load_playbooks(empty)


def test_an_id_stands_once_over_all_files(tmp_path):
    write(tmp_path, GOOD)
    twin = yaml.safe_load(GOOD)
    twin["playbooks"][0]["default"] = False
    (tmp_path / "twin.yaml").write_text(yaml.safe_dump(twin), encoding="utf-8")
    problems = read_playbooks(tmp_path)[1]
    assert ["'bill' stands twice" in problems[0], "'thanks' stands twice" in problems[1]] == [True, True]
