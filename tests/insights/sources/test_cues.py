"""Subtitle files: what is written is what is read, and a file that is cut off is refused or read, never a crash."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.errors import SourceError
from insights.sources import srt, webvtt
from insights.sources.cues import Cue, turns_of

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sources"
WORDS = st.text(st.sampled_from("aàbcdeéh ?!'.,:&<>1234€œ-"), min_size=1, max_size=40).map(
    lambda t: " ".join(t.split())
)
TEXTS = st.lists(WORDS.filter(lambda t: any(char.isalpha() for char in t)), min_size=1, max_size=8)


def stamp(second: int, mark: str) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}{mark}250"


@given(TEXTS)
def test_webvtt_gives_back_the_turns_that_were_written(texts: list[str]) -> None:
    speakers = ["Conseillère", "M. Dol & Cie"]
    blocks = [
        f"{stamp(9 * n, '.')} --> {stamp(9 * n + 5, '.')}\n<v {html.escape(speakers[n % 2])}>{html.escape(text)}</v>"
        for n, text in enumerate(texts)
    ]
    found = turns_of(webvtt.cues("WEBVTT\n\n" + "\n\n".join(blocks) + "\n", "x.vtt"))
    assert [(turn["label"], turn["text"]) for turn in found] == [(speakers[n % 2], t) for n, t in enumerate(texts)]
    assert [turn["start_s"] for turn in found] == [9 * n + 0.25 for n in range(len(texts))]


@given(TEXTS)
def test_srt_gives_back_the_turns_that_were_written(texts: list[str]) -> None:
    blocks = [
        f"{n + 1}\n{stamp(9 * n, ',')} --> {stamp(9 * n + 5, ',')}\nSPEAKER {n % 2}: {html.escape(text)}"
        for n, text in enumerate(texts)
    ]
    found = turns_of(srt.cues("\n\n".join(blocks) + "\n", "x.srt"))
    assert [(turn["label"], turn["text"]) for turn in found] == [(f"SPEAKER {n % 2}", t) for n, t in enumerate(texts)]


@pytest.mark.parametrize(
    ("read", "path"),
    [(webvtt.cues, "webvtt/appel_0412.vtt"), (srt.cues, "srt/2026-10-05_0930_appel.srt")],
)
def test_a_file_cut_anywhere_is_read_or_refused_with_its_line(read: Callable[[str, str], list[Cue]], path: str) -> None:
    text = (FIXTURES / path).read_text(encoding="utf-8")
    whole, refused = read(text, "x"), 0
    for length in range(len(text)):
        try:
            found = read(text[:length], "x")
        except SourceError as error:
            refused += 1
            assert str(error).startswith("x, line ")
            assert "xport it again" in str(error) or "It is not SRT" in str(error) or "WEBVTT" in str(error)
        else:
            assert [cue.start_s for cue in found] == [cue.start_s for cue in whole[: len(found)]]
    assert refused > 100


@pytest.mark.parametrize(
    ("module", "name", "content", "message"),
    [
        (webvtt, "a.vtt", b"1\n00:01.000 --> 00:02.000\nx\n", r"a\.vtt, line 1: it does not begin with WEBVTT"),
        (webvtt, "a.vtt", b"WEBVTT\n\n00:01.000 -> 00:02.000\nx\n", r"a\.vtt, line 3: neither a cue"),
        (webvtt, "a.vtt", b"WEBVTT\n\nNOTE nothing\n", r"a\.vtt: no cue with words"),
        (webvtt, "a.vtt", b"", r"a\.vtt: the file is empty"),
        (webvtt, "a.vtt", "WEBVTT\n\né".encode("cp1252"), r"a\.vtt, line 3: not utf-8-sig\. Save it as UTF-8"),
        (srt, "a.srt", b"hello\n", r"a\.srt, line 1: no line such as"),
        (srt, "a.srt", b"1\n00:00:01,000 --> 00:00:02,000\nx\n\n2\n00:00:03,0", r"a\.srt, line 6: a time is cut off"),
        (srt, "a.srt", b"1\n00:00:01,000 --> 00:00:02,000\nx\n\n2", r"a\.srt, line 5: the file is cut off"),
    ],
)
def test_a_bad_file_is_refused_by_line_with_a_remedy(
    tmp_path: Path, module: object, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message):
        list(module.read(path))  # type: ignore[attr-defined]


def test_word_cues_become_sentences_and_pauses_part_them() -> None:
    words = [Cue(0.4, 1.1, "Dis-moi,"), Cue(1.3, 1.5, "il vole ?"), Cue(1.6, 2.0, "Oui"), Cue(9.0, 9.5, "non")]
    assert [turn["text"] for turn in turns_of(words)] == ["Dis-moi, il vole ?", "Oui", "non"]


def test_a_colon_in_a_sentence_is_no_speaker() -> None:
    cues = [Cue(n, n + 0.5, text) for n, text in enumerate(["Bonjour.", "Voilà.", "Mon problème : rien ne marche."])]
    assert not any("label" in turn for turn in turns_of(cues))


def test_utf16_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "2026-10-03.vtt"
    path.write_bytes("WEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\n<v Client>été</v>\r\n".encode("utf-16"))
    assert next(webvtt.read(path)).data["turns"][0]["text"] == "été"
