"""Whatever a payload holds: one bad row is one bad row, a bad file is a sentence, and the good rows arrive."""

from __future__ import annotations

import copy
import json
import math
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loading import FIXTURES, load, source

from insights.errors import SourceError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.sources import RawRecord, RecordSource, registry
from insights.sources.base import Hook
from insights.sources.clean import storable
from insights.sources.options import NO_OPTIONS, load_options
from insights.steps.ingest import parse_all

OPTIONS = load_options(FIXTURES)
NAMES = [name for name, found in registry().items() if isinstance(found, RecordSource)]
HOOKED = [name for name in NAMES if source(name).hook is not None]
HOSTILE: list[Any] = [
    None, True, False, 0, -1, 10**30, 1e308, math.inf, math.nan, "", " ", "\x00", "a\x00b", "\ud800", "\udfff\ud800",
    "\u202egnimocni", "\ufeff", "'; DROP TABLE feedback;--", "<script>alert(1)</script>", "1e400", "-0", "٣", "²",
    "99999-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30", "9" * 5000,
    "é" * 300_000, [], {}, [None], {"": None}, [[[]]], {"value": {"value": []}}, ["a", 1, None, {}], {"\x00": "\ud800"},
]  # fmt: skip


def nested(depth: int) -> Any:
    out: Any = "deep"
    for level in range(depth):
        out = [out] if level % 2 else {"data": out}
    return out


HOSTILE += [nested(60), nested(900)]
MANY = settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def fixture_files(name: str) -> list[Path]:
    folder = FIXTURES / name.removeprefix("lumarelle_")
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "expected.json"]


def is_read(name: str, path: Path) -> bool:
    """Whether the source reads this file itself; what lies beside it (a form, a media list) is read with it."""
    return any(path.match(Path(pattern).name) for pattern in source(name).patterns)


