"""Work asked by a page: done in another process, told step by step, once at a time, and nothing of the person in its file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from privacy_people import EMAIL, HER, HIM, OWN, copied

from insights.errors import LakeError
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.ledger.decisions import decisions
from insights.privacy.objection import objectors
from insights.privacy.person import customer_of, spellings
from insights.settings import Settings
from insights.steps import apart
from insights.steps.alive import at_work
from insights.steps.apart import DONE, ERASE, FAILED, OBJECT, RETRY, RUNNING, Order, State
from insights.steps.under_way import STOPPED, told_under_way, under_way


@pytest.fixture
def own(people: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy of the company that a process of its own finds by the environment."""
    settings = copied(people, tmp_path)
    for name in ("data_dir", "keys_dir", "extension_dir", "reference_dir", "drop_dir", "as_of"):
        monkeypatch.setenv(f"VOC_{name.upper()}", str(getattr(settings, name)))
    return settings


@pytest.mark.faults
def test_an_erasure_runs_apart_and_tells_its_steps(own: Settings) -> None:
    path = apart.start(own, Order(ERASE, HER, "Nadia", (EMAIL,)))
    assert path == apart.start(own, Order(ERASE, HER, "Paul", (EMAIL,)))  # at work: the same order again begins nothing
    with pytest.raises(LakeError, match="Wait until it has ended"):
        apart.start(own, Order(ERASE, HER, "Paul", (EMAIL, "Martin")))  # what it adds would be searched by nobody
    seen = list(apart.watch(path))
    last = seen[-1]
    assert (last.state, last.share, last.error) == (DONE, 1.0, "")
    assert last.told["proven"] and Path(last.told["receipt"]).is_file()
    shares = [one.share for one in seen]
    assert shares == sorted(shares) and len(set(shares)) > 2
    assert HER not in path.read_text(encoding="utf-8") and HER not in path.name
    assert apart.ended(own, ERASE) == [path]
    apart.forget(path)
    assert apart.state(path) is None and apart.ended(own, ERASE) == []
    assert [one.told for one in apart.watch(path)] == [last.told]  # another session looked away for a moment
    with open_lake(own, read_only=True) as lake:
        said = lake.read("SELECT customer_id, verbatim FROM feedback")
    assert HER not in set(said["customer_id"]) and HIM in set(said["customer_id"])
    assert not said["verbatim"].str.contains(OWN, regex=False, na=False).any()


def test_what_cannot_be_done_is_a_sentence_without_the_id(own: Settings, tmp_path: Path) -> None:
    ended = apart.run(own, Order(ERASE, "C7777777", "Nadia"), tmp_path / "state.json")
    assert ended.state == FAILED and ended.error.startswith("Nothing is held on customer …")
    assert "C7777777" not in (tmp_path / "state.json").read_text(encoding="utf-8")
    done = apart.run(own, Order(OBJECT, HIM, "Nadia"), tmp_path / "state.json")
    assert done.told == {"recorded": True}
    with open_ledger(own) as ledger:
        assert HIM in objectors(ledger)
        event = ledger.events(("privacy.objected",))[0]
        since, until = event.at.replace(year=2000), event.at.replace(year=2100)
        told = decisions(ledger, since=since, until=until, actor="Nadia")
        assert (event.actor, list(told["kind"])) == ("Nadia", ["privacy.objected"])
        assert "policy" not in set(decisions(ledger, since=since, until=until)["actor"])  # a machine decides nothing


def test_a_process_that_died_is_told_as_a_failure(own: Settings, tmp_path: Path) -> None:
    path = tmp_path / "dead.json"
    running = State(
        ERASE, RUNNING, "control", "2026-10-31T00:00:00+00:00", os.getpid()
    )  # the number is another's by now
    path.write_text(json.dumps(vars(running)), encoding="utf-8")
    with at_work(path.with_suffix(apart.LOCK)):
        found = apart.state(path)
        assert found is not None and found.state == RUNNING
        apart.forget(path)  # what is at work is not put away
    found = apart.state(path)
    assert found is not None and (found.state, found.error) == (FAILED, apart.DIED)


def test_a_retry_of_another_reason_waits_for_the_one_at_work(own: Settings) -> None:
    path = apart.path_of(own, RETRY, "avis")
    with at_work(path.with_suffix(apart.LOCK)):  # its process has not said a word yet
        first = State(RETRY, RUNNING, "read", "2026-10-31T00:00:00+00:00", 1, order="another")
        path.write_text(json.dumps(vars(first)), encoding="utf-8")
        with pytest.raises(LakeError, match="Wait until it has ended"):
            apart.start(own, Order(RETRY, "avis", "Paul", ("row-7",), "pii_left"))


def test_an_email_or_a_phone_finds_its_customer(own: Settings) -> None:
    with open_ledger(own) as ledger:
        assert customer_of(ledger, f" {EMAIL.upper()} ") == HER
        assert customer_of(ledger, "06 39 98 12 47") == HER
        assert customer_of(ledger, "+33 6 39 98 12 47") == HER
        assert customer_of(ledger, "nobody@exemple.fr") is None
        assert customer_of(ledger, "C123") == "C123"
    assert "+33639981247" in spellings("06 39 98 12 47")


def test_a_step_is_told_while_it_runs_and_when_it_failed(settings: Settings) -> None:
    with told_under_way(settings, "ingest"):
        assert [(one.step, one.state, one.pid) for one in under_way(settings)] == [("ingest", RUNNING, os.getpid())]
    assert under_way(settings) == []
    with pytest.raises(ValueError, match="secret"), told_under_way(settings, "score"):
        raise ValueError("secret row")
    failed = under_way(settings)[0]
    assert (failed.state, failed.error) == (FAILED, "ValueError")
    file = settings.data_dir / "steps" / "score.json"
    assert "secret" not in file.read_text(encoding="utf-8")
    told = json.loads(file.read_text(encoding="utf-8")) | {"state": RUNNING, "pid": os.getpid()}
    file.write_text(json.dumps(told), encoding="utf-8")
    assert under_way(settings)[0].state == STOPPED
    with told_under_way(settings, "score"):
        pass
    assert under_way(settings) == []
