from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError
from insights.irritants.assign import Assigner
from insights.topics.vectors import unit


def texts(n: int = 60, seed: int = 0) -> tuple[np.ndarray, list[str], list[str]]:
    """Three causes in two languages: vectors (3n, 32), languages, irritant ids."""
    draw = np.random.default_rng(seed)
    centres = unit(np.random.default_rng(99).normal(size=(3, 32)))
    own = np.repeat(np.arange(3), n)
    languages = ["fr" if one else "en" for one in draw.random(3 * n) < 0.7]
    shift = np.where(np.array(languages) == "fr", 0.4, -0.4)[:, None] * np.eye(1, 32)
    vectors = unit(centres[own] + shift + 0.08 * draw.normal(size=(3 * n, 32)))
    return vectors, languages, [f"IR-000{one + 1}" for one in own]


VECTORS, LANGUAGES, IDS = texts()
FITTED = Assigner.fit(VECTORS, LANGUAGES, IDS, "encoder-1")


def test_new_texts_go_to_their_irritant_in_either_language() -> None:
    vectors, languages, ids = texts(seed=1)
    found, confidence = FITTED.assign(vectors, languages)
    placed = found != UNCLASSIFIED
    assert np.mean(~placed) <= 0.10
    assert np.mean(found[placed] == np.array(ids)[placed]) > 0.98
    assert ((confidence >= 0) & (confidence <= 1)).all()


def test_what_is_far_from_all_stays_unclassified() -> None:
    strange = unit(np.random.default_rng(7).normal(size=(80, 32)))
    found, _ = FITTED.assign(strange, ["fr"] * 80)
    assert np.mean(found == UNCLASSIFIED) > 0.7


def test_unclassified_texts_teach_nothing() -> None:
    extra = unit(np.random.default_rng(7).normal(size=(50, 32)))
    both = Assigner.fit(
        np.vstack([VECTORS, extra]), LANGUAGES + ["fr"] * 50, IDS + [UNCLASSIFIED] * 50, "encoder-1", FITTED.centre
    )
    assert both.irritant_ids == FITTED.irritant_ids
    assert np.allclose(both.centres, FITTED.centres)
    with pytest.raises(ModelError, match="No irritant"):
        Assigner.fit(extra, ["fr"] * 50, [UNCLASSIFIED] * 50, "encoder-1")


def test_blocks_do_not_change_an_assignment(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = FITTED.assign(VECTORS, LANGUAGES)
    monkeypatch.setattr("insights.irritants.assign.BLOCK", 17)
    parts = FITTED.assign(VECTORS, LANGUAGES)
    assert np.array_equal(whole[0], parts[0])
    assert np.allclose(whole[1], parts[1], atol=1e-6)


def test_saved_and_loaded_assign_alike_under_one_version(tmp_path: Path) -> None:
    FITTED.save(tmp_path)
    loaded = Assigner.load(tmp_path)
    assert (loaded.version, loaded.encoder_version) == (FITTED.version, "encoder-1")
    assert np.array_equal(loaded.assign(VECTORS, LANGUAGES)[0], FITTED.assign(VECTORS, LANGUAGES)[0])
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".npz"]


def test_version_changes_with_the_texts() -> None:
    assert Assigner.fit(VECTORS[1:], LANGUAGES[1:], IDS[1:], "encoder-1").version != FITTED.version


def test_files_of_two_fits_are_refused(tmp_path: Path) -> None:
    FITTED.save(tmp_path)
    told = json.loads((tmp_path / "assigner.json").read_text())
    (tmp_path / "assigner.json").write_text(json.dumps({**told, "version": "nearness-00000000"}))
    with pytest.raises(ModelError, match="not of one fit"):
        Assigner.load(tmp_path)
    with pytest.raises(ModelError, match="cannot be read"):
        Assigner.load(tmp_path / "nowhere")


def test_an_irritant_of_one_text_does_not_break_the_fit() -> None:
    fitted = Assigner.fit(VECTORS[:61], LANGUAGES[:61], IDS[:61], "encoder-1")
    assert fitted.irritant_ids == ("IR-0001", "IR-0002")
    assert np.isfinite(fitted.thresholds).all()
