"""A mapping below hooks/ makes a webhook of its own; a name that is taken or a file of another kind is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from insights.errors import SignatureError, SourceError
from insights.sources import RawRecord
from insights.sources.json_hook import hook_sources
from insights.sources.options import NO_OPTIONS
from insights.steps.ingest import parse_all

REFERENCE = Path(__file__).parents[3] / "data" / "reference"
FORM: dict[str, Any] = {
    "id": "f1", "sent_at": "2026-03-02T09:00:00Z", "subject": "Facture", "message": "Payée deux fois", "page": "/contact",
    "call_me_back": True, "rating": 2,
    "customer": {"id": "C1", "email": "a@example.org", "phone": "0639980147", "first_name": "Ana"},
}  # fmt: skip


def written(folder: Path, name: str, **changes: Any) -> Path:
    given = yaml.safe_load((REFERENCE / "hooks" / "contact_form.yaml").read_text(encoding="utf-8"))
    path = folder / "hooks" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump({**given, "source": name, **changes}), encoding="utf-8")
    return folder


def test_the_example_reads_a_contact_form() -> None:
    source = hook_sources(REFERENCE)["contact_form"]
    assert source.hook is not None
    found = source.parse(RawRecord("hook", 1, next(iter(source.hook.records(FORM)))), NO_OPTIONS)
    assert (found.source_id, found.feedback["verbatim"]) == ("f1", "Facture\nPayée deux fois")
    assert (found.feedback["recontact"], found.feedback["customer_id"], found.feedback["touchpoint"]) == (
        "yes",
        "C1",
        "/contact",
    )
    assert (found.emails, found.phones, found.names) == (("a@example.org",), ("0639980147",), ("Ana",))
    assert found.answers == ({"question_id": "stars", "metric": "csat", "scale": "1-5", "value": 2.0},)


def test_a_list_of_records_loses_only_its_bad_ones(tmp_path: Path) -> None:
    source = hook_sources(written(tmp_path, "my_tool", records="batch.items"))["my_tool"]
    assert source.hook is not None
    chunk = [
        RawRecord("hook", 1, data)
        for data in source.hook.records({"batch": {"items": [FORM, 5, {}, {**FORM, "id": "f2"}]}})
    ]
    items, rejected, _ = parse_all(source, chunk, NO_OPTIONS)
    assert [item.source_id for item, _ in items] == ["f1", "f2"]
    assert [row.reason for row in rejected] == ["bad_shape", "missing_occurred_at"]


def test_an_unsigned_post_is_refused_and_an_event_is_known_by_its_id_or_body() -> None:
    hook = hook_sources(REFERENCE)["contact_form"].hook
    assert hook is not None
    with pytest.raises(SignatureError):
        hook.verify({}, b"{}", ["s"], datetime.now(UTC))
    hook.verify({"authorization": "Bearer s"}, b"{}", ["old", "s"], datetime.now(UTC))
    assert hook.event_key({"idempotency-key": "e1"}, b"{}") == "e1"
    assert hook.event_key({}, b"{}") == hook.event_key({}, b"{}") != hook.event_key({}, b"[]")


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("typeform", {}, "typeform is a source of its own already"),
        ("mine", {"source": "other"}, "`source` is other"),
        ("mine", {"format": "csv"}, "a hook reads JSON"),
        ("mine", {"colour": 1}, "colour: Extra inputs"),
    ],
)
def test_a_file_that_cannot_be_a_hook_is_refused_by_name(
    tmp_path: Path, name: str, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(SourceError, match=rf"{name}\.yaml.*{message}"):
        hook_sources(written(tmp_path, name, **changes))


def test_without_a_folder_there_are_no_hooks(tmp_path: Path) -> None:
    assert hook_sources(tmp_path) == {}
