"""The pages behind a digest's links, on a real server: asking changes nothing, confirming counts once, the rest is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import httpx
import pytest
from intake_tools import Client

from insights.digest.links import Links
from insights.digest.owners import Owner
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings
from insights.steps import actions
from insights.steps.answers import answers, undo
from insights.steps.mailing import links_of, owners_of

WEEK = date(2026, 10, 26)
PUBLICATION = "digest-2026-10-26-billing-fr"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"public_url": "https://voc.lumarelle.example"})


@pytest.fixture
def kept(intake_settings: Settings, client: Client) -> Iterator[Ledger]:
    with open_ledger(intake_settings) as ledger:
        for number, (french, english) in enumerate(
            (("Facture <b>fausse</b>", "Wrong bill"), ("Attente", None)), start=1
        ):
            told = {"label_fr": french, "label_en": english, "owner": None, "status": "active"}
            at = intake_settings.business_now()
            ledger.append("irritant.born", f"IR-000{number}", told, actor="policy", at=at, key=f"born:{number}")
        yield ledger


@pytest.fixture
def owner(intake_settings: Settings) -> Owner:
    return next(one for one in owners_of(intake_settings) if one.owner_id == "billing")


@pytest.fixture
def links(kept: Ledger, intake_settings: Settings, owner: Owner) -> Links:
    found = links_of(intake_settings, kept.keys, PUBLICATION, WEEK, owner, ["IR-0001", "IR-0002"])
    assert found is not None
    return found


@pytest.fixture
def path(links: Links) -> Callable[..., str]:
    def of(answer: str = "accept", irritant: str = "IR-0001") -> str:
        return links.answers[irritant, answer].removeprefix("https://voc.lumarelle.example")

    return of


def confirm(client: Client, where: str, **more: str) -> httpx.Response:
    return client.http.post(where, data={"confirm": "yes", **more})


def told(ledger: Ledger) -> list[tuple[str, str]]:
    return [(one.irritant_id, one.answer) for one in answers(ledger).standing]


def test_looking_changes_nothing(client: Client, kept: Ledger, path: Callable[..., str]) -> None:
    before = kept.version()
    for answer in ("accept", "known", "wrong", "not_mine"):
        page = client.http.get(path(answer))
        head = client.http.head(path(answer))
        assert (page.status_code, head.status_code, head.content) == (200, 200, b"")
    assert kept.version() == before
    assert '<form method="post">' in page.text and "<script" not in page.text
    assert "PO Facturation &amp; mensualités" in page.text
    assert "Facture &lt;b&gt;fausse&lt;/b&gt;" in page.text and "Wrong bill" in page.text  # both languages, escaped
    assert page.text.index('<section lang="fr">') < page.text.index('<section lang="en">')


def test_the_page_loads_nothing_and_leaks_nothing(client: Client, path: Callable[..., str]) -> None:
    for page in (client.http.get(path()), client.http.get("/answers/nonsense"), confirm(client, path())):
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy
        assert "form-action 'self'" in policy and "frame-ancestors 'none'" in policy
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert "noindex" in page.headers["x-robots-tag"]
        assert "http" not in page.text.replace("http-equiv", "")


def test_an_acceptance_opens_an_action_of_the_reader_once(
    client: Client, kept: Ledger, path: Callable[..., str], owner: Owner
) -> None:
    page = confirm(client, path())
    assert page.status_code == 200 and "ACT-0001" in page.text
    (action,) = actions.book(kept).actions.values()
    assert (action.irritant_id, action.owner, action.state) == ("IR-0001", owner.name, "planned")
    again = confirm(client, path())
    assert again.status_code == 409 and "Ce lien a déjà servi." in again.text and "31 octobre 2026" in again.text
    assert client.http.get(path()).status_code == 409
    assert told(kept) == [("IR-0001", "accept")] and len(actions.book(kept).actions) == 1


def test_a_second_acceptance_joins_the_open_action(
    client: Client, kept: Ledger, path: Callable[..., str], intake_settings: Settings, owner: Owner
) -> None:
    confirm(client, path())
    later = links_of(intake_settings, kept.keys, "digest-2026-11-02-billing-fr", date(2026, 11, 2), owner, ["IR-0001"])
    assert later is not None
    page = confirm(client, later.answers["IR-0001", "accept"].removeprefix("https://voc.lumarelle.example"))
    assert page.status_code == 200 and "ACT-0001" in page.text
    assert len(actions.book(kept).actions) == 1 and len(told(kept)) == 2


def test_one_question_has_one_answer_until_it_is_taken_back(
    client: Client, kept: Ledger, path: Callable[..., str], intake_settings: Settings
) -> None:
    confirm(client, path("accept"))
    other = confirm(client, path("wrong"))
    assert other.status_code == 409 and "Vous avez déjà répondu." in other.text
    (one,) = answers(kept).standing
    undo(kept, one.event_id, actor="me", at=intake_settings.business_now())
    assert actions.book(kept).actions == {}  # nothing was done on it yet
    assert confirm(client, path("accept")).status_code == 409  # that link was used
    assert confirm(client, path("wrong")).status_code == 200
    assert told(kept) == [("IR-0001", "wrong")]


def test_twenty_clicks_at_once_count_once(client: Client, kept: Ledger, path: Callable[..., str]) -> None:
    wanted = [path(one) for one in ("accept", "wrong", "known", "not_mine")] * 5
    with ThreadPoolExecutor(8) as pool:
        codes = [page.status_code for page in pool.map(lambda where: confirm(client, where), wanted)]
    assert sorted(set(codes)) == [200, 409] and codes.count(200) == 1
    (one,) = answers(kept).all
    assert len(actions.book(kept).actions) == (one.answer == "accept")


def test_what_is_not_confirmed_is_not_recorded(client: Client, kept: Ledger, path: Callable[..., str]) -> None:
    before = kept.version()
    assert client.http.post(path()).status_code == 400
    assert client.http.post(path(), data={"List-Unsubscribe": "One-Click"}).status_code == 400
    assert client.http.post(path(), content=b"x" * 5000).status_code == 413
    assert kept.version() == before


def test_forged_expired_and_other_peoples_links_are_refused_with_a_way_on(
    client: Client, kept: Ledger, path: Callable[..., str], links: Links, intake_settings: Settings, owner: Owner
) -> None:
    before = kept.version()
    good = path()
    letter = "A" if good[40] != "A" else "B"
    old = links_of(intake_settings, kept.keys, PUBLICATION, date(2026, 9, 21), owner, ["IR-0001"])
    moved = links_of(intake_settings, kept.keys, PUBLICATION, WEEK, replace(owner, email="old@x.example"), ["IR-0001"])
    unknown = links_of(intake_settings, kept.keys, PUBLICATION, WEEK, replace(owner, owner_id="nobody"), ["IR-0001"])
    assert old and moved and unknown
    cases = {
        good[:40] + letter + good[41:]: (403, "Ce lien ne peut pas servir."),
        "/answers/" + links.unsubscribe.rpartition("/")[2]: (403, "Ce lien ne peut pas servir."),
        "/unsubscribe/" + good.rpartition("/")[2]: (403, "This link cannot be used."),
        moved.answers["IR-0001", "accept"]: (403, "ou il a été fait pour quelqu&#39;un d&#39;autre."),
        unknown.answers["IR-0001", "accept"]: (403, "Open your own last digest and use its buttons."),
        old.answers["IR-0001", "accept"]: (410, "Ce lien a expiré."),
    }
    for where, (status, sentence) in cases.items():
        short = where.removeprefix("https://voc.lumarelle.example")
        for page in (client.http.get(short), confirm(client, short)):
            assert page.status_code == status and sentence in page.text, where
    assert kept.version() == before


def test_a_link_outlives_rotations_of_the_key_and_not_its_revocation(
    client: Client, kept: Ledger, path: Callable[..., str]
) -> None:
    where = path()
    for _ in range(3):
        kept.keys.rotate_links()
    assert client.http.get(where).status_code == 200
    kept.keys.rotate_links(revoke=True)
    assert client.http.get(where).status_code == 403


def test_an_irritant_that_is_gone_is_told(
    client: Client, kept: Ledger, intake_settings: Settings, owner: Owner
) -> None:
    found = links_of(intake_settings, kept.keys, PUBLICATION, WEEK, owner, ["IR-0099"])
    assert found is not None
    where = found.answers["IR-0099", "accept"].removeprefix("https://voc.lumarelle.example")
    for page in (client.http.get(where), confirm(client, where)):
        assert page.status_code == 410 and "Cet irritant n&#39;existe plus" in page.text
    assert answers(kept).all == ()


def test_unsubscribing_by_page_and_by_the_mail_programs_one_click(client: Client, kept: Ledger, links: Links) -> None:
    where = links.unsubscribe.removeprefix("https://voc.lumarelle.example")
    assert client.http.get(where).status_code == 200
    assert answers(kept).wishes == {}
    assert client.http.post(where, files={"List-Unsubscribe": (None, "One-Click")}).status_code == 200
    assert answers(kept).wishes == {"billing": "never"}
    version = kept.version()
    assert client.http.post(where, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert confirm(client, where).status_code == 200
    assert kept.version() == version  # said already


def test_how_often_is_chosen_and_shown(client: Client, kept: Ledger, links: Links) -> None:
    where = links.frequency.removeprefix("https://voc.lumarelle.example")
    assert 'value="weekly" required checked' in client.http.get(where).text
    assert confirm(client, where, frequency="monthly").status_code == 200
    assert 'value="monthly" required checked' in client.http.get(where).text
    assert confirm(client, where, frequency="hourly").status_code == 400
    assert confirm(client, where).status_code == 400
    assert answers(kept).wishes == {"billing": "monthly"}
    assert [event.payload["via"] for event in kept.events(("digest.frequency",))] == ["page"]


@pytest.mark.parametrize("intake_settings", [{"intake_per_minute": 5}], indirect=True)
def test_guessing_is_slowed_and_a_genuine_link_is_not(client: Client, kept: Ledger, path: Callable[..., str]) -> None:
    codes = [client.http.get(f"/answers/guess{number}").status_code for number in range(8)]
    assert codes == [403] * 5 + [429] * 3
    assert client.http.get("/answers/guess").headers["retry-after"].isdecimal()
    assert confirm(client, path()).status_code == 200
    text = client.http.get("/metrics").text
    assert 'voc_intake_refused_total{reason="forged",source="answers"} 5.0' in text
    assert 'voc_intake_received_total{source="answers"} 1.0' in text


def test_no_address_enters_the_ledger(client: Client, kept: Ledger, path: Callable[..., str], links: Links) -> None:
    confirm(client, path())
    confirm(client, links.unsubscribe.removeprefix("https://voc.lumarelle.example"))
    held = str([(one.subject, one.payload, one.actor, one.idempotency_key) for one in kept.events()])
    assert "@" not in held


@pytest.mark.parametrize("intake_settings", [{"public_url": ""}], indirect=True)
def test_without_a_public_address_there_are_no_such_pages(client: Client) -> None:
    assert client.http.get("/answers/x").status_code == 404
