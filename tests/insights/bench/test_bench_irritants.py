from __future__ import annotations

import itertools

import pytest

from insights.bench.irritants import bench_irritants
from insights.errors import ModelError

CAUSES = {
    "refund": (("j'attends", "je réclame", "où est"), ("mon remboursement", "le remboursement dû", "mon avoir")),
    "phone": (("attente au téléphone", "personne au téléphone", "téléphone occupé"), ("encore", "ce matin", "partout")),
    "app": (
        ("application en panne", "l'application plante", "bug de l'application"),
        ("au login", "ici", "à l'accueil"),
    ),
}
TEXTS = [
    f"{a} {b} {c}" for parts in CAUSES.values() for a, b in itertools.product(*parts) for c in ("hier", "", "vite")
]
LABELS = [cause for cause, parts in CAUSES.items() for _ in range(3 * len(list(itertools.product(*parts))))]


def test_ours_is_judged_beside_its_rival_on_the_same_texts() -> None:
    found = bench_irritants(TEXTS, LABELS, seeds=2, languages=["fr"] * len(TEXTS), resolution=0.5)
    assert (found["n_texts"], found["n_labels"]) == (81, 3)
    for side in ("ours", "kmeans"):
        assert set(found[side]) == {
            "nmi", "ari", "n_topics", "share_unclassified", "seconds", "docs_per_second",
        }  # fmt: skip
        assert set(found[side]["nmi"]) == {"mean", "sd"}
    assert found["ours"]["nmi"]["mean"] > 0.8
    assert found["ours"]["share_unclassified"] <= 0.10
    assert found["kmeans"]["n_topics"] == 3
    assert found["resolution"] == [0.5, 0.5]
    assert found["assigned"]["share_unclassified"] < 0.3
    shares = [found["doubt"][f"share_{name}"] for name in ("never_doubted", "rescued", "left_out")]
    assert sum(shares) == pytest.approx(1.0)
    assert found["doubt"]["precision_never_doubted"] > 0.9


def test_texts_without_a_label_are_clustered_and_not_judged() -> None:
    labels = [None if label == "app" else label for label in LABELS]
    found = bench_irritants(TEXTS, labels, seeds=1, languages=["fr"] * len(TEXTS), resolution=0.5, rivals=())
    assert (found["n_texts"], found["n_labels"]) == (81, 2)
    assert found["ours"]["nmi"]["mean"] > 0.8
    assert 0 <= found["doubt"]["unlabelled_left_out"] <= 1


def test_wrong_labels_are_not_agreed_with() -> None:
    mixed = [LABELS[(7 * row) % len(LABELS)] for row in range(len(LABELS))]
    found = bench_irritants(TEXTS, mixed, seeds=1, languages=["fr"] * len(TEXTS), resolution=0.5, rivals=())
    assert found["ours"]["ari"]["mean"] < 0.2
    assert "kmeans" not in found


@pytest.mark.parametrize(
    ("texts", "labels", "rivals", "words"),
    [
        (TEXTS, LABELS[:-1], ("kmeans",), "one label per text"),
        (["un", "deux"], ["a", "b"], ("kmeans",), "too few"),
        (TEXTS, LABELS, ("oracle",), "Unknown rival oracle"),
    ],
)
def test_what_cannot_be_judged_is_said(
    texts: list[str], labels: list[str], rivals: tuple[str, ...], words: str
) -> None:
    with pytest.raises(ModelError, match=words):
        bench_irritants(texts, labels, rivals=rivals)
