"""The learned polarity: what it learns, when it declines, and that it is saved and loaded without a change."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insights.errors import ModelError
from insights.mentions.polarity import PolarityModel, load
from insights.mentions.training import MIN_TEXTS, fit

GLAD = ["le livreur a souri", "casier pratique au bureau"]
SORRY = ["suivi figé ce matin", "colis parti en Belgique hier"]


def fitted(frame: pd.DataFrame, seed: int = 3) -> PolarityModel:
    model = fit(frame["text"].tolist(), frame["language"].tolist(), frame["score"].tolist(), seed)
    assert model is not None
    return model


@pytest.fixture(scope="module")
def model(scored: pd.DataFrame) -> PolarityModel:
    return fitted(scored)


def test_complaints_without_a_word_of_blame_are_learned(model: PolarityModel) -> None:
    polarity, confidence = model.score(GLAD + SORRY, ["fr"] * 4)
    assert (polarity[:2] > 0.25).all()
    assert (polarity[2:] < -0.25).all()
    assert ((confidence > 0.5) & (confidence <= 1)).all()
    assert model.accuracy > 0.95


def test_what_is_said_with_every_score_stays_near_zero(model: PolarityModel) -> None:
    polarity, _ = model.score(
        ["je relève mon courrier", "la boîte est verte", "je voulais connaître la date"], ["fr"] * 3
    )
    assert np.abs(polarity).max() < 0.25


def test_unknown_words_are_left_to_the_lexicon(model: PolarityModel) -> None:
    polarity, _ = model.score(["awful rude clerk", "superb breakfast", "xyzzy"], ["en", "en", "en"])
    assert polarity[0] < -0.5
    assert polarity[1] > 0.5
    assert polarity[2] == pytest.approx(0, abs=0.1)


def test_the_order_of_rows_does_not_matter_and_the_seed_is_the_only_chance(
    scored: pd.DataFrame, model: PolarityModel
) -> None:
    shuffled = scored.sample(frac=1, random_state=1)
    assert fitted(shuffled).version == model.version
    assert fitted(scored.assign(score=1 - scored["score"])).version != model.version


def test_scores_that_contradict_their_words_are_left_out(scored: pd.DataFrame) -> None:
    loud = scored.assign(text=np.where(scored["score"] > 0.5, "super, " + scored["text"], "honteux, " + scored["text"]))
    loud.loc[loud.index[:8], "score"] = 1 - loud.loc[loud.index[:8], "score"]
    assert 4 <= fitted(loud).n_doubted <= 8
    assert fitted(scored).n_doubted == 0


def test_too_few_scores_or_one_sign_leave_the_lexicon(scored: pd.DataFrame) -> None:
    few = scored.iloc[: MIN_TEXTS - 1]
    assert fit(few["text"].tolist(), few["language"].tolist(), few["score"].tolist(), 0) is None
    assert fit(scored["text"].tolist(), scored["language"].tolist(), [1.0] * len(scored), 0) is None
    assert fit([], [], [], 0) is None


def test_a_model_is_the_same_after_saving_and_loading(model: PolarityModel, tmp_path: Path) -> None:
    model.save(tmp_path / "a")
    model.save(tmp_path / "b")
    back = load(tmp_path / "a")
    assert back is not None
    assert back.version == model.version
    np.testing.assert_array_equal(back.score(GLAD + SORRY, ["fr"] * 4)[0], model.score(GLAD + SORRY, ["fr"] * 4)[0])
    for name in ("polarity.npz", "polarity.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert load(tmp_path / "nowhere") is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"temperature": 9.0}, "does not match its card"),
        ({"layout": "9-9"}, "other rules"),
        ({"words": None}, "cannot be read|card"),
    ],
)
def test_a_model_that_was_touched_is_refused(
    model: PolarityModel, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    model.save(tmp_path)
    card = tmp_path / "polarity.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | change))
    with pytest.raises(ModelError, match=said):
        load(tmp_path)


def test_a_model_cut_short_is_refused(model: PolarityModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    arrays = tmp_path / "polarity.npz"
    arrays.write_bytes(arrays.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be read"):
        load(tmp_path)
