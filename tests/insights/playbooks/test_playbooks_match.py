"""From a case to its playbook, and from the playbook to replies in their order."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.playbooks import About, load_playbooks, match, suggest
from insights.playbooks.match import DEFAULT, IRRITANT, REASON, THEME, WORDS

KNOWN = load_playbooks(Path(__file__).parents[3] / "data" / "reference" / "playbooks")


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Facture de régularisation trop élevée", "catch_up_bill"),
        ("Promised callback never made", "promise_broken"),
        ("Remboursement qui n'arrive pas", "refund_late"),
        ("Energy voucher ignored", "energy_voucher"),
        ("Heures creuses déplacées", "off_peak"),
        ("Démarche de déménagement ratée", "house_move"),
        ("Business contract renewal and exit fees", "business_contract"),
        ("Facture papier supprimée", "paper_bill"),
    ],
)
def test_an_irritant_leads_to_its_playbook(label, expected):
    found = match(KNOWN, About("detractor", (label,)))
    assert (found.playbook.playbook_id, found.by) == (expected, IRRITANT)


def test_danger_comes_before_the_irritant_and_a_risk_only_after_it():
    assert match(KNOWN, About("urgency", ("Facture illisible",))).playbook.playbook_id == "danger"
    assert match(KNOWN, About("risk", ("Chèque énergie ignoré",))).playbook.playbook_id == "energy_voucher"
    found = match(KNOWN, About("risk"))
    assert (found.playbook.playbook_id, found.by) == ("leaving", REASON)


def test_without_an_irritant_the_customer_s_words_then_the_theme_then_the_default():
    words = ("mes heures creuses ont changé sans qu'on me prévienne",)
    assert match(KNOWN, About("detractor", words=words)).by == WORDS
    themed = match(KNOWN, About("detractor", ("Zut",), theme=("Raccordement",)))
    assert (themed.by, themed.playbook.theme) == (THEME, "supply")
    assert match(KNOWN, About("detractor", ("Zut",))).by == DEFAULT
    assert match(KNOWN, About("detractor")).playbook.default


def ids(found):
    return [one.reply.reply_id for one in found]


def test_the_wording_orders_the_replies_of_a_playbook():
    found = match(KNOWN, About("detractor", ("Remboursement qui tarde",)))
    late = suggest(KNOWN, found, ["j'attends mon remboursement depuis des semaines"], "fr", {})
    cheque = suggest(KNOWN, found, ["le chèque est parti à mon ancienne adresse"], "fr", {})
    assert ids(late)[0] == "refund_ordered"
    assert ids(cheque)[0] == "refund_cheque"
    english = suggest(KNOWN, found, ["the refund cheque went to my old flat"], "en", {})
    assert ids(english)[0] == "refund_cheque"


def test_what_helped_on_similar_cases_moves_a_reply_up_and_never_over_its_playbook():
    found = match(KNOWN, About("detractor", ("Remboursement qui tarde",)))
    plain = suggest(KNOWN, found, [], "fr", {})
    assert ids(plain)[:3] == ["refund_ordered", "refund_sent", "refund_cheque"]  # no word, no outcome: the file's order
    helped = suggest(KNOWN, found, [], "fr", {"refund_cheque": (0.9, 40), "refund_sent": (0.2, 40)})
    assert ids(helped)[:3] == ["refund_cheque", "refund_ordered", "refund_sent"]
    outside = suggest(KNOWN, found, [], "fr", {"debit_back": (1.0, 400), "refund_sent": (0.0, 400)})
    assert set(ids(outside)[:3]) == {"refund_ordered", "refund_sent", "refund_cheque"}


def test_the_reply_of_the_step_stands_first():
    found = match(KNOWN, About("detractor", ("Remboursement qui tarde",)))
    assert ids(suggest(KNOWN, found, ["j'attends"], "fr", {}, "refund_sent"))[0] == "refund_sent"


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=60), st.sampled_from(["fr", "en"]))
def test_any_words_give_ranks_from_one_on_and_the_playbook_s_own_replies(words, language):
    found = match(KNOWN, About("detractor", ("Double prélèvement",)))
    ranked = suggest(KNOWN, found, [words], language, {})
    assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
    assert {reply.reply_id for reply in found.playbook.replies} <= set(ids(ranked))
    assert len(set(ids(ranked))) == len(ranked)
