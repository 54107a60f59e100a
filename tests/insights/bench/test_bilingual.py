from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from insights.bench.bilingual import FOLDER, agreement, measured, p_at_1, parallel, sentences
from insights.errors import ModelError


def test_agreement_sees_topics_that_are_languages() -> None:
    shared, split = agreement(np.array([0, 0, 1, 1, 0, 0, 1, 1])), agreement(np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    assert (shared.with_language, shared.together, shared.by_chance) == pytest.approx((0.0, 1.0, 0.5))
    assert (split.with_language, split.together, split.by_chance) == pytest.approx((1.0, 0.0, 0.0))
    assert agreement(np.array([-1, 0, -1, 0])).together == 0.5


def test_retrieval_counts_the_first_place_only() -> None:
    rows = np.eye(4, dtype=np.float32)
    assert p_at_1(rows, rows[[0, 1, 3, 2]]) == 0.5


def test_sentences_and_pairs(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(b"Le\tO\t-\r\nservice\tB-TARGET\t-\r\n\r\n\r\nOui\tO\t-\r\n")
    assert sentences(path) == ["Le service", "Oui"]
    twice = ["le service est lent", "le service est lent", "oui"]
    assert parallel(twice, ["the service is slow", "service here is slow", "yes"]) == [
        (twice[0], "the service is slow")
    ]
    with pytest.raises(ModelError, match="3 French and 1 English"):
        parallel(twice, ["yes"])


def test_figures_on_real_parallel_texts(shared_data: Path) -> None:
    if not FOLDER.exists():
        pytest.skip(f"{FOLDER} is absent")
    pairs = parallel(sentences(FOLDER / "Nayla.DeepL.test.tsv"), sentences(FOLDER / "en.absa.test.tsv"))[:150]
    found = {one.name: one for one in measured([one for one, _ in pairs], [two for _, two in pairs], "part")}
    assert found["P@1 of French to English"].value > 0.9
    assert found["NMI of our topics with language"].value < 0.05
    assert found["pairs in one of our topics"].value > 3 * (found["pairs in one of our topics"].rival_value or 1)
