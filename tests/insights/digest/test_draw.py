"""Pictures come from a process of their own that may end without harm."""

from __future__ import annotations

from collections.abc import Iterator

import altair as alt
import pandas as pd
import pytest

from insights.digest.draw import Painter
from insights.errors import DeliveryError

PNG = b"\x89PNG\r\n"
SPEC = alt.Chart(pd.DataFrame({"x": [1, 2], "y": [3, 4]})).mark_line().encode(x="x:Q", y="y:Q").to_dict()


@pytest.fixture
def painter() -> Iterator[Painter]:
    own = Painter()
    yield own
    own.close()


def test_the_renderer_stays_for_the_next_picture_and_draws_it_alike(painter: Painter) -> None:
    first = painter.png(SPEC, 1.0)
    process = painter._process
    assert first.startswith(PNG)
    assert painter.png(SPEC, 1.0) == first
    assert painter._process is process


def test_a_renderer_that_ended_is_started_anew(painter: Painter) -> None:
    first = painter.png(SPEC, 1.0)
    assert painter._process is not None
    painter._process.kill()
    painter._process.wait()
    assert painter.png(SPEC, 1.0) == first


def test_what_cannot_be_drawn_is_told_after_two_tries(painter: Painter, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DeliveryError, match="ended with code 1, twice"):
        painter.png({"mark": {"type": "no such mark"}, "encoding": 3}, 1.0)
    assert painter.png(SPEC, 1.0).startswith(PNG), "the next picture is drawn"
    assert "Traceback" in capfd.readouterr().err
