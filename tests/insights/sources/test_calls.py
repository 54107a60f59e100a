"""Conversations keep the law: never every call, no guessed consent, no emotion of an adviser, no voice for an unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from insights.errors import RowError, SetAside, SourceError
from insights.sources import RecordSource, registry
from insights.sources.base import Item
from insights.sources.calls import Conversation, Utterance, call_item, is_sampled
from insights.sources.options import Options
from insights.sources.sidecars import date_in, dated_metadata
from insights.sources.speakers import role_of

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sources"
NEARLY_ALL = Options(recording_share={"default": 0.999999})
SAID = [Utterance("Bonjour.", "Conseiller"), Utterance("Tout est en panne.", "Client"), Utterance("Hm.", "Voix 3")]


def item(meta: dict[str, Any] | None = None, options: Options = NEARLY_ALL, **changed: Any) -> Item:
    spoken = Conversation(**{"said": SAID, "started_at": "2026-10-03T14:05:00", "call_id": "c-1"} | changed)
    return call_item(spoken, meta or {}, options)


def parsed(name: str, path: Path, options: Options) -> list[Item]:
    source = registry()[name]
    assert isinstance(source, RecordSource)
    return [source.item(record, options) for record in source.read(path)]


@pytest.mark.parametrize("share", [1, 1.5, -0.1, float("nan")])
def test_a_share_that_is_systematic_or_none_at_all_is_refused(share: float) -> None:
    with pytest.raises(ValidationError, match="household"):
        Options(recording_share={"household": share})


def test_the_sample_follows_the_share_of_the_line_and_never_changes() -> None:
    ids = [f"call-{n}" for n in range(4000)]
    small, great = ({one for one in ids if is_sampled(one, share)} for share in (0.2, 0.3))
    assert small < great
    assert len(great) / len(ids) == pytest.approx(0.3, abs=0.03)
    assert not any(is_sampled(one, 0.0) for one in ids)


def test_calls_outside_the_sample_of_their_line_are_set_aside() -> None:
    options = Options(recording_share={"household": 0.0, "default": 0.999999})
    assert item({"segment": "small_business"}, options).feedback["segment"] == "small_business"
    with pytest.raises(SetAside, match="^not_sampled: "):
        item({"segment": "household"}, options)
    with pytest.raises(SetAside, match="^no_recording_share: .*sources.yaml"):
        item(options=Options())
    with pytest.raises(SetAside, match="^not_recorded: "):
        item({"recorded": "non"})
    assert item(options=Options(), sampled=False, kind="chat").feedback["kind"] == "chat"


def test_only_words_of_the_customer_are_the_verbatim() -> None:
    found = item()
    assert [turn["speaker"] for turn in found.turns] == ["adviser", "customer", "unknown"]
    assert found.feedback["verbatim"] == "Tout est en panne."
    alone = item(said=[Utterance("Tout est en panne."), Utterance("Je sais.", "Marie Dol")])
    assert alone.feedback["verbatim"] is None
    assert len(alone.turns) == 2
    assert alone.names == ("Marie Dol",)
    named = item({"customer_name": "marie dol"}, said=[Utterance("Je sais.", "Marie Dol")])
    assert named.feedback["verbatim"] == "Je sais."


@pytest.mark.parametrize(
    ("said", "kept"), [("oui", "yes"), ("Refusé", "no"), ("", "not_asked"), (None, "not_asked"), (True, "yes")]
)
def test_consent_is_read(said: object, kept: str) -> None:
    assert item({"consent": said}).feedback["consent"] == kept


def test_consent_is_never_guessed_and_a_refusal_anywhere_counts() -> None:
    with pytest.raises(RowError, match="^bad_consent: "):
        item({"consent": "peut-être"})
    assert item({"consent": "yes"}, consent="no").feedback["consent"] == "no"


def test_sidecars_say_who_when_and_where() -> None:
    meta = {"lob": "household", "site_country": "PT", "country": "FR", "customer_id": "c-9", "agent_id": "A-7"}
    options = NEARLY_ALL.model_copy(update={"fields": {"segment": "lob"}, "available_delay_days": 2})
    found = item({**meta, "started_at": "2026-10-03"}, options)
    kept = {name: found.feedback[name] for name in ("segment", "site_country", "country", "customer_id")}
    assert kept == {"segment": "household", "site_country": "PT", "country": "FR", "customer_id": "c-9"}
    assert f"{found.feedback['occurred_at']:%d %H:%M}" == "03 10:00"  # noon in Paris
    assert f"{found.feedback['available_at']:%d} {found.feedback['available_basis']}" == "05 declared"
    assert "A-7" not in repr(found)


def test_one_customer_is_not_every_conversation_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "chat_log" / "2026-10-03.txt"
    path.parent.mkdir()
    path.write_text("(10:00) Client: un\n===\n(10:05) Client: deux\n", encoding="utf-8")
    path.with_name("index.csv").write_text(
        "file,customer_id,customer_email,segment\n2026-10-03.txt,c-1,a@exemple.fr,household\n"
    )
    items = parsed("chat_log", path, Options())
    assert [one.feedback.get("customer_id") for one in items] == [None, None]
    assert [one.emails for one in items] == [(), ()]
    assert {one.feedback["segment"] for one in items} == {"household"}
    assert len({one.source_id for one in items}) == 2


def test_a_transcript_without_date_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "appel.vtt"
    path.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nbonjour\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"appel\.vtt: nothing says when .*appel\.vtt\.meta\.json.*index\.csv.*name"):
        dated_metadata(path)
    path.with_name("appel.vtt.meta.json").write_text("[]", encoding="utf-8")
    with pytest.raises(SourceError, match=r"appel\.vtt\.meta\.json: a JSON object is expected"):
        dated_metadata(path)
    path.with_name("appel.vtt.meta.json").write_text('{"started_at": ', encoding="utf-8")
    with pytest.raises(SourceError, match=r"appel\.vtt\.meta\.json: not JSON"):
        dated_metadata(path)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("GMT20261004-081500_Recording.vtt", "2026-10-04T08:15:00+00:00"),
        ("2026-10-03_1405_appel.srt", "2026-10-03T14:05:00"),
        ("appel 2026-10-03.srt", "2026-10-03"),
        ("0612345678.vtt", None),
        ("20261399.vtt", None),
    ],
)
def test_dates_in_file_names(name: str, found: str | None) -> None:
    assert date_in(name) == found


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("AGENT", "adviser"), ("Customer", "customer"), ("Service client", "adviser"), ("Conseillère 2", "adviser"),
        ("Cliente", "customer"), ("Virtual agent", "bot"), ("SVI", "bot"), ("SPEAKER_01", "unknown"), ("", "unknown"),
        (None, "unknown"), ("Marie Dol", "unknown"),
    ],
)  # fmt: skip
def test_roles_told_by_labels(label: str | None, role: str) -> None:
    assert role_of(label, Options()) == role


def test_declared_roles_win() -> None:
    fields = {"speaker_customer": "SPEAKER_0*|Appel entrant", "speaker_other": "adviser", "channel_1": "customer"}
    options = Options(fields=fields)
    told = [role_of(*one) for one in (("SPEAKER_01", options), ("appel entrant", options), ("Rui", options))]
    assert told == ["customer", "customer", "adviser"]
    assert role_of("spk_9", options, "1") == "customer"
    assert role_of(None, options) == "unknown"


def test_no_emotion_of_an_adviser_is_read() -> None:
    path = FIXTURES / "aws_call_analytics" / "appel-0417.json"
    given = json.loads(path.read_text(encoding="utf-8"))
    assert {turn["Sentiment"] for turn in given["Transcript"] if turn["ParticipantRole"] == "AGENT"} == {"NEGATIVE"}
    found = parsed("aws_call_analytics", path, Options(recording_share={"household": 0.999999}))
    assert len(found) == 1
    assert not {"sentiment", "emotion", "polarity", "loudness"} & set(json.dumps(found[0].turns).lower().split('"'))
    assert "NEGATIVE" not in repr(found)
    assert "-4.5" not in repr(found)
    assert found[0].answers == ()


def test_a_deleted_call_is_taken_out() -> None:
    assert item({"deleted": "oui"}).deleted
    assert item({"deleted": "oui"}).source_id == item().source_id
