"""A post the intake does not take."""

from __future__ import annotations

from collections.abc import Mapping


class Refused(Exception):
    """Status, a code for the figures, a sentence for people."""

    def __init__(self, status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.sentence, self.headers = status, code, sentence, headers
