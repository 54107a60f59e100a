"""Whatever is fed to a parser: a result or a sentence of ours, never another error, and no row is lost in silence.

Records and files of every source are fuzzed in tests/insights/sources/test_fuzz.py; redaction, clauses and language beside
their own code. Each test has a few examples here and thousands under the marker `faults`.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from dashboard.marking import painted
from insights.access.policy import load_policy
from insights.actions.load import load_actions
from insights.answers.token import LinkError, Token, read, sign
from insights.calendar import load_teams
from insights.cases.complaints import load_complaints
from insights.churn.card import load_card
from insights.contactability.config import load_contact_rules
from insights.digest.owners import load_owners
from insights.errors import SignatureError, VocError
from insights.intake.answers import form_of
from insights.journey import load_journey
from insights.proof.known import load_known
from insights.questionnaires import load_questionnaires
from insights.search.query import parse
from insights.sources import RecordSource, registry
from insights.sources.mapping import load_mapping, mapped_source
from insights.sources.mapping_file import FileMapping
from insights.sources.options import NO_OPTIONS, load_options
from insights.sources.signatures import same, verify_any, verify_hmac, verify_standard, verify_token
from insights.sources.tables import TableSource, read_table
from insights.sources.tables_query import TableMapping
from insights.sources.web import WebClient
from insights.steps.ingest import parse_all
from insights.yaml_files import SAFE

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "data" / "reference"
NOW = datetime(2026, 10, 31, 18, tzinfo=UTC)
often = pytest.mark.parametrize("examples", [25, pytest.param(3000, marks=pytest.mark.faults)])
LOADERS: dict[str, Callable[[Path], Any]] = {
    "access.yaml": load_policy,
    "../reference/demo/actions.yaml": load_actions,
    "teams.yaml": load_teams,
    "complaints.yaml": load_complaints,
    "churn_card.yaml": load_card,
    "contact_rules.yaml": load_contact_rules,
    "owners.yaml": load_owners,
    "journey.yaml": lambda path: load_journey(path.parent),
    "events.yaml": load_known,
    "questionnaires.yaml": lambda path: load_questionnaires(path.parent),
    "sources.yaml": lambda path: load_options(path.parent),
    "hooks/contact_form.yaml": load_mapping,
}
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates(), st.just([]), st.just({}),
    st.lists(st.text(max_size=5), max_size=3), st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)  # fmt: skip
ANY_TEXT = st.text(st.characters(), max_size=200)


def run(examples: int, **given_by: Any) -> Callable[[Callable[..., None]], None]:
    """Run a property now, so many times, each time with what these strategies give."""

    def now(each: Callable[..., None]) -> None:
        hypothesis.settings(
            max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck)
        )(given(**given_by)(each))()

    return now


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every container of a document with each of its keys."""
    if not isinstance(data, dict | list):
        return []
    keys = list(data) if isinstance(data, dict) else range(len(data))
    return [found for key in keys for found in [(data, key), *places(data[key])]]


@often
@pytest.mark.parametrize("name", LOADERS)
def test_a_mutated_reference_file_is_read_or_refused_by_name(name: str, examples: int) -> None:
    text = (REFERENCE / name).read_text(encoding="utf-8")
    file = Path(name).name

    with tempfile.TemporaryDirectory() as folder:

        @run(examples, where=st.integers(0, 10_000), odd=ODD, how=st.sampled_from(["put", "drop", "key", "bytes"]))
        def each(where: int, odd: Any, how: str) -> None:
            path = Path(folder) / file
            if how == "bytes":
                raw = text.encode()
                at = where % len(raw)
                path.write_bytes(raw[:at] + str(odd).encode("utf-8", "replace")[:9] + b"\xff"[: where % 2] + raw[at:])
            else:
                data = yaml.load(text, Loader=SAFE) or {"": None}
                found = places(data)
                holder, key = found[where % len(found)]
                if how == "put":
                    holder[key] = odd
                elif isinstance(holder, dict):
                    value = holder.pop(key)
                    if how == "key":
                        holder[str(odd)] = value
                path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
            try:
                LOADERS[name](path)
            except VocError as error:
                assert file in str(error) or file.removesuffix(".yaml") in str(error)


