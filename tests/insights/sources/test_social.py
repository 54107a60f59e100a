"""Posts and reviews: the real payloads where they are, hostile ones, and what the fixtures do not show."""

from __future__ import annotations

import base64
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.copies import waves
from insights.errors import RowError, SetAside, SignatureError, SourceError
from insights.sources import app_store, google_play, mastodon, posts, social_export, trustpilot, x_api
from insights.sources.base import Item, RawRecord, RecordSource
from insights.sources.options import NO_OPTIONS, Options
from insights.steps.ingest import parse_all

ALL = (x_api, mastodon, trustpilot, google_play, app_store, social_export)
SECRET = "voc:s3cret"


def read_all(source: RecordSource, path: Path, options: Options = NO_OPTIONS) -> tuple[list[Item], Counter[str]]:
    """Items of a file, and how many records were set aside or rejected, by reason."""
    records = list(source.read(path))
    items, rejected, aside = parse_all(source, records, options)
    assert len(items) + len(rejected) + sum(aside.values()) == len(records)
    return [item for item, _ in items], aside + Counter(one.reason for one in rejected)


def test_real_page_of_x(shared_data: Path) -> None:
    items, aside = read_all(x_api.SOURCE, shared_data / "payloads_social" / "brexit.jsonl")
    assert aside == {"repost": 67}
    assert len({item.source_id for item in items}) == len(items) == 68  # 33 of its own, 35 originals of reposts
    assert not [item for item in items if str(item.feedback["verbatim"]).startswith("RT @")]
    for name in ("users.jsonl", "counts.jsonl"):
        with pytest.raises(SourceError, match="no posts in it"):
            list(x_api.SOURCE.read(shared_data / "payloads_social" / name))


def test_real_reviews_and_posts(shared_data: Path) -> None:
    items, aside = read_all(trustpilot.SOURCE, shared_data / "fr_trustpilot_keytrade" / "reviews.json")
    assert (len(items), sum(aside.values())) == (1049, 0)
    assert sum(item.feedback.get("revised_at") is not None for item in items) == 85
    status, _ = read_all(mastodon.SOURCE, shared_data / "payloads_social" / "mastodon_status.json")
    assert "<" not in status[0].feedback["verbatim"] and status[0].feedback["language"] == "en"
    own = Options(own_handles=frozenset({"Freebox"}))
    path = shared_data / "fr_free_telecom_tweets" / "free_tweet_export.csv"
    posted, aside = read_all(social_export.SOURCE, path, own)
    assert len(posted) == 3111 and aside == {"own_post": 651, "no_words": 2}
    answered, aside = read_all(social_export.SOURCE, shared_data / "en_twcs_sample" / "sample.csv")
    assert len(answered) == 49 and aside == {"own_post": 44}
    assert waves(pd.DataFrame([_row(item) for item in items]).drop_duplicates("feedback_id")).empty


