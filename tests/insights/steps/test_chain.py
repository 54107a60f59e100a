"""The whole way of the data, on the small demo company: what each step leaves, and that a second run adds nothing."""

from __future__ import annotations

import json

import pytest
from chain import Company, run_steps

from insights.contracts import UNCLASSIFIED
from insights.errors import ContractError
from insights.lake import Lake, open_lake
from insights.ledger import open_ledger
from insights.steps.digest import last_digest
from insights.steps.findings import three_sentences
from insights.steps.govern import govern, run_checks
from insights.steps.resolved import registry


@pytest.fixture
def lake(company: Company) -> Lake:
    with open_lake(company.settings, read_only=True) as opened:
        yield opened


def test_every_table_is_filled_and_every_key_stands_once(lake: Lake) -> None:
    empty = [name for name, n in lake.counts().items() if n == 0]
    # a clean company: nothing deleted at its source, no code frame imported, nothing new, no action, no bad row; and one
    # of 400 customers: too few answers to correct, too few of a kind to differ
    small = ["cell_weight", "response_weight", "restatement", "segment_difference"]
    unused = ["fix", "fix_week", "fix_placebo"]
    held_out = ["callback_effect", "callback_uplift"]  # off until somebody switches it on
    assert empty == ["tombstone", "irritant_example", "weak_signal", *held_out, *small, *unused, "quarantine"]
    assert lake.check_keys() == []
    assert run_checks(lake)[0] == []


def test_only_the_customers_words_become_mentions(lake: Lake) -> None:
    said = lake.read("""
        SELECT count(*) FILTER (t.speaker <> 'customer') AS of_others, count(*) AS n
        FROM mention m JOIN turn t ON t.feedback_id = m.feedback_id AND t.turn_no = m.turn_no""")
    assert said["n"].iloc[0] > 100
    assert said["of_others"].iloc[0] == 0


def test_a_mention_is_where_it_says_it_is(lake: Lake) -> None:
    wrong = lake.scalar("""
        SELECT count(*) FROM mention m JOIN feedback f USING (feedback_id) LEFT JOIN turn t
          ON t.feedback_id = m.feedback_id AND t.turn_no = m.turn_no
        WHERE substring(coalesce(t.text, f.verbatim), m.start_char + 1, m.end_char - m.start_char) <> m.text""")
    assert wrong == 0


def test_complaints_have_an_irritant_or_say_unclassified(lake: Lake) -> None:
    found = lake.read("""
        SELECT m.mention_id, i.irritant_id FROM mention m LEFT JOIN mention_irritant i USING (mention_id)
        WHERE m.type = 'complaint'""")
    assert found["irritant_id"].notna().all()
    assert (found["irritant_id"] == UNCLASSIFIED).mean() < 0.5
    assert found["irritant_id"].nunique() > 5


def test_irritants_have_a_name_in_both_languages_and_no_two_share_one(lake: Lake) -> None:
    names = lake.read("SELECT label_fr, label_en FROM irritant WHERE status <> 'merged'")
    assert names.notna().all().all()
    assert names["label_fr"].is_unique
    assert not names["label_fr"].str.contains(r"\[[A-Z_]+_\d+\]").any()


def test_the_second_run_embeds_nothing_changes_no_count_and_says_so(copied: Company) -> None:
    with open_lake(copied.settings) as lake:
        before = lake.counts()
    again = run_steps(copied.settings, copied.folder / "exports", "second")
    with open_lake(copied.settings) as lake:
        after = lake.counts()
    assert {**before, "run": 0} == {**after, "run": 0}
    assert again["ingest"].note["skipped"] == again["ingest"].note["files"]
    assert again["enrich"].note["embedded"] == 0
    for step in ("enrich", "discover", "measure", "score", "prioritize"):
        assert "nothing new" in again[step].note["said"], step
    assert again["callbacks"].n_out == 0


def test_priorities_keep_their_own_ranges(lake: Lake) -> None:
    table = lake.read("SELECT * FROM priority ORDER BY rank")
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    assert ((table["rank_low"] <= table["rank"]) & (table["rank"] <= table["rank_high"])).all()
    assert (table.loc[table["weak_signal"], "top3_probability"] == 0).all()


def test_no_score_is_given_to_who_objected_or_has_left(lake: Lake) -> None:
    gone = lake.scalar("""
        SELECT count(*) FROM churn_score s JOIN churn_event e USING (customer_id) WHERE e.learned_on <= s.scored_on""")
    assert gone == 0


def test_cases_keep_no_text_and_no_address(company: Company) -> None:
    with open_ledger(company.settings) as ledger:
        events = ledger.events(("case.",))
    assert events
    for event in events:
        assert "@" not in json.dumps(dict(event.payload))
        assert not {"text", "verbatim", "email", "phone"} & set(event.payload)


def test_the_digest_is_written_in_both_languages_with_quotes_that_stand_in_the_lake(
    company: Company, lake: Lake
) -> None:
    files = last_digest(company.settings)
    assert [path.stem.rsplit("-", 1)[1] for path in files] == ["en", "fr"]
    quotes = lake.read("""
        SELECT p.value, m.text FROM published p LEFT JOIN mention m USING (mention_id) WHERE p.kind = 'quote'""")
    assert len(quotes) > 0
    for row in quotes.itertuples():
        assert json.loads(row.value)["text"] in row.text


def test_govern_removes_what_is_past_its_date_with_all_that_hangs_on_it(copied: Company) -> None:
    with open_lake(copied.settings) as lake, open_ledger(copied.settings) as ledger:
        with lake.write() as writer:
            writer.execute("UPDATE feedback SET retention_until = DATE '2020-01-01' WHERE kind = 'call'")
        n_calls = int(lake.scalar("SELECT count(*) FROM feedback WHERE kind = 'call'"))
        report = govern(lake, ledger, run_id="night")
        assert report.note["purged"] == n_calls > 0
        for table in ("feedback", "turn", "mention"):
            kept = lake.scalar(
                f"SELECT count(*) FROM {table} WHERE feedback_id NOT IN (SELECT feedback_id FROM feedback)"
            )
            assert kept == 0
        assert run_checks(lake)[0] == []


def test_govern_names_the_check_that_fails(copied: Company) -> None:
    with open_lake(copied.settings) as lake, open_ledger(copied.settings) as ledger:
        with lake.write() as writer:
            writer.execute("UPDATE answer SET value = 99 WHERE metric = 'nps'")
        with pytest.raises(ContractError, match="fail_answer_out_of_scale"):
            govern(lake, ledger, run_id="night")


def test_a_merge_shows_at_once_and_nothing_is_rewritten(copied: Company) -> None:
    with open_lake(copied.settings) as lake, open_ledger(copied.settings) as ledger:
        first, second = sorted(registry(ledger).irritants)[:2]
        before = lake.snapshot_id()
        ledger.append(
            "irritant.merged", second, {"into": first}, actor="a person", at=copied.settings.business_now(), key="merge"
        )
        assert registry(ledger).resolve(second) == first
        assert lake.snapshot_id() == before


@pytest.mark.parametrize("language", ["fr", "en"])
def test_three_sentences_say_what_was_found(company: Company, language: str) -> None:
    with open_lake(company.settings, read_only=True) as lake, open_ledger(company.settings) as ledger:
        sentences = three_sentences(lake, ledger, language)
    assert len(sentences) == 3
    assert any("NPS" in sentence for sentence in sentences)
