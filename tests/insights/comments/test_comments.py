"""Comments of colleagues: encrypted, redacted, one's own to change, unread until read, wiped once they cannot come back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from insights.access import Signed
from insights.comments import fold
from insights.comments.people import Person, directory, named_in, redacted
from insights.errors import LedgerError
from insights.ledger import Ledger, open_ledger
from insights.outbox.endpoint import MAIL, Endpoint
from insights.outbox.endpoints import Directory, Recipient
from insights.privacy.held import Held
from insights.privacy.ledger_rows import erase_ledger_rows
from insights.privacy.terms import ID, Term
from insights.settings import Settings
from insights.steps import comments as steps

NOW = datetime(2026, 10, 29, 10, tzinfo=UTC)
PHONE = re.compile(r"(?:\d\d ){4}\d\d")
PEOPLE = ("Nadia", "Paul", "PO Facturation & mensualités")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys", _env_file=None)) as found:
        yield found


def write(ledger: Ledger, words: str, *mentions: str, by: str = "Paul", at: datetime = NOW) -> str:
    return steps.write(
        ledger, "irritant", "IR-0001", words, mentions, people=PEOPLE, actor=by, at=at,
        redact=lambda text: PHONE.sub("[TEL]", text),
    )  # fmt: skip


def said(ledger: Ledger) -> list[str | None]:
    return [one.words for one in steps.comments_of(ledger, "irritant", "IR-0001")]


def test_the_words_are_redacted_and_lie_encrypted_never_in_an_event(ledger: Ledger) -> None:
    write(ledger, "Rappeler Mme Roux au 06 39 98 12 47 demain")
    assert said(ledger) == ["Rappeler Mme Roux au [TEL] demain"]
    events = ledger.events(("comment.",))
    assert len(events) == 1
    assert not any("Roux" in str(one) or "06 39" in str(one) for one in events)
    raw = Path(str(ledger.engine.url.database)).read_bytes()
    assert b"Roux" not in raw


def test_only_the_author_changes_or_deletes_a_comment(ledger: Ledger) -> None:
    one = write(ledger, "Un mot")
    with pytest.raises(LedgerError, match="only they may change it"):
        steps.remove(ledger, one, actor="Nadia", at=NOW)
    told = {"people": PEOPLE, "at": NOW, "redact": str}
    steps.change(ledger, one, "Un autre mot", ["Nadia"], actor="paul ", **told)  # a name is compared as people read it
    assert said(ledger) == ["Un autre mot"]
    steps.remove(ledger, one, actor="Paul", at=NOW)
    assert said(ledger) == []
    with pytest.raises(LedgerError, match="no comment"):
        steps.change(ledger, one, "Encore", [], actor="Paul", **told)


def test_two_people_of_one_name_are_told_apart_by_their_subject(ledger: Ledger) -> None:
    first, other = Signed("Jean Martin", "u1"), Signed("jean martin", "u2")
    one = write(ledger, "Un mot", by=first)
    with pytest.raises(LedgerError, match="only they may change it"):
        steps.remove(ledger, one, actor=other, at=NOW)
    steps.remove(ledger, one, actor=first, at=NOW)
    deleted = ledger.events(("comment.deleted",))[0]
    assert (deleted.actor, deleted.actor.subject, dict(deleted.payload)) == ("Jean Martin", "u1", {})
    with pytest.raises(LedgerError, match="no comment of"):
        steps.undo(ledger, deleted.event_id, actor=other, at=NOW)
    second = write(ledger, "Avant la connexion", by="Jean Martin")
    steps.remove(ledger, second, actor=first, at=NOW)  # noted under the bare name: the name decides


def test_a_deletion_is_undone_by_its_author_only(ledger: Ledger) -> None:
    one = write(ledger, "Un mot")
    steps.remove(ledger, one, actor="Paul", at=NOW)
    deleted = ledger.events(("comment.deleted",))[0].event_id
    with pytest.raises(LedgerError, match="no comment of Nadia"):
        steps.undo(ledger, deleted, actor="Nadia", at=NOW)
    steps.undo(ledger, deleted, actor="Paul", at=NOW)
    assert said(ledger) == ["Un mot"]


def test_who_is_called_finds_it_unread_until_read(ledger: Ledger) -> None:
    first = write(ledger, "@nadia, tu regardes ?")
    write(ledger, "Sans personne")
    assert [one.comment_id for one in steps.unread(ledger, "Nadia")] == [first]
    assert steps.unread(ledger, "Paul") == [] and steps.unread(ledger, "") == []
    steps.mark_read(ledger, "Nadia", at=NOW)
    assert steps.unread(ledger, "Nadia") == []
    second = write(ledger, "Et ceci", "Nadia")
    assert [one.comment_id for one in steps.unread(ledger, "NADIA")] == [second]
    steps.remove(ledger, second, actor="Paul", at=NOW)
    assert steps.unread(ledger, "Nadia") == []


def test_calling_oneself_tells_nobody(ledger: Ledger) -> None:
    write(ledger, "Note pour moi", "Paul")
    assert steps.unread(ledger, "Paul") == []


@pytest.mark.parametrize("words", ["", "   ", "x" * 2001])
def test_an_empty_or_endless_comment_is_refused(ledger: Ledger, words: str) -> None:
    with pytest.raises(LedgerError, match="1 to 2000 characters"):
        write(ledger, words)
    assert ledger.events(("comment.",)) == []


def test_deleted_words_are_wiped_once_they_cannot_be_brought_back(ledger: Ledger) -> None:
    gone, kept = write(ledger, "À oublier"), write(ledger, "Avant")
    steps.remove(ledger, gone, actor="Paul", at=NOW)
    steps.change(ledger, kept, "Après", [], people=PEOPLE, actor="Paul", at=NOW, redact=str)
    assert steps.wipe_deleted(ledger, NOW.date() + timedelta(days=7)) == 0
    assert steps.wipe_deleted(ledger, NOW.date() + timedelta(days=8)) == 2, "the deleted one, and what was replaced"
    assert said(ledger) == ["Après"]
    keys = fold(ledger.events(("comment.",))).comments[gone].keys
    assert [ledger.text(steps.text_key(key)) for key in keys] == [None]


def test_a_colleagues_name_survives_the_redaction_a_customers_does_not() -> None:
    text = "@PO Facturation & mensualités et @Nadia : voir Nadia Roux, @Nadiane"
    clean = redacted(text, PEOPLE, lambda part: re.sub(r"Nadia Roux", "[NOM]", part))
    assert clean == "@PO Facturation & mensualités et @Nadia : voir [NOM], @Nadiane"
    assert named_in(text, PEOPLE) == ["PO Facturation & mensualités", "Nadia"]


def test_the_directory_holds_people_once_and_no_machine() -> None:
    found = directory([Person("Nadia", ("slack",)), Person("PO Prix")], ["nadia", "rules", "jira:42", "Paul", "outbox"])
    assert list(found) == ["Nadia", "Paul", "PO Prix"]
    assert found["Nadia"].told_outside and not found["Paul"].told_outside


def test_owners_and_listed_people_can_be_called(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "owners.yaml").write_text(
        "owners:\n  prix:\n    name: PO Prix\n    by: slack\n    endpoint: canal\n", encoding="utf-8"
    )
    settings = Settings(data_dir=tmp_path / "data", reference_dir=tmp_path, _env_file=None)
    canal = Endpoint("mailto:x@y.example", name="canal", kind=MAIL)
    told = Directory({"canal": canal}, people={"Nadia": Recipient("Nadia", ("canal",), "en")})
    write(ledger, "Un mot", by="Paul")
    found = steps.people(ledger, settings, told)
    assert {name: one.to for name, one in found.items()} == {"Nadia": ("canal",), "PO Prix": ("canal",), "Paul": ()}


def test_the_erasure_of_a_customer_takes_the_comments_that_name_them(ledger: Ledger) -> None:
    write(ledger, "C0000042 a rappelé trois fois")
    write(ledger, "C0000043 aussi")
    held = Held("C0000042", None, (), (), (), (), (), ())
    assert erase_ledger_rows(ledger, held, [Term("C0000042", ID)])["event_text"] == 1
    assert said(ledger) == [None, "C0000043 aussi"]
