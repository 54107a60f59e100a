"""What advisers chose: one choice a round, never a word of the text, ranks as their mean reciprocal, shares shrunk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from insights.cases import fold_cases
from insights.ledger import Ledger, open_ledger
from insights.playbooks import CHOSEN, choices, edited_share, helped, ranking, reply_event, shares
from insights.settings import Settings

NOW = datetime(2026, 10, 29, 10, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path):
    with open_ledger(Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys", _env_file=None)) as found:
        yield found


def opened(ledger: Ledger, case_id: str, irritant: str = "IR-0001") -> None:
    payload = {"customer_id": f"C-{case_id}", "reason": "detractor", "owner_team": "callbacks", "promise": "standard",
               "due_at": NOW.isoformat(), "irritant_id": irritant}  # fmt: skip
    ledger.append("case.opened", case_id, payload, actor="rules", at=NOW, key=f"open:{case_id}")


def step(ledger: Ledger, case_id: str, kind: str, n: int = 1, **payload) -> None:
    ledger.append(f"case.{kind}", case_id, payload, actor="Nadia", at=NOW, key=f"case:{case_id}:{kind}:{n}")


def closed(ledger: Ledger, case_id: str, outcome: str, n: int = 1) -> None:
    for kind in ("assigned", "reached"):
        step(ledger, case_id, kind, n)
    step(ledger, case_id, "resolved", n, outcome=outcome)
    step(ledger, case_id, "closed", n)


def cases(ledger: Ledger):
    return fold_cases(ledger.events(("case.",)))


def choose(ledger: Ledger, case_id: str, reply: str, rank: int | None, edited: float = 0.0) -> bool:
    case = cases(ledger)[case_id]
    draft = reply_event(case, reply, playbook_id="p", rank=rank, edited_share=edited, actor="Nadia", at=NOW)
    return ledger.append(**draft.row())


def test_a_choice_moves_no_state_and_stands_in_the_history(ledger):
    opened(ledger, "k1")
    before = cases(ledger)["k1"]
    assert choose(ledger, "k1", "refund_sent", 2)
    assert not choose(ledger, "k1", "refund_sent", 2)  # a double click is one choice
    after = cases(ledger)["k1"]
    assert (after.state, after.due_at, after.refused) == (before.state, before.due_at, ())
    assert after.history[-1][1] == CHOSEN


def test_who_comes_back_to_the_first_reply_has_chosen_it(ledger):
    opened(ledger, "k1")
    assert all(choose(ledger, "k1", reply, rank) for reply, rank in (("a", 1), ("b", 2), ("a", 1)))
    assert choices(ledger.events(("case.",)))["reply_id"].tolist() == ["a"]


def test_the_last_choice_of_a_round_counts_and_a_reopened_case_has_another(ledger):
    opened(ledger, "k1")
    choose(ledger, "k1", "a", 1)
    choose(ledger, "k1", "b", 3)
    closed(ledger, "k1", "solved")
    step(ledger, "k1", "reopened")
    choose(ledger, "k1", "b", 2)
    found = choices(ledger.events((CHOSEN,)))
    assert found[["reply_id", "rank", "round"]].to_numpy().tolist() == [["b", 3, 0], ["b", 2, 1]]


def test_the_mean_reciprocal_rank_counts_none_as_nothing(ledger):
    for n, rank in enumerate((1, 2, 4, None)):
        opened(ledger, f"k{n}")
        choose(ledger, f"k{n}", f"r{n}", rank, 0.5)
    found = ranking(choices(ledger.events((CHOSEN,))))
    assert (found.n, found.n_none) == (4, 1)
    assert found.value == pytest.approx((1 + 1 / 2 + 1 / 4 + 0) / 4)
    assert 0 <= found.low < found.value < found.high <= 1
    assert ranking(choices([])).n == 0


def test_the_edited_share_is_of_words():
    assert edited_share("un deux trois quatre", "un deux trois quatre") == 0
    assert edited_share("un deux trois quatre", "un deux trois cinq") == pytest.approx(0.25)
    assert edited_share("un deux", "trois quatre") == 1


def test_shares_are_shrunk_so_that_one_lucky_case_moves_little(ledger):
    for n in range(40):
        opened(ledger, f"k{n}")
        choose(ledger, f"k{n}", "often" if n < 38 else "once", 1)
        closed(ledger, f"k{n}", "solved" if n % 2 or n == 38 else "leaving")
    found = shares(helped(choices(ledger.events((CHOSEN,))), cases(ledger)), "IR-0001")
    assert found["often"] == (pytest.approx(0.5, abs=0.03), 38)
    assert found["once"] == (pytest.approx(0.6), 2)  # two of two, far from 1
    other = shares(helped(choices(ledger.events((CHOSEN,))), cases(ledger)), "IR-0002")
    assert other["often"][1] == 0
    assert shares(helped(choices([]), {}), None) == {}


def test_a_choice_of_an_earlier_round_does_not_take_the_later_outcome(ledger):
    opened(ledger, "k1")
    choose(ledger, "k1", "a", 1)
    closed(ledger, "k1", "explained")
    assert helped(choices(ledger.events((CHOSEN,))), cases(ledger))["helped"].tolist() == [1.0]
    step(ledger, "k1", "reopened", due_at=(NOW + timedelta(days=2)).isoformat())
    closed(ledger, "k1", "leaving", 2)
    assert helped(choices(ledger.events((CHOSEN,))), cases(ledger)).empty


def test_the_event_holds_codes_only_and_goes_with_its_customer(ledger):
    from insights.privacy.held import Held
    from insights.privacy.ledger_rows import erase_ledger_rows
    from insights.privacy.terms import Term

    opened(ledger, "k1")
    choose(ledger, "k1", "a", 1, 0.3)
    [event] = ledger.events((CHOSEN,))
    assert event.payload == {"playbook": "p", "reply": "a", "rank": 1, "edited_share": 0.3}
    assert "C-k1" not in event.subject + event.idempotency_key
    terms = [Term("C-k1", "id")]
    erase_ledger_rows(ledger, Held("C-k1", None, *((),) * 6), terms)
    assert ledger.events((CHOSEN,)) == []  # an open case goes whole
