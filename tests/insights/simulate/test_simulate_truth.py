"""The truth says exactly what the records show, and the company behaves as its bible says."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from simulate_written import Written
from stdnum import iban
from stdnum.fr import nir, siret

from insights.simulate.bank import irritants


def test_clauses_are_found_in_their_text_in_reading_order(written: Written) -> None:
    texts = written.texts()
    clauses = written.truth("clauses")
    assert len(clauses) > 1_500
    for (source, source_id), group in clauses.groupby(["source", "source_id"]):
        place: dict[int | None, int] = {}
        for turn_no, text in zip(group["turn_no"], group["text"], strict=True):
            turn = None if pd.isna(turn_no) else int(turn_no)
            found = texts[source, source_id, turn].find(text, place.get(turn, 0))
            assert found >= 0, (source, source_id, turn, text)
            place[turn] = found + len(text)
        assert group["clause_no"].tolist() == list(range(1, len(group) + 1))


def test_personal_values_are_found_as_written(written: Written) -> None:
    texts = written.texts()
    pii = written.truth("pii")
    lost = [
        (row.source_id, row.entity, row.value)
        for row in pii.itertuples()
        if row.value not in texts[row.source, row.source_id, None if pd.isna(row.turn_no) else int(row.turn_no)]
    ]
    assert lost == []
    assert {"NAME", "PHONE", "EMAIL", "IBAN", "ADDRESS"} <= {*pii["entity"]}


def test_ids_have_valid_keys(written: Written) -> None:
    pii = written.truth("pii")
    checks = {"IBAN": iban.is_valid, "NIR": nir.is_valid, "SIRET": siret.is_valid}
    for entity, check in checks.items():
        values = pii.loc[pii["entity"] == entity, "value"]
        assert [value for value in values if not check(value)] == []
    assert len(pii[pii["entity"] == "IBAN"]) >= 3


def test_phones_are_those_kept_for_fiction(written: Written) -> None:
    phones = written.picture("2025-05-31")["phone"].dropna()
    assert phones.str.match(r"(063998|019900|026191|035301|046571|053649)\d{4}$").all()
    assert phones.is_unique


def test_every_irritant_is_told_and_only_when_it_can_be(written: Written) -> None:
    clauses = written.truth("clauses")
    told = clauses[clauses["kind"] == "irritant"]
    assert {*told["irritant_id"]} == {irritant.id for irritant in irritants()}
    assert told["polarity"].between(-1, -0.1).all()
    share = told.groupby("irritant_id")["text"].nunique() / told.groupby("irritant_id").size()
    assert share.min() > 0.6  # no two texts read alike
    assert (clauses.loc[clauses["kind"] == "leave", "leave_intent"]).all()
    assert not clauses.loc[clauses["kind"].isin(["neutral", "praise", "suggestion"]), "leave_intent"].any()


def test_off_peak_is_born_in_november_2025(written: Written) -> None:
    when = {row["message_id"]: row["sent_at"] for row in written.jsonl("messages/messages.jsonl")}
    when |= {row["call_id"]: row["started_at"] for row in written.jsonl("calls/transcripts.jsonl")}
    when |= {row["response_id"]: row["submitted_at"] for row in written.jsonl("survey/responses.jsonl")}
    when |= {row["post_id"]: row["created_at"] for row in written.jsonl("social/posts.jsonl")}
    clauses = written.truth("clauses")
    told = clauses[(clauses["irritant_id"] == "IRR-22") & clauses["source_id"].isin(when)]
    dates = told["source_id"].map(when)
    assert len(dates) >= 4
    assert (dates >= "2025-11-01").mean() > 0.85


def test_the_outage_is_on_social_posts_before_the_first_call(written: Written) -> None:
    events = json.loads((written.folder / "truth" / "events.json").read_text(encoding="utf-8"))
    outage = events["outage"]
    assert (outage["first_post_at"], outage["first_transcript_at"]) == ("2026-01-13T16:58:00Z", "2026-01-13T17:31:00Z")
    clauses = written.truth("clauses")
    about = {*clauses.loc[clauses["irritant_id"] == "IRR-16", "source_id"]}
    posts = [row["created_at"] for row in written.jsonl("social/posts.jsonl") if row["post_id"] in about]
    calls = [row["started_at"] for row in written.jsonl("calls/transcripts.jsonl") if row["call_id"] in about]
    evening = ("2026-01-13T16:52:00Z", "2026-01-13T21:00:00Z")
    assert min(at for at in posts if evening[0] <= at <= evening[1]) == outage["first_post_at"]
    assert min(at for at in calls if evening[0] <= at <= evening[1]) == outage["first_transcript_at"]
    assert sum(evening[0] <= at <= evening[1] for at in posts) >= 25


def test_double_debit_bursts_on_its_day(written: Written) -> None:
    clauses = written.truth("clauses")
    about = {*clauses.loc[clauses["irritant_id"] == "IRR-06", "source_id"]}
    days = pd.Series([row["created_at"][:10] for row in written.jsonl("social/posts.jsonl") if row["post_id"] in about])
    assert days.value_counts().idxmax() == "2025-03-18"


def test_nobody_leaves_twice_or_speaks_after_leaving(written: Written) -> None:
    gone = written.csv("churn/departures.csv")
    assert gone["customer_id"].is_unique
    assert (gone["effective_on"] >= gone["learned_on"]).all()
    effective = gone.set_index("customer_id")["effective_on"]
    contacts = written.csv("contacts/contacts.csv")
    left = contacts["customer_id"].map(effective)
    after = contacts[left.notna() & (contacts["occurred_at"].str[:10] > left)]
    assert after["reason"].isin(["facture", "remboursement"]).mean() > 0.6  # closing bill and refund, nothing else
    assert len(after) < 0.06 * len(contacts)
    sent = written.csv("survey/invitations.csv")
    sent = sent[sent["sent_at"] != ""]
    assert (sent["sent_at"].str[:10] <= sent["customer_id"].map(effective).fillna("9999")).all()


def test_pictures_drop_those_who_left_and_mark_those_who_leave(written: Written) -> None:
    gone = written.csv("churn/departures.csv").set_index("customer_id")
    picture = written.picture("2025-11-30").set_index("customer_id")
    known = gone.reindex(picture.index)
    assert (known["effective_on"].fillna("9999") > "2025-11-30").all()
    assert (picture["leaving"] == (known["learned_on"].fillna("9999") <= "2025-11-30")).all()
    assert (picture["contract_start_on"].astype(str) <= "2025-11-30").all()


def test_rates_are_those_of_the_bible(written: Written) -> None:
    customers = written.truth("customers")
    assert customers.loc[customers["event"] == "chosen", "first_leaver_silent"].mean() < 0.6
    contacts = written.csv("contacts/contacts.csv")
    assert abs((contacts["channel"] == "phone").mean() - 0.58) < 0.05
    phone = contacts[contacts["channel"] == "phone"]
    assert abs((phone["abandoned"] == "true").mean() - 0.09) < 0.04
    ratings = [row["rating"] for row in written.jsonl("social/posts.jsonl") if row["kind"] == "review"]
    assert {1, 5} <= {*ratings}
    answers = written.jsonl("survey/responses.jsonl")
    assert 0.35 < np.mean([row["comment"] is not None for row in answers]) < 0.58
    unlinked = np.mean([row["customer_id"] is None for row in answers])
    assert 0.06 < unlinked < 0.24
    assert all("email" not in row and row["invitation_id"] is None for row in answers if row["anonymous"])


def test_waves_stand_at_their_true_level(written: Written) -> None:
    scores = written.truth("scores")
    household = scores[(scores["metric"] == "nps") & (scores["segment"] == "household")]
    assert np.allclose(household["value"], [-9, -3, -12, -8], atol=2.5)


def test_mentions_raise_the_true_hazard(written: Written) -> None:
    clauses = written.truth("clauses")
    severe = clauses["irritant_id"].isin(["IRR-01", "IRR-04", "IRR-07", "IRR-13", "IRR-14", "IRR-24", "IRR-28"])
    owner = {
        row["call_id"]: (row["customer_id"], row["started_at"][:7]) for row in written.jsonl("calls/transcripts.jsonl")
    }
    hazards = written.truth("hazards")
    hazards["month"] = hazards["as_of"].astype(str).str[:7]
    by_key = hazards.set_index(["customer_id", "month"])["chosen_90d_probability"]
    told = [owner[i] for i in clauses.loc[severe & clauses["source_id"].isin(owner), "source_id"].unique()]
    found = by_key.reindex(pd.MultiIndex.from_tuples(told)).dropna()
    assert len(found) > 20
    assert found.mean() > 1.4 * by_key.mean()


def test_a_newborn_without_heating_calls_on_the_last_day(written: Written) -> None:
    clauses = written.truth("clauses")
    urgent = {*clauses.loc[clauses["urgency"] == "infant", "source_id"]}
    calls = [row for row in written.jsonl("calls/transcripts.jsonl") if row["call_id"] in urgent]
    assert any(row["started_at"].startswith("2026-10-31") for row in calls)


def test_refused_recordings_are_exported_without_truth(written: Written) -> None:
    refused = {row["call_id"] for row in written.jsonl("calls/transcripts.jsonl") if row["recording_consent"] == "no"}
    assert refused
    assert not refused & {*written.truth("clauses")["source_id"]}


def test_copied_reviews_are_nine_templates_in_thirty_one_hours(written: Written) -> None:
    wave = [
        row
        for row in written.jsonl("social/posts.jsonl")
        if row["kind"] == "review" and "2026-05-09" <= row["created_at"][:10] <= "2026-05-10" and row["rating"] == 1
    ]
    assert len(wave) >= 10
    assert len({row["author"]["id"] for row in wave}) == len(wave)
    hours = (pd.Timestamp(wave[-1]["created_at"]) - pd.Timestamp(wave[0]["created_at"])).total_seconds() / 3600
    assert hours <= 31


def test_brand_posts_are_marked_and_reposts_point_back(written: Written) -> None:
    posts = written.jsonl("social/posts.jsonl")
    by_id = {row["post_id"]: row for row in posts}
    told = {*written.truth("clauses")["source_id"]}
    for row in posts:
        if row["repost_of"]:
            assert by_id[row["repost_of"]]["text"].startswith(row["text"][:20])
            assert row["post_id"] not in told
    assert any(row["author"]["handle"] == "Lumarelle" for row in posts)