@often
@pytest.mark.parametrize("model", [FileMapping, TableMapping])
def test_any_mapping_is_taken_or_refused(model: Any, examples: int) -> None:
    @run(
        examples,
        text=st.recursive(ODD, lambda inner: st.dictionaries(st.sampled_from(sorted(model.model_fields)), inner)),
    )
    def each(text: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "mapping.yaml"
            path.write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
            try:
                load_mapping(path)
            except VocError as error:
                assert "mapping.yaml" in str(error)


CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@often
def test_no_row_of_a_csv_file_is_lost_in_silence(examples: int) -> None:
    mapping = {
        "source": "made", "format": "csv", "kind": "survey", "delimiter": ";",
        "fields": {"occurred_at": "at", "verbatim": "said"}, "key": ["id"],
        "answers": [{"column": "score", "metric": "nps", "scale": "0-10"}],
    }  # fmt: skip
    source = mapped_source(FileMapping.model_validate(mapping))
    row = st.tuples(CELL, st.sampled_from(["2026-10-03", "2026-02-30", "hier", "", "9999-12-31"]), CELL, CELL)

    @run(examples, rows=st.lists(st.one_of(row, st.lists(CELL, max_size=6)), min_size=1, max_size=8))
    def each(rows: list[tuple[str, ...] | list[str]]) -> None:
        told = io.StringIO()
        # a lone carriage return ends a line too: with it in the terminator, the writer quotes a cell that holds one
        csv.writer(told, delimiter=";", lineterminator="\r\n").writerows([["id", "at", "said", "score"], *rows])
        n_rows = sum(any(cell.strip() for cell in one) for one in rows)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "made.csv"
            path.write_bytes(told.getvalue().encode())
            try:
                records = list(source.read(path))
            except VocError as error:
                assert "made.csv" in str(error)
                return
        items, rejected, aside = parse_all(source, records, NO_OPTIONS)
        assert len(items) + len(rejected) + sum(aside.values()) == len(records) == n_rows


@often
def test_a_broken_workbook_is_rows_or_a_sentence(examples: int, tmp_path: Path) -> None:
    book = Workbook()
    for number in range(4):
        book.active.append([f"{number}", "2026-10-03", "bonjour", number])
    book.save(tmp_path / "good.xlsx")
    with zipfile.ZipFile(tmp_path / "good.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    fields = {"occurred_at": "2026-10-03", "verbatim": "bonjour"}
    mapping = {"source": "made", "format": "xlsx", "kind": "survey", "fields": fields}
    source = mapped_source(FileMapping.model_validate(mapping))
    path = tmp_path / "made.xlsx"

    @run(
        examples,
        part=st.sampled_from(sorted(parts)),
        at=st.integers(0, 3000),
        junk=st.binary(max_size=9),
        cut=st.integers(0, 9),
    )
    def each(part: str, at: int, junk: bytes, cut: int) -> None:
        with zipfile.ZipFile(path, "w") as made:
            for name, content in parts.items():
                place = at % (len(content) + 1)
                made.writestr(name, content[:place] + junk + content[place + cut :] if name == part else content)
        if cut == 9:
            path.write_bytes(path.read_bytes()[: at * 3])
        try:
            parse_all(source, list(source.read(path)), NO_OPTIONS)
        except VocError as error:
            assert "made.xlsx" in str(error)


@often
@pytest.mark.parametrize("name", ["crm.csv", "crm.parquet"])
def test_a_broken_table_is_rows_or_a_sentence(name: str, examples: int, tmp_path: Path) -> None:
    import pandas as pd

    source = TableSource("made", ("*",), "contact", {"contact_id": "id", "occurred_at": "at"}, delimiter=",")
    frame = pd.DataFrame({"id": ["1", "2", "3"], "at": ["2026-10-03", "x", None], "é": ["a", "b", "c"]})
    path = tmp_path / name
    frame.to_csv(path, index=False) if name.endswith("csv") else frame.to_parquet(path)
    good = path.read_bytes()

    @run(examples, at=st.integers(0, len(good)), junk=st.binary(max_size=9), cut=st.integers(0, 9))
    def each(at: int, junk: bytes, cut: int) -> None:
        path.write_bytes(good[:at] + junk + good[at + cut :])
        try:
            batch = read_table(source, path)
        except VocError as error:
            assert "crm" in str(error)
        else:
            assert len(batch.rows) + len(batch.rejected) <= 50


@often
def test_no_header_opens_a_door_or_breaks_it(examples: int) -> None:
    named = st.sampled_from(
        ["webhook-id", "webhook-timestamp", "webhook-signature", "x-signature", "authorization", "a"]
    )
    checks = [
        lambda h, b: verify_any(h, b, ["whsec_c2VjcmV0LXNlY3JldA=="], NOW),
        lambda h, b: verify_standard(h, b, ["whsec_c2VjcmV0LXNlY3JldA=="], NOW),
        lambda h, b: verify_hmac(h, b, ["s3cret"], header="x-signature", prefix="sha256="),
        lambda h, b: verify_token(h, ["s3cret-of-ours"]),
    ]

    @run(examples, headers=st.dictionaries(named, ANY_TEXT), body=st.binary(max_size=50), which=st.sampled_from(checks))
    def each(headers: dict[str, str], body: bytes, which: Callable[..., None]) -> None:
        with pytest.raises(SignatureError) as refused:
            which(headers, body)
        assert "s3cret" not in str(refused.value)


@often
def test_every_hook_refuses_what_is_not_signed(examples: int) -> None:
    hooks = [one.hook for one in registry().values() if isinstance(one, RecordSource) and one.hook]
    named = st.text(st.characters(codec="ascii"), max_size=20)

    @run(examples, headers=st.dictionaries(named, ANY_TEXT), body=st.binary(max_size=50), hook=st.sampled_from(hooks))
    def each(headers: dict[str, str], body: bytes, hook: Any) -> None:
        with pytest.raises((SignatureError, ValueError, LookupError, TypeError, AttributeError)):
            hook.verify(headers, body, ["s3cret-of-ours:and-more"], NOW)  # what the door takes for « not signed »


@often
def test_no_link_is_good_but_one_of_ours(examples: int) -> None:
    keys = {1: b"k" * 32}
    good = sign(Token("p", "r", "IR-0001", "yes", datetime(2026, 11, 20, tzinfo=UTC)), "a@b.example", keys)
    spoiled = st.builds(
        lambda at, new: good[:at] + new + good[at + len(new) :],
        st.integers(0, len(good)),
        st.text(min_size=1, max_size=3),
    )

    @run(examples, text=st.one_of(ANY_TEXT, spoiled, st.text("ABab01-_", max_size=700)))
    def each(text: str) -> None:
        if text == good:
            return
        with pytest.raises(LinkError):
            read(text, lambda _: "a@b.example", keys, NOW)

    assert read(good, lambda _: "a@b.example", keys, NOW).recipient_id == "r"


@often
def test_whatever_is_searched_is_a_query_and_shown_as_text(examples: int) -> None:
    @run(examples, text=st.one_of(ANY_TEXT, st.text("\"«»-− a'’\x00<>$*:`[]", max_size=60)))
    def each(text: str) -> None:
        found = parse(text)
        assert isinstance(found.meaning, str) and found.wanted is not None
        shown = painted(text, [(0, 3)], [(1, 5)])
        assert "<script" not in shown.replace("\\<", "") and shown.count("<") == shown.count("\\<")


@often
def test_whatever_form_is_posted_is_fields(examples: int) -> None:
    kinds = st.one_of(
        ANY_TEXT, st.just("multipart/form-data; boundary=x"), st.just("application/x-www-form-urlencoded")
    )

    @run(examples, kind=kinds, body=st.one_of(st.binary(max_size=300), st.just(b"--x\r\n\r\n--x--")))
    def each(kind: str, body: bytes) -> None:
        assert all(isinstance(value, str) for value in form_of(kind, body).values())


@often
def test_an_address_of_a_source_is_https_or_refused(examples: int) -> None:
    @run(
        examples,
        text=st.one_of(
            ANY_TEXT, st.from_regex(r"(https?|file|ftp|javascript):/{0,3}[\w.:@\[\]/?#-]{0,30}", fullmatch=True)
        ),
    )
    def each(text: str) -> None:
        try:
            client = WebClient(text, "token")
        except VocError:
            return
        client._http.close()
        assert text.strip().lower().startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]"))


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize(
    "content", [b"# \xe9t\xe9\n", b"a: 2026-02-30\n", b"[" * 5000], ids=["latin-1", "no such day", "deep"]
)
def test_a_reference_file_that_is_no_yaml_is_a_sentence(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / Path(name).name
    path.write_bytes(content)
    with pytest.raises(VocError, match=path.stem):
        LOADERS[name](path)


def test_equal_texts_of_any_kind_are_compared() -> None:
    assert same("\u00e9\ud800", "\u00e9\ud800") and not same("\u00e9", "e")