@lru_cache
def records(name: str) -> tuple[RawRecord, ...]:
    """Records of the source's fixtures."""
    return tuple(record for path in fixture_files(name) if is_read(name, path) for record in source(name).read(path))


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a record with each of its keys."""
    if isinstance(data, dict | list):
        for key in list(data) if isinstance(data, dict) else range(len(data)):
            yield data, key
            yield from places(data[key])


def mutated(data: Mapping[str, Any], changes: list[tuple[int, int]]) -> Any:
    """The record with some of its parts dropped, emptied, or replaced by something hostile."""
    out = copy.deepcopy(dict(data))
    for place, what in changes:
        found = list(places(out))
        if not found:
            return out
        holder, key = found[place % len(found)]
        if what % 5 == 0 and isinstance(holder, dict):
            del holder[key]
        elif what % 5 == 1 and isinstance(holder[key], str):
            holder[key] += str(HOSTILE[what % len(HOSTILE)])
        else:
            holder[key] = copy.deepcopy(HOSTILE[what % len(HOSTILE)])
    return out


CHANGES = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 5 * len(HOSTILE))), min_size=1, max_size=4)


@pytest.mark.parametrize("name", NAMES)
@MANY
@given(data=st.data())
def test_a_mutated_record_costs_only_itself(name: str, data: st.DataObject) -> None:
    good, options = records(name), OPTIONS.get(name, NO_OPTIONS)
    expected = [item for item, _ in parse_all(source(name), good, options)[0]]
    chosen = good[data.draw(st.integers(0, len(good) - 1), label="record")]
    bad = RawRecord("bad", 0, mutated(chosen.data, data.draw(CHANGES, label="changes")))
    where = data.draw(st.integers(0, len(good)), label="where")
    items, _, _ = parse_all(source(name), [*good[:where], bad, *good[where:]], options)
    assert [item for item, record in items if record.file != "bad"] == expected
    for item, _ in items:
        storable(item)


@pytest.mark.parametrize("name", NAMES)
@MANY
@given(data=st.data())
def test_a_broken_file_is_a_sentence_or_rows(name: str, data: st.DataObject) -> None:
    files = fixture_files(name)
    read_one = next(path for path in files if is_read(name, path))
    chosen = files[data.draw(st.integers(0, len(files) - 1), label="file")]
    with tempfile.TemporaryDirectory() as folder:
        copied = shutil.copytree(chosen.parent, Path(folder) / "copy")
        (copied / chosen.name).write_bytes(broken(chosen.read_bytes(), data))
        path = copied / (chosen if is_read(name, chosen) else read_one).name
        try:
            found = list(source(name).read(path))
        except SourceError as error:
            assert path.name in str(error) or chosen.name in str(error)
        else:
            parse_all(source(name), found, OPTIONS.get(name, NO_OPTIONS))


def broken(content: bytes, data: st.DataObject) -> bytes:
    """A file cut short, spoiled, in another encoding, or of another kind altogether."""
    how = data.draw(
        st.sampled_from(["cut", "spoil", "insert", "cp1252", "utf-16", "twice", "other", "crlf"]), label="how"
    )
    at = data.draw(st.integers(0, len(content)), label="at")
    junk = data.draw(st.binary(min_size=1, max_size=8), label="junk")
    text = content.decode("utf-8", "replace")
    if how in {"cp1252", "utf-16"}:
        return text.encode(how, "replace")
    if how == "other":
        return data.draw(
            st.sampled_from(
                [b"null", b"[]", b"{}", b"0", b'"a"', b"[[1]]", b"\xff\xfe", b"\n\n", b"[" * 5000, b"1" * 9000]
            )
        )
    return {
        "cut": content[:at],
        "spoil": content[:at] + junk + content[at + len(junk) :],
        "insert": content[:at] + junk + content[at:],
        "twice": content + content,
        "crlf": content.replace(b"\n", b"\r\n"),
    }[how]


@pytest.mark.parametrize("name", HOOKED)
@pytest.mark.parametrize(
    "payload", [None, 0, "a", [], {}, [[]], [None], {"data": 1}, {"items": {}}, nested(900)], ids=range(10)
)
def test_a_posted_payload_of_another_shape_is_refused_in_a_known_way(name: str, payload: Any) -> None:
    hook = source(name).hook
    assert isinstance(hook, Hook)
    try:
        found = list(hook.records(payload))
    except (LookupError, TypeError, AttributeError, ValueError, SourceError):
        return
    chunk = [RawRecord("hook", 1, data) for data in found]
    parse_all(source(name), chunk, OPTIONS.get(name, NO_OPTIONS))
    for body in (b"", b"\xff", b"[" * 9000, b"1" * 9000, json.dumps(payload).encode()):
        assert isinstance(hook.event_key({"webhook-id": "m1"}, body), str)


def test_hostile_strings_pass_the_border_into_the_lake(lake: Lake, ledger: Ledger, tmp_path: Path) -> None:
    """NUL and lone surrogates break Arrow and UTF-8; they reach neither the lake nor the sealed row of the quarantine."""
    template = json.loads((FIXTURES / "survey" / "responses.jsonl").read_text(encoding="utf-8").splitlines()[0])
    changes: list[dict[str, Any]] = [{}]
    changes += [{"comment": value} for value in HOSTILE if isinstance(value, str) and len(value) < 100_000]
    changes += [{"touchpoint": "\ud800"}, {"email": "\x00\udfff"}, {"submitted_at": "\ud800"}, {"\ud800": "\x00"}]
    changes += [
        {"comment": nested(900)},
        {"channel": nested(60), "comment": "\udfff"},
        {"comment": {"a": 1}},
        {"channel": ["x"]},
        {"submitted_at": "9999-12-31T23:59:59Z"},
        {"answers": [{"value": "\ud800"}]},
    ]
    lines = [
        json.dumps({**template, "response_id": f"H{place}", **change}) for place, change in enumerate([*changes, {}])
    ]
    path = tmp_path / "responses.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = load(lake, ledger, path, source("lumarelle_survey"))[0]
    assert report.error == "" and report.n_read == len(lines)
    assert report.n_new + report.n_quarantined + report.n_refused == len(lines)
    kept = set(lake.read("SELECT source_id FROM feedback")["source_id"])
    assert {"H0", f"H{len(lines) - 1}"} <= kept and len(kept) >= len(lines) - 10
    stored = "".join(
        lake.read(f"SELECT * FROM {table}").to_json(date_format="iso") for table in ("feedback", "quarantine")
    )
    assert "\\u0000" not in stored and "\x00" not in stored and "\\ud8" not in stored
