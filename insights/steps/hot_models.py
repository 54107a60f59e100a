"""The models of the hot path, loaded once and read again when the scheduled steps have fitted new ones."""

from __future__ import annotations

import pandas as pd

from insights.errors import ModelError
from insights.irritants.assign import Assigner
from insights.ledger import Ledger
from insights.mentions import polarity as polarities
from insights.mentions.polarity import LexiconPolarity, Polarity
from insights.redaction import Redactor
from insights.settings import Settings
from insights.steps.assigning import assigned_rows, assigner_path
from insights.steps.fresh import Fresh
from insights.steps.reading import BLAMED
from insights.steps.redacting import redactor_for
from insights.topics.encoder import encoder_for

NAMES_SECONDS = 1800.0


class Models:
    """Redactor, polarity, encoder and assigner. What has not been fitted yet is left to the scheduled steps."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self._redactor = Fresh(
            [ledger.keys.folder / "names.key"], lambda: redactor_for(ledger, settings), NAMES_SECONDS
        )
        self._encoder = encoder_for(settings.encoder, settings.threads)
        folder, irritants = settings.models_dir / "polarity", assigner_path(settings)
        self._polarity: Fresh[Polarity] = Fresh([folder / "polarity.npz"], lambda: _polarity(settings))
        self._assigner = Fresh(
            [irritants / "assigner.npz", irritants / "assigner.json"],
            lambda: _assigner(settings, self._encoder.version),
        )

    @property
    def redactor(self) -> Redactor:
        """Knows the CRM's names as they were half an hour ago at most; a row's own customer is asked for each time."""
        return self._redactor.get()

    @property
    def polarity(self) -> Polarity:
        return self._polarity.get()

    def vectors(self, mentions: pd.DataFrame) -> pd.DataFrame:
        """Rows of `embedding` for the distinct texts that can name an irritant."""
        texts = mentions[mentions["type"].isin(BLAMED)].drop_duplicates("text_sha")
        if texts.empty:
            return pd.DataFrame(columns=["text_sha", "encoder_version", "vector"])
        vectors = self._encoder(list(texts["text"]))
        return pd.DataFrame(
            {
                "text_sha": texts["text_sha"].to_numpy(),
                "encoder_version": self._encoder.version,
                "vector": list(vectors),
            }
        )

    def assigned(self, mentions: pd.DataFrame, vectors: pd.DataFrame) -> pd.DataFrame:
        """Rows of `mention_irritant` for these mentions; none before the first discovery."""
        assigner = self._assigner.get()
        found = mentions[mentions["type"].isin(BLAMED)].merge(vectors, on="text_sha")
        if assigner is None or found.empty:
            return pd.DataFrame(columns=["mention_id", "irritant_id", "confidence", "model_version"])
        return assigned_rows(assigner, found)


def _polarity(settings: Settings) -> Polarity:
    """The company's own model; the lexicon until `enrich` has fitted one."""
    try:
        return polarities.load(settings.models_dir / "polarity") or LexiconPolarity()
    except ModelError:
        return LexiconPolarity()


def _assigner(settings: Settings, encoder_version: str) -> Assigner | None:
    """The accepted irritants, when they were fitted with this encoder and can be read."""
    try:
        found = Assigner.load(assigner_path(settings))
    except ModelError:
        return None
    return found if found.encoder_version == encoder_version else None
