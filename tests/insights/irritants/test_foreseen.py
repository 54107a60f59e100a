"""The effect of an edit before it is made: what is foreseen is what recording it then gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from insights.errors import LedgerError
from insights.irritants import edit
from insights.irritants.edit import Part
from insights.irritants.foreseen import COUNTED, changes, drafted
from insights.irritants.now import MAP, PLACED
from insights.irritants.registry import HIDDEN, SHOWN, UNDONE, fold


@dataclass(frozen=True)
class Event:
    event_id: int
    kind: str
    subject: str
    payload: dict[str, Any] = field(default_factory=dict)
    actor: str = "Nadia"
    at: datetime = datetime(2026, 10, 31, tzinfo=UTC)
    idempotency_key: str = ""


BORN = [Event(n, "irritant.born", f"IR-{n:04d}", {"label_fr": f"Cause {n}"}) for n in range(1, 5)]
RANKING = pd.DataFrame(
    {"irritant_id": [f"IR-{n:04d}" for n in range(1, 5)], "rank": [1, 2, 3, 4], "worth": [100.0, 60.0, 50.0, 10.0]}
)


def counts(**people: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        [{"irritant_id": one.replace("_", "-"), **dict.fromkeys(COUNTED, n)} for one, n in people.items()]
    )
    return frame.set_index("irritant_id")


def test_a_merge_is_foreseen_as_the_registry_will_see_it():
    plan = drafted(BORN, [], edit.merge(fold(BORN), "IR-0003", "IR-0002"))
    assert plan.known.resolve("IR-0003") == "IR-0002"
    assert plan.sight.tables[MAP].to_dict("records") == [{"assigned": "IR-0003", "irritant_id": "IR-0002"}]
    assert fold(BORN).resolve("IR-0003") == "IR-0003", "nothing is changed"
    before = counts(IR_0002=6, IR_0003=5)
    gone, target = changes(plan, before, counts(IR_0002=10), RANKING)
    assert (gone.irritant_id, gone.rank_after, gone.after["n_year"]) == ("IR-0003", None, 0)
    assert (target.rank_before, target.rank_after) == (2, 1), "110 euros, of which the ten customers carry 100"
    assert target.after["people_year"] == 10


def test_a_split_moves_its_texts_in_the_draft_alone():
    plan = drafted(BORN, [], edit.split(fold(BORN), "IR-0001", [Part("Une part", None, ("t1", "t2"))]))
    assert plan.sight.tables[PLACED]["to_id"].tolist() == ["IR-0005", "IR-0005"]
    own, part = changes(plan, counts(IR_0001=10), counts(IR_0001=7, IR_0005=3), RANKING)
    assert (own.irritant_id, own.rank_before, own.rank_after) == ("IR-0001", 1, 1), "70 of 100 euros stay"
    assert (part.irritant_id, part.rank_before, part.rank_after) == ("IR-0005", None, 4), "30 euros"


def test_hiding_changes_no_count_and_lets_others_move_up():
    plan = drafted(BORN, [], edit.hide(fold(BORN), "IR-0001"))
    [one] = changes(plan, counts(IR_0001=10), counts(IR_0001=10), RANKING)
    assert one.before == one.after
    assert (one.rank_before, one.rank_after) == (1, None)
    assert plan.known.hidden == {"IR-0001"}


def test_hidden_is_an_event_that_is_shown_again_and_undone():
    events = [*BORN, Event(5, HIDDEN, "IR-0002")]
    hidden = fold(events)
    assert hidden.hidden == {"IR-0002"}
    assert "IR-0002" in [one.irritant_id for one in hidden.living()], "it is counted as before"
    with pytest.raises(LedgerError, match="hidden already"):
        edit.hide(hidden, "IR-0002")
    assert fold([*events, Event(6, SHOWN, "IR-0002")]).hidden == frozenset()
    undo = edit.undo(events, 5)
    assert fold([*events, Event(6, UNDONE, undo.subject, dict(undo.payload))]).hidden == frozenset()
    with pytest.raises(LedgerError, match="not hidden"):
        edit.show(fold(BORN), "IR-0001")


def test_a_draft_that_cannot_stand_is_refused():
    with pytest.raises(LedgerError):
        drafted(BORN, [], edit.merge(fold(BORN), "IR-0001", "IR-0001"))
