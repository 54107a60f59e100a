"""Erasure with proof: nothing of one person is left anywhere, everything of the others is, and a crash changes neither."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from privacy_people import AT, CALLED, EMAIL, HER, HIM, OWN, PHONE, SHARED, copied, ids_of, moved, sha
from sqlalchemy import select

from insights.cases import fold_cases
from insights.errors import LedgerError
from insights.keys import KeyRing
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.ledger.schema import INBOX, STAGED
from insights.outbox.fold import Outbox
from insights.privacy.erase import Receipt, erase, preview
from insights.privacy.held import counts, find
from insights.privacy.log import ErasureLog
from insights.privacy.proof import after, control
from insights.privacy.scrub import scrub_lake
from insights.privacy.search import Search
from insights.privacy.terms import ID, Term
from insights.privacy.work import path_of
from insights.settings import Settings

ROOT = Path(__file__).parents[3]


Stores = tuple[Lake, Ledger]
Erased = tuple[Lake, Ledger, Receipt]


@pytest.fixture(scope="module")
def erased(people: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erased]:
    """The company after she was erased: the tests below only read it."""
    with moved(people, tmp_path_factory.mktemp("erased")) as (lake, ledger):
        yield lake, ledger, erase(lake, ledger, HER, extra=[EMAIL, PHONE, "Martin"])


@pytest.fixture(scope="module")
def full(people: Settings) -> Iterator[Stores]:
    """The company with both of them, to read."""
    with open_lake(people) as lake, open_ledger(people) as ledger:
        yield lake, ledger


def test_the_control_search_finds_every_term_and_the_one_after_none(erased: Erased) -> None:
    receipt = erased[2]
    assert receipt.control.n_found == receipt.control.n_required > 15
    assert (receipt.after.n_found, receipt.after.places) == (0, {})
    assert receipt.control.valid and receipt.proven
    assert receipt.after.read["parquet_files"] > 0 and receipt.after.read["raw_bytes"] > 0
    seen = " ".join(receipt.control.places)
    for place in (
        "catalog.inlined",
        "column_stats",
        "lake.feedback",
        "lake.mention",
        "ledger.identity",
        "ledger pages",
    ):
        assert place in seen, place
    for place in ("(sealed)", "digest-2026-10-26", "words.npz", "msg_1.json"):
        assert place in seen, place
    assert receipt.lake["feedback"] == 3  # the post of the same author went with the two that were linked


def test_the_others_keep_everything(erased: Erased, full: Stores) -> None:
    before, after_it = (counts(one[0], find(one[0], one[1], HIM)) for one in (full, erased))
    assert {**after_it, "embedding": 0} == {**before, "embedding": 0}
    lake, ledger, _ = erased
    assert lake.scalar("SELECT count(*) FROM embedding WHERE text_sha = $sha", sha=sha(SHARED)) == 1  # he said it too
    assert lake.scalar("SELECT count(*) FROM embedding WHERE text_sha = $sha", sha=sha(OWN)) == 0
    assert ledger.text(f"note:case.reached:{HIM}") and ledger.text(f"note:case.reached:{HER}") is None
    assert [path.name for path in lake.settings.models_dir.iterdir()] == ["churn.json"]
    out = lake.settings.out_dir
    files = [path.name for path in out.rglob("*") if path.is_file() and "erasures" not in path.parts]
    assert sorted(files) == ["digest-2026-10-19-all-fr.html", "msg_2.json"]


def test_of_a_post_that_holds_two_people_only_her_record_goes(erased: Erased) -> None:
    ledger = erased[1]
    with ledger.engine.connect() as connection:
        bodies = [ledger.keys.unseal(sealed) for sealed in connection.execute(select(INBOX.c.sealed)).scalars()]
        waiting = list(connection.execute(select(STAGED.c.frames)).scalars())
    assert len(bodies) == 2 and all(HIM in body for body in bodies)
    both = next(body for body in bodies if body.startswith("["))
    assert json.loads(both) == [{"customer": HIM, "text": "une autre réponse"}]
    assert len(waiting) == 1 and HIM in waiting[0]


def test_the_folds_of_the_ledger_still_work(erased: Erased) -> None:
    ledger = erased[1]
    cases = fold_cases(ledger.events(("case.",)))
    hers = [case for case in cases.values() if case.customer_id.startswith("erased-")]
    assert len(cases) == 3 and len(hers) == 1  # her open case went as a whole: nobody can be called
    assert hers[0].loop_closed and HER not in json.dumps(hers[0].signals)
    outbox = Outbox("e")
    outbox.add(ledger.events(("case.", "delivery.")))
    assert {one.case_id for one in outbox.due(AT)} == {f"case0-{HIM}"}
    assert [event.kind for event in ledger.events(("privacy.",))] == ["privacy.erasure_requested", "privacy.erased"]


def test_words_that_became_a_name_are_replaced_in_lake_and_ledger(erased: Erased) -> None:
    lake, ledger, _ = erased
    assert lake.read("SELECT label_fr FROM irritant")["label_fr"].tolist() == ["[effacé]"]
    assert [event.payload["label_fr"] for event in ledger.events(("irritant.",))] == ["[effacé]"]


def test_the_search_tells_an_id_from_one_that_it_begins(erased: Erased) -> None:
    lake, ledger, _ = erased
    assert after(lake.settings, ledger, [Term(HER, ID)], HER).n_found == 0
    assert after(lake.settings, ledger, [Term(HIM, ID)], HIM).n_found == 1


def test_the_receipt_and_the_log_name_nobody(erased: Erased) -> None:
    lake, ledger, receipt = erased
    told = Path(receipt.path).read_text(encoding="utf-8") + ErasureLog(ledger.keys).path.read_text(encoding="utf-8")
    for secret in (HER, EMAIL, OWN, CALLED, *ids_of(HER).values()):
        assert secret not in told
    assert ErasureLog(ledger.keys).open_requests() == []
    assert not path_of(ledger.keys, HER).exists()
    assert json.loads(Path(receipt.path).read_text(encoding="utf-8"))["proven"] is True


def test_the_lake_answers_rightly_after_it_was_scrubbed(erased: Erased) -> None:
    lake = erased[0]  # least and greatest texts that were blanked instead would make these counts wrong
    row = {"feedback_id": "m", "source": "s", "source_id": "m", "kind": "survey", "occurred_at": AT, "available_at": AT}
    with lake.write() as writer:
        writer.insert_new("feedback", pd.DataFrame([row | {"verbatim": "nnn"}]))
    known = lake.read("SELECT feedback_id, verbatim FROM feedback").dropna()
    assert lake.scalar("SELECT count(*) FROM feedback WHERE feedback_id < 'a'") == sum(known["feedback_id"] < "a")
    assert lake.scalar("SELECT count(*) FROM feedback WHERE verbatim < 'b'") == sum(known["verbatim"] < "b") > 50
    assert lake.check_keys() == []


def test_the_control_search_says_when_it_missed_a_term(full: Stores) -> None:
    lake, ledger = full
    terms = [Term(ids_of(HER)["review"], ID), Term("never-was-here-at-all", ID)]
    found = control(lake.settings, ledger, terms, HER)
    assert (found.n_required - found.n_found, found.valid) == (1, False)


def test_a_dry_run_says_what_would_leave_and_changes_nothing(full: Stores) -> None:
    lake, ledger = full
    before, version, snapshot = lake.counts(), ledger.version(), lake.snapshot_id()
    told = preview(lake, ledger, HER)
    assert told.lake["feedback"] == 3 and told.lake["quarantine"] == 1
    assert told.ledger["identity"] == 2 and told.ledger["case_open"] == 1 and told.ledger["inbox"] == 2
    assert sorted(told.files) == ["digest-2026-10-26-all-fr.html", "msg_1.json", "polarity"]
    assert (lake.counts(), ledger.version(), lake.snapshot_id()) == (before, version, snapshot)
    assert ledger.text(f"note:case.reached:{HER}")


def test_nobody_known_by_that_id_is_a_sentence(full: Stores) -> None:
    with pytest.raises(LedgerError, match="Nothing is held on customer C9: check the id"):
        erase(*full, "C9")


def test_a_plain_delete_is_not_enough_and_a_reader_does_not_stop_the_scrubbing(
    people: Settings, tmp_path: Path
) -> None:
    terms = [Term(ids_of(HER)["review"], ID)]
    with moved(people, tmp_path) as (lake, ledger):
        with lake.write() as writer:
            writer.execute("DELETE FROM feedback WHERE customer_id = $id", id=HER)
        assert lake.scalar("SELECT count(*) FROM feedback WHERE customer_id = $id", id=HER) == 0
        left = Search(terms, ledger.keys, HER).everything(lake.settings, ledger).by_place()
        assert any(place.startswith(("catalog", "lake.feedback")) for place in left)
        with open_lake(lake.settings, read_only=True) as reader:
            n = reader.scalar("SELECT count(*) FROM feedback")
            scrub_lake(lake.settings)
            assert reader.scalar("SELECT count(*) FROM feedback") == n


def _killed_after(command: list[str], environment: dict[str, str], work: Path, n_changes: int) -> None:
    """Start the command and kill it when its work file has been written `n_changes` times."""
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    seen: set[bytes] = set()
    try:
        while child.poll() is None and len(seen) < n_changes:
            if work.exists():
                seen.add(work.read_bytes())
            time.sleep(0.002)
        assert child.poll() is None, child.stderr.read().decode() if child.stderr else ""
        os.kill(child.pid, signal.SIGKILL)
    finally:
        child.kill()
        child.wait()
        if child.stderr:
            child.stderr.close()


@pytest.mark.faults
def test_killed_twice_in_the_middle_it_goes_on_where_it_stopped(people: Settings, tmp_path: Path) -> None:
    settings = copied(people, tmp_path)
    work = path_of(KeyRing(settings.keys_dir), HER)
    names = ("data_dir", "keys_dir", "extension_dir", "reference_dir", "as_of", "drop_dir")
    environment = {**os.environ, **{f"VOC_{name.upper()}": str(getattr(settings, name)) for name in names}}
    command = [sys.executable, "-m", "insights.cli.main", "erase", "--customer", HER]
    for n_changes in (2, 3):
        _killed_after(command, environment, work, n_changes)
    assert work.exists()
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Proven" in done.stdout
    assert not work.exists()
