"""The digests of the small company: each owner their own, nothing sent that the lake does not bear out, replayed for good."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from chain import Company

from insights.errors import DeliveryError, LakeError, SettingsError
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.outbox.mailed import FAILED, INTENT
from insights.privacy.digest_files import incomplete
from insights.privacy.erase import erase
from insights.settings import Settings
from insights.steps.digest import Prepared, faults, prepare, release
from insights.steps.digest import digest as step
from insights.steps.digest_replay import kept_rows, replay
from insights.steps.digest_week import read_week
from insights.steps.run_log import StepReport

Stores = tuple[Lake, Ledger]
OWNERS = """
billing: {name: PO Facturation & mensualités, email: b@x.example, words: [facture, facturation, mensualite]}
offers: {name: PO Offres & prix, email: o@x.example, words: [prix, tarif, hausse, heures creuses]}
idle: {name: Nobody's owner, email: i@x.example, language: en}
all_of_it: {name: Direction, email: d@x.example, irritants: [all]}
small_business: {name: Petits pros, email: p@x.example, products: [Lumarelle Pro]}
"""


@pytest.fixture
def stores(copied: Company) -> Iterator[Stores]:
    with open_lake(copied.settings) as lake, open_ledger(copied.settings) as ledger:
        yield lake, ledger


def reference(folder: Path, source: Path, **texts: str) -> Path:
    """A reference folder with some files of its own."""
    folder.mkdir()
    for path in source.iterdir():
        if path.stem not in texts:
            (folder / path.name).symlink_to(path)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def few(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The company with five owners, and scores told from two answers on."""
    owners = "owners:" + OWNERS.replace("\n", "\n  ")
    folder = reference(tmp_path_factory.mktemp("few") / "reference", company.settings.reference_dir, owners=owners)
    return company.settings.model_copy(update={"reference_dir": folder, "min_answers": 2})


@pytest.fixture(scope="module")
def prepared(few: Settings) -> Prepared:
    with open_lake(few, read_only=True) as lake, open_ledger(few) as ledger:
        return prepare(lake, ledger)


@pytest.fixture
def mine(copied: Company, few: Settings) -> Iterator[Stores]:
    """A copy of the lake the issues were prepared from."""
    settings = copied.settings.model_copy(update={"reference_dir": few.reference_dir, "min_answers": 2})
    shutil.rmtree(settings.out_dir)
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        yield lake, ledger


def mailed(lake: Lake) -> set[str]:
    return {path.stem.split("-", 3)[3] for path in (lake.settings.out_dir / "mails").glob("*.eml")}


def test_each_owner_reads_of_their_own_irritants(prepared: Prepared) -> None:
    digests = {(issue.digest.owner_id, issue.digest.language): issue.digest for issue in prepared.issues}
    names = ["billing", "offers", "idle", "all_of_it", "small_business"]
    assert [name for name, _ in digests] == ["all", "all", *names]
    assert len({one.publication_id for one in digests.values()}) == 7
    theirs = {name: [item.irritant_id for item in one.items] for (name, _), one in digests.items()}
    assert theirs["all_of_it"] == theirs["all"]  # irritants: [all]
    assert theirs["billing"] and theirs["offers"] and not set(theirs["billing"]) & set(theirs["offers"])
    nothing = digests["idle", "en"]
    assert nothing.is_empty and len(nothing.headline) == 1 and nothing.company_line.startswith("In the company")
    assert digests["all", "fr"].scores != ()


def tampered(lake: Lake, prepared: Prepared) -> Iterator[tuple[str, dict[str, str], str]]:
    """Statement, its parameters, and what must be said of it."""
    quotes = {quote.mention_id: quote for issue in prepared.issues for quote in issue.digest.quotes}
    spoken, written = (
        min(id for id, one in quotes.items() if (one.turn_no is None) is is_none) for is_none in (False, True)
    )
    of = "feedback_id IN (SELECT feedback_id FROM mention WHERE mention_id = $id)"
    yield "UPDATE metric_daily SET denominator = denominator * 2", {}, "scores."
    yield "UPDATE priority SET n_mentions = n_mentions + 1 WHERE rank = 1", {}, "items.0.n_mentions is "
    yield f"UPDATE feedback SET verbatim = 'Oh. ' || verbatim WHERE {of}", {"id": written}, "do not stand at character"
    yield f"UPDATE turn SET text = 'Oh. ' || text WHERE {of}", {"id": spoken}, "do not stand at character"
    yield (
        "UPDATE mention SET text = replace(text, 'e', 'a') WHERE mention_id = $id",
        {"id": written},
        "are not those of",
    )
    yield f"DELETE FROM feedback WHERE {of}", {"id": spoken}, "no such mention"


def test_what_is_changed_between_computing_and_sending_is_caught(mine: Stores, prepared: Prepared) -> None:
    lake, ledger = mine
    prepared = replace(prepared, issues=[one for one in prepared.issues if one.digest.owner_id in ("all", "billing")])
    assert faults(lake, ledger, prepared) == {}
    before: set[str] = set()
    for sql, params, told in tampered(lake, prepared):
        with lake.write() as writer:
            writer.execute(sql, **params)
        said = {line for lines in faults(lake, ledger, prepared).values() for line in lines} - before
        assert [line for line in said if told in line], f"{sql} was not seen; said was {sorted(said)}"
        before |= said
    wrong = faults(lake, ledger, prepared)
    assert "digest-2026-10-26-all-fr" in wrong
    with pytest.raises(DeliveryError, match="fails its own check and is not sent"):
        release(lake, ledger, prepared, StepReport("digest", "r"), dry=True)
    assert not {name.split("-")[4] for name in wrong} & mailed(lake)
    assert not {path.stem for path in (lake.settings.out_dir / "digests").glob("*.html")} & set(wrong)


def test_the_other_digests_are_sent_when_one_fails(mine: Stores, prepared: Prepared) -> None:
    lake, ledger = mine
    one = next(issue for issue in prepared.issues if issue.digest.owner_id == "billing")
    forged = replace(one, digest=replace(one.digest, items=(replace(one.digest.items[0], n_mentions=999),)))
    changed = replace(prepared, issues=[forged if issue is one else issue for issue in prepared.issues])
    report = StepReport("digest", "r")
    with pytest.raises(DeliveryError, match="n_mentions is 999 here"):
        release(lake, ledger, changed, report, dry=True)
    assert mailed(lake) == {"offers", "idle", "all_of_it", "small_business"}
    assert list(report.note["failed_check"]) == [one.digest.publication_id]


def test_what_is_written_meanwhile_does_not_enter_a_digest(mine: Stores, prepared: Prepared) -> None:
    lake, ledger = mine
    with lake.write() as writer:
        writer.execute("DELETE FROM priority")
    assert len(read_week(lake, ledger, prepared.owners, prepared.pins).priorities) > 0
    now = replace(prepared.pins, snapshot_id=lake.snapshot_id())
    assert read_week(lake, ledger, prepared.owners, now).priorities.empty


def body(mail: bytes) -> bytes:
    """What follows the head."""
    return mail.replace(b"\r\n", b"\n").partition(b"\n\n")[2]


def test_a_year_later_the_same_bytes_without_any_other_table(stores: Stores) -> None:
    lake, ledger = stores
    out = lake.settings.out_dir
    sent = sorted((out / "digests").glob("digest-*.html"))
    assert len(sent) > 10
    with lake.write() as writer:
        for table in ("mention", "mention_irritant", "feedback", "turn", "priority", "metric_daily", "irritant_weekly"):
            writer.execute(f"DELETE FROM {table}")
    later = lake.settings.model_copy(update={"as_of": date(2027, 10, 30)})
    lake.maintain(0)
    with open_lake(later, read_only=True) as reopened:
        for path in sent:
            done = replay(reopened, ledger, path.stem)
            assert done.replayed.same and done.replayed.gone == () and "the bytes that were sent" in done.sentence()
            html, text, mail = done.files
            assert html.read_bytes() == path.read_bytes()
            assert text.read_bytes() == path.with_suffix(".txt").read_bytes()
            owner = path.stem.split("-")[4]
            if owner != "all":
                (was,) = (out / "mails").glob(f"*-{owner}.eml")
                assert body(mail.read_bytes()) == body(was.read_bytes())


def test_after_an_erasure_the_replay_says_what_is_missing_in_its_place(stores: Stores) -> None:
    lake, ledger = stores
    said = lake.read("""SELECT p.mention_id, m.customer_id, m.text FROM published p JOIN mention m USING (mention_id)
        WHERE p.kind = 'quote' AND m.customer_id IS NOT NULL ORDER BY length(m.text) DESC, p.publication_id LIMIT 1""")
    mention, customer, text = said.iloc[0].tolist()
    found = lake.read("SELECT publication_id FROM published WHERE mention_id = $id ORDER BY 1", id=mention)
    out = lake.settings.out_dir
    assert [path for name in found["publication_id"] for path in (out / "digests").glob(f"{name}.*")]
    erase(lake, ledger, customer)
    assert set(found["publication_id"]) <= set(incomplete(lake))  # more of their words may be quoted elsewhere
    assert not [path for name in found["publication_id"] for path in out.rglob(f"{name}.*")]
    assert not (set(mailed(lake)) & {name.split("-")[4] for name in found["publication_id"]})
    assert lake.read("SELECT * FROM published WHERE mention_id = $id", id=mention).empty
    for publication in found["publication_id"]:
        done = replay(lake, ledger, publication)
        page = "".join(path.read_text(encoding="utf-8") for path in done.files[:2])
        assert text.strip()[:40] not in " ".join(page.split())
        taken = {"fr": "citation retirée depuis", "en": "quote taken out since"}[done.replayed.language]
        assert page.count(taken) == 2 * len(done.replayed.gone) > 0
        assert "the page says so" in done.sentence()


def test_one_owner_alone_and_nobody_unknown(stores: Stores) -> None:
    lake, ledger = stores
    report = step(lake, ledger, run_id="one", dry_run=True, owner_id="offers")
    assert report.n_in == 1
    mail = message_from_bytes(
        next((lake.settings.out_dir / "mails").glob("*-offers.eml")).read_bytes(), policy=policy.default
    )
    assert mail["To"] == "po.offres@lumarelle.example"
    with pytest.raises(SettingsError, match="no owner 'nobody'"):
        prepare(lake, ledger, "nobody")
    with pytest.raises(LakeError, match="Nothing was published as 'digest-x'"):
        replay(lake, ledger, "digest-x")


def test_an_owner_in_a_chat_gets_a_post_and_no_mail(stores: Stores, tmp_path: Path) -> None:
    lake, ledger = stores
    entry = "{name: PO Offres & prix, language: fr, words: [prix], by: slack, endpoint: offers_channel}"
    folder = reference(
        tmp_path / "reference",
        lake.settings.reference_dir,
        owners=f"owners: {{offers: {entry}}}",
        endpoints="endpoints: {offers_channel: {kind: slack}}",
    )
    settings = lake.settings.model_copy(update={"reference_dir": folder})
    with open_lake(settings) as mine:
        report = step(mine, ledger, run_id="chat", dry_run=True)
    assert report.note["chat"] == "1 posts written to files, none sent (dry run)"
    (path,) = (settings.out_dir / "messages" / "offers_channel").glob("digest-*-offers-fr.json")
    assert json.loads(path.read_bytes())["blocks"][0]["type"] == "header"


def test_links_that_cannot_be_made_again_are_told(stores: Stores) -> None:
    lake, ledger = stores
    public = lake.settings.model_copy(update={"public_url": "https://voc.lumarelle.example"})
    with open_lake(public) as mine:
        step(mine, ledger, run_id="linked", dry_run=True, owner_id="experience")
        publication = "digest-2026-10-26-experience-fr"
        page = (public.out_dir / "digests" / f"{publication}.html").read_text(encoding="utf-8")
        assert page.count("https://voc.lumarelle.example/answers/") >= 4
        assert "voc.lumarelle.example" not in "".join(mine.read("SELECT value FROM published")["value"])
        done = replay(mine, ledger, publication)
        assert done.files[0].read_text(encoding="utf-8") == page and "bytes that were sent" in done.sentence()
    lost = replay(lake, ledger, publication)  # VOC_PUBLIC_URL is empty there
    assert lost.replayed.same and "cannot be made again" in lost.sentence()


def test_what_was_handed_over_once_is_never_computed_anew(mine: Stores) -> None:
    """In doubt after a crash: the same body goes again under the same Message-ID, whatever the lake says since."""
    lake, ledger = mine
    release(lake, ledger, prepare(lake, ledger, "billing"), StepReport("digest", "one"), dry=True)
    path = lake.settings.out_dir / "mails" / "2026-10-26-billing.eml"
    first, rows = path.read_bytes(), kept_rows(lake, "digest-2026-10-26-billing-fr")
    told = {"publication_id": "digest-2026-10-26-billing-fr", "message_id": "<m@x>", "n": 1}
    subject = "digest:2026-10-26:billing"
    ledger.append(INTENT, subject, told, actor="outbox", at=lake.settings.business_now(), key=f"{subject}:intent:1")
    with lake.write() as writer:
        writer.execute("UPDATE priority SET n_mentions = n_mentions + 7")
    later = prepare(lake, ledger, "billing")
    release(lake, ledger, later, StepReport("digest", "two"), dry=True)
    assert later.issues[0].rendered.html.encode() not in first
    assert body(path.read_bytes()) == body(first)
    assert kept_rows(lake, "digest-2026-10-26-billing-fr").equals(rows)
    ledger.append(FAILED, subject, {"code": 550, "n": 1}, actor="outbox", at=lake.settings.business_now(), key="failed")
    release(lake, ledger, later, StepReport("digest", "three"), dry=True)  # it certainly never arrived
    assert body(path.read_bytes()) != body(first)