def _row(item: Item) -> dict[str, Any]:
    said = item.feedback
    return {
        "feedback_id": item.source_id,
        "verbatim": said.get("verbatim"),
        "author_key": item.author,
        "occurred_at": said["occurred_at"],
        "brand": None,
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["id", "text", "data", "reviews", "feed", "entry", "author", "account", "content", "event", "payload",
             "events", "eventData", "eventName", "created_at", "createdAt", "stars", "score", "at", "comments",
             "attributes", "visibility", "referenced_tweets", "includes", "errors", "consumer", "delete", "reviewId"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.SOURCE.name)
@given(document=JSON)
def test_no_document_raises_past_the_border(module: Any, document: Any) -> None:
    try:
        found = list(module.split(document))
    except (AttributeError, KeyError, TypeError, IndexError, ValueError):
        return  # read_json and the intake turn these into one sentence
    good = {"file": "f", "line": 1}
    records = [RawRecord(data=data, **good) for data in found if isinstance(data, dict)]  # type: ignore[arg-type]
    items, rejected, aside = parse_all(module.SOURCE, records, NO_OPTIONS)
    assert len(items) + len(rejected) + sum(aside.values()) == len(records)


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.SOURCE.name)
@pytest.mark.parametrize("content", [b'{"data": [{"id"', b"[" * 5000, b'\xff\xfe{"a": 1}', b"null", b"3"], ids=repr)
def test_a_broken_file_is_refused_with_its_name(module: Any, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content[:40] if len(content) > 5000 else content)
    with pytest.raises(SourceError, match="broken.json"):
        list(module.SOURCE.read(path))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>Un<br>deux</p><p>trois</p>", "Un\ndeux\n\ntrois"),
        ('<p>Voir <a href="https://x.example"><span>x.example</span></a> vite</p>', "Voir vite"),
        ("<p>5 &lt; 6 &amp; <b>gras</b></p>", "5 < 6 & gras"),
        ("<script>alert(1)</script><p>mot</p>", "mot"),
        ("sans balise", "sans balise"),
        ("<p>jamais <b>fermé", "jamais fermé"),
    ],
)
def test_html_becomes_text(content: str, text: str) -> None:
    assert mastodon.plain(content) == text


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2026-10-25T02:30:00+01:00", "2026-10-25 01:30:00+00:00"),
        ("2026-07-14 09:00:00", "2026-07-14 07:00:00+00:00"),
        ("2026-07-14", "2026-07-14 10:00:00+00:00"),
        (1793017979, "2026-10-26 12:32:59+00:00"),
        ("Wed Oct 11 06:55:44 +0000 2017", "2017-10-11 06:55:44+00:00"),
    ],
)
def test_moments(value: Any, instant: str) -> None:
    assert str(posts.moment(value, "at", "Europe/Paris")) == instant


@pytest.mark.parametrize("value", [None, "", "hier", "14/07/2026", "99999-01-01", True])
def test_what_is_no_moment_is_refused(value: Any) -> None:
    with pytest.raises(RowError, match="_at:"):
        posts.moment(value, "at", "Europe/Paris")


def test_trustpilot_is_known_by_the_user_and_password_of_the_address() -> None:
    now = datetime(2026, 10, 30, tzinfo=UTC)
    right = {"authorization": "Basic " + base64.b64encode(SECRET.encode()).decode()}
    trustpilot.verify(right, b"{}", ["old:one", SECRET], now)
    for headers, secrets in (
        ({}, [SECRET]),
        (right, ["other:one"]),
        (right, []),
        ({"authorization": SECRET}, [SECRET]),
    ):
        with pytest.raises(SignatureError):
            trustpilot.verify(headers, b"{}", secrets, now)
    assert trustpilot.event_key({}, b"a") == trustpilot.event_key({}, b"a") != trustpilot.event_key({}, b"b")


def test_a_protected_or_own_account_stays_out_by_id_or_handle() -> None:
    def outcome(handle: str, own: str) -> str:
        data = {"id": "1", "text": "mot", "author_id": "77", "created_at": "2026-10-30T08:00:00Z"}
        record = RawRecord("f", 1, data | {"author": {"id": "77", "username": handle}})
        try:
            return x_api.parse(record, Options(own_handles=frozenset({own}))).source_id
        except SetAside as error:
            return str(error).partition(":")[0]

    assert [outcome("Brand", own) for own in ("brand", "77", "@BRAND".lstrip("@"), "other")] == ["own_post"] * 3 + ["1"]


def test_an_export_finds_its_delimiter_and_declared_columns(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Ref\tQuand\tDit\tQui\n7\t2026-10-30 08:00:00\tTrop long\tana\n", encoding="utf-8")
    options = Options(
        fields={"source_id": "Ref", "occurred_at": "Quand", "verbatim": "Dit", "author": "Qui"},
        constants={"touchpoint": "forum"},
    )
    items, _ = read_all(social_export.SOURCE, path, options)
    said = json.loads(json.dumps(items[0].feedback, default=str))
    assert (items[0].source_id, items[0].author, said["verbatim"]) == ("7", "ana", "Trop long")
    assert (said["touchpoint"], said["occurred_at"]) == ("forum", "2026-10-30 07:00:00+00:00")
