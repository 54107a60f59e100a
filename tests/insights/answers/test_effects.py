"""What answers change, how it fades, and how useful digests were: folds and figures without any store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from insights.answers import effects, fold_answers, for_recipient, is_due
from insights.answers.usefulness import by_irritant, by_owner

NOW = datetime(2026, 10, 31, 18, tzinfo=UTC)
WEEKS = timedelta(weeks=1)


@dataclass(frozen=True)
class Said:
    event_id: int
    kind: str
    payload: dict
    at: datetime = NOW
    subject: str = ""
    actor: str = ""
    idempotency_key: str = field(default="")


def given(event_id: int, who: str, irritant: str, answer: str, at: datetime = NOW) -> Said:
    told = {"publication_id": f"d-{who}", "recipient_id": who, "irritant_id": irritant, "answer": answer}
    return Said(event_id, "digest.answer.given", told, at)


def standing(*events: Said):
    return fold_answers(events).standing


def priorities() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "irritant_id": ["IR-1", "IR-2", "IR-3", "IR-4"],
            "rank": [1, 2, 3, 4],
            "value_at_risk_eur": [1000.0, 800.0, 400.0, 5000.0],
            "n_mentions": [50, 40, 30, 3],
            "weak_signal": [False, False, False, True],
            "basis": "eur",
        }
    )


def order(*events: Said, who: str = "a", now: datetime = NOW, merged: dict | None = None) -> list[str]:
    found = effects(standing(*events), merged or {}, now)
    return for_recipient(priorities(), found, who)["irritant_id"].tolist()


def test_an_answer_taken_back_and_events_of_others_count_for_nothing() -> None:
    sent = Said(3, "digest.accepted", {"publication_id": "x", "message_id": "y", "n": 1})
    found = fold_answers([given(1, "a", "IR-1", "wrong"), Said(2, "digest.answer.undone", {"event_id": 1}), sent])
    assert (found.standing, len(found.all), found.all[0].undone) == ((), 1, True)


def test_without_answers_the_order_is_that_of_the_ranking() -> None:
    assert order() == ["IR-1", "IR-2", "IR-3", "IR-4"]
    assert order(given(1, "a", "IR-1", "accept")) == ["IR-1", "IR-2", "IR-3", "IR-4"]


def test_wrong_sets_back_for_everybody_and_known_for_oneself() -> None:
    assert order(given(1, "b", "IR-1", "wrong")) == ["IR-2", "IR-1", "IR-3", "IR-4"]
    assert order(given(1, "b", "IR-1", "known")) == ["IR-1", "IR-2", "IR-3", "IR-4"]
    assert order(given(1, "a", "IR-1", "known")) == ["IR-2", "IR-1", "IR-3", "IR-4"]
    two = (given(1, "b", "IR-1", "wrong"), given(2, "c", "IR-1", "wrong"))
    assert order(*two) == ["IR-2", "IR-3", "IR-1", "IR-4"]  # 1000 x .5 x .5 = 250, below 400
    assert order(given(1, "b", "IR-1", "wrong"), given(2, "b", "IR-1", "accept")) == ["IR-1", "IR-2", "IR-3", "IR-4"]


def test_figures_and_ranks_stay_what_was_computed() -> None:
    found = for_recipient(priorities(), effects(standing(given(1, "a", "IR-1", "wrong")), {}, NOW), "a")
    pd.testing.assert_frame_equal(found.sort_index(), priorities())


def test_not_mine_leaves_this_readers_digest_only() -> None:
    declined = given(1, "a", "IR-2", "not_mine")
    assert order(declined) == ["IR-1", "IR-3", "IR-4"]
    assert order(declined, who="b") == ["IR-1", "IR-2", "IR-3", "IR-4"]


def test_effects_fade_and_end() -> None:
    said = given(1, "b", "IR-1", "wrong", NOW - 8 * WEEKS)
    assert effects(standing(said), {}, NOW).factor("IR-1") == pytest.approx(0.75)
    assert order(given(1, "b", "IR-1", "wrong", NOW - 24 * WEEKS)) == ["IR-1", "IR-2", "IR-3", "IR-4"]
    assert effects(standing(said), {}, NOW + 60 * WEEKS) == effects((), {}, NOW)
    assert effects(standing(given(1, "b", "IR-1", "wrong", NOW + WEEKS)), {}, NOW).factor("IR-1") == 1  # not yet said


def test_an_answer_follows_a_merge() -> None:
    assert order(given(1, "a", "IR-9", "not_mine"), merged={"IR-9": "IR-2"}) == ["IR-1", "IR-3", "IR-4"]


def test_usefulness_has_wilsons_interval() -> None:
    said = [given(n, "a", "IR-1", "accept" if n <= 8 else "not_mine") for n in range(1, 11)]
    (row,) = by_owner(standing(*said)).to_dict("records")
    assert (row["key"], row["n"], row["n_useful"], row["not_mine"]) == ("a", 10, 8, 2)
    assert (row["rate"], round(row["low"], 2), round(row["high"], 2)) == (0.8, 0.49, 0.94)
    (one,) = by_irritant(standing(*said), {"IR-1": "IR-7"}).to_dict("records")
    assert (one["key"], one["n"], one["rate"]) == ("IR-7", 8, 1.0)  # routing says nothing of the irritant
    assert by_owner(()).empty


def test_wishes_are_kept_by_person_and_decide_which_weeks() -> None:
    wished = fold_answers(
        Said(n, "digest.frequency", {"recipient_id": "a", "frequency": one, "via": "page"})
        for n, one in enumerate(("never", "monthly"))
    ).wishes
    assert wished == {"a": "monthly"}
    monday = date(2026, 10, 26)
    for wanted, gaps in (("weekly", [1, 2, 3, 4]), ("fortnightly", [2, 3, 4]), ("monthly", [4]), ("never", [])):
        due = [n for n in range(1, 5) if is_due(wanted, monday, monday - n * WEEKS)]
        assert due == gaps, wanted
        assert is_due(wanted, monday, None) == is_due(wanted, monday, monday) == (wanted != "never")
