"""The search index follows the lake: what is new, what changed, what left, and nobody's words after an erasure."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from privacy_people import HER, HIM, OWN, copied, moved

from insights.errors import LakeError, ModelError
from insights.lake import Lake, open_lake
from insights.ledger import open_ledger
from insights.privacy import work as works
from insights.privacy.erase import erase, searched_after
from insights.search import Finder, parse
from insights.settings import Settings
from insights.steps.index import alone, brought_up
from insights.topics.encoder import encoder_for

AT = datetime(2026, 10, 1, 9, tzinfo=UTC)
AXES = np.eye(4, dtype=np.float32)


def write(lake: Lake, texts: dict[str, str]) -> None:
    """Enriched feedback: one clause each with a vector of its own."""
    encoder = encoder_for("use-multilingual").version
    names = list(texts)
    base = {"occurred_at": AT, "available_at": AT, "language": "fr"}
    feedback = pd.DataFrame(
        [
            {**base, "feedback_id": name, "source": "t", "source_id": name, "kind": "survey", "verbatim": texts[name],
             "ingested_at": AT} for name in names
        ]
    )  # fmt: skip
    shas = {name: hashlib.sha256(name.encode()).hexdigest() for name in names}
    mentions = pd.DataFrame(
        [
            {**base, "mention_id": f"m{name}", "feedback_id": name, "unit_no": 1, "text": texts[name],
             "text_sha": shas[name], "voice": "customer"} for name in names
        ]
    )  # fmt: skip
    vectors = pd.DataFrame(
        {
            "text_sha": list(shas.values()),
            "encoder_version": encoder,
            "vector": [AXES[n % 4] for n in range(len(names))],
        }
    )
    with lake.write() as writer:
        writer.upsert("feedback", feedback)
        writer.upsert("mention", mentions)
        writer.upsert("embedding", vectors)


def hits(folder: Path, text: str) -> int:
    finder = Finder.load(folder)
    assert finder is not None
    return finder.by_words(parse(text), None, 10).n_all


def test_new_changed_and_removed_verbatims(tmp_path: Path):
    settings = Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys")
    folder = settings.search_dir
    with open_lake(settings) as lake:
        assert brought_up(lake, folder)[:2] == (0, 0)
        write(lake, {"a": "la facture est fausse", "b": "le technicien est venu"})
        assert brought_up(lake, folder)[:2] == (2, 2)
        first = {path.name for path in folder.iterdir()}
        assert brought_up(lake, folder)[1] == 0
        assert {path.name for path in folder.iterdir()} == first  # a second run writes nothing
        finder = Finder.load(folder)
        assert finder is not None and len(finder.by_meaning(AXES[0], None, 1).keys) == 1

        write(lake, {"c": "une facture de plus"})
        assert brought_up(lake, folder)[:2] == (3, 1)
        assert hits(folder, "facture") == 2

        write(lake, {"a": "le conseiller est poli"})  # the source changed it
        assert brought_up(lake, folder)[0] == 3
        assert (hits(folder, "facture"), hits(folder, "conseiller")) == (1, 1)

        with lake.write() as writer:
            for table in ("feedback", "mention"):
                writer.execute(f"DELETE FROM {table} WHERE feedback_id = 'c'")
        assert brought_up(lake, folder)[0] == 2
        assert hits(folder, "facture") == 0
        assert "factur" not in words_of(folder)


def words_of(folder: Path) -> str:
    return " ".join(path.read_text(encoding="utf-8") for path in folder.rglob("terms.json"))


def test_feedback_without_clauses_waits_for_enrich(tmp_path: Path):
    settings = Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys")
    with open_lake(settings) as lake:
        write(lake, {"a": "la facture est fausse"})
        with lake.write() as writer:
            writer.execute("DELETE FROM mention")
        assert brought_up(lake, settings.search_dir)[0] == 0


@pytest.mark.usefixtures("people")
def test_an_erasure_takes_the_words_out_of_the_index(people: Settings, tmp_path: Path):
    with moved(people, tmp_path) as (lake, ledger):
        folder = lake.settings.search_dir
        n_before = brought_up(lake, folder)[0]
        assert "portail" in words_of(folder) and hits(folder, OWN) == 1
        receipt = erase(lake, ledger, HER)
        assert receipt.proven
        assert "portail" not in words_of(folder)
        finder = Finder.load(folder)  # the others are still found
        assert finder is not None and 0 < finder.n_docs < n_before
        held = lake.read("SELECT hash(feedback_id) AS key FROM feedback WHERE customer_id = $id", id=HIM)["key"]
        assert finder.by_words(parse("mot de passe"), np.sort(held.to_numpy(np.uint64)), 5).n_all > 0


def test_an_erasure_waits_for_a_build_and_looks_into_the_index(people: Settings, tmp_path: Path):
    own = copied(people, tmp_path)
    with open_lake(own, lock_seconds=0.1) as lake, open_ledger(own) as ledger:
        folder = own.search_dir
        brought_up(lake, folder)
        held = "SELECT count(*) FROM feedback WHERE customer_id = $id"
        with alone(lake, folder), pytest.raises(LakeError, match="search index"):
            erase(lake, ledger, HER)  # a build under way has read her words already
        assert lake.scalar(held, id=HER) > 0
        work = works.load(ledger.keys, HER)
        assert work is not None
        shutil.copytree(folder, tmp_path / "old")
        assert erase(lake, ledger, HER).proven and lake.scalar(held, id=HER) == 0
        assert searched_after(lake, ledger, work).n_found == 0
        shutil.copytree(tmp_path / "old", folder, dirs_exist_ok=True)
        found = searched_after(lake, ledger, work)
        assert (found.n_found, found.places) == (1, {"search index": 1})


@pytest.mark.faults
def test_an_index_that_cannot_be_written_is_a_warning_of_the_receipt(people: Settings, tmp_path: Path):
    own = copied(people, tmp_path)
    with open_lake(own) as lake:
        brought_up(lake, own.search_dir)
    broken = own.model_copy(update={"encoder": "nobody-has-this"})
    with open_lake(broken) as lake, open_ledger(own) as ledger:
        receipt = erase(lake, ledger, HER)
    assert receipt.proven and "search is slow" in receipt.warnings[0]
    told = json.loads(Path(receipt.path).read_text(encoding="utf-8"))
    assert told["warnings"] == receipt.warnings and "portail" not in words_of(own.search_dir)
    with pytest.raises(ModelError):
        Finder.load(own.search_dir)
    with open_lake(own) as lake, open_ledger(own) as ledger:
        assert erase(lake, ledger, HIM).warnings == []  # the next to come brings it up
    assert hits(own.search_dir, OWN) == 0
