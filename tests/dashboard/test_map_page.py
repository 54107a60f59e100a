"""The map of the irritants, its twin as a table, and the marks of what happened."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from dashboard_app import words_of

from dashboard import charts, event_marks, irritant_map
from dashboard.decided import decided, marked
from dashboard.event_marks import model_changes, spoken
from dashboard.format import Format
from dashboard.irritant_map import near_to
from dashboard.map_charts import PICK, bubbles, named
from insights.steps.mapping import keep_map, map_path

EVENTS = """
events:
  - {id: hours, kind: price, fr: Heures creuses changées, en: Off-peak hours moved, start_on: 2026-10-05, words: [heures]}
  - {id: app, kind: release, fr: Nouvelle appli, en: New app, start_on: 2026-09-07, products: [Pro]}
  - {id: cold, kind: incident, fr: Grand froid, en: Cold spell, start_on: 2026-01-05, end_on: 2026-09-20}
"""


@pytest.fixture
def page(page_of, places, tmp_path):
    """The company with a discovery, and events of its own."""
    (tmp_path / "events.yaml").write_text(EVENTS)
    return page_of(places("learned").model_copy(update={"reference_dir": tmp_path}), "en")


def test_the_map_says_the_same_as_its_table_and_what_is_alike(app, places):
    page = app(places("learned"), "map", "en", irritant="IR-0003")
    assert not page.exception
    rows = page.dataframe[0].value
    assert len(rows) == 6
    assert rows["Mentions"].is_monotonic_decreasing
    assert page.metric[0].value == "6"
    assert page.selectbox(key="irritant").value == "IR-0003"
    assert "**Off-peak hours moved** — No theme" in words_of(page)


def test_before_a_discovery_the_map_says_what_to_do(app, places):
    assert "There is no map yet" in words_of(app(places("full"), "map", "en"))


def test_an_irritant_knows_what_it_is_close_to(page):
    found = irritant_map.irritant_map(page)
    assert found is not None
    assert set(found.near) == set(found.ids) == {f"IR-{n:04d}" for n in range(1, 7)}
    assert all(cosine >= irritant_map.NEAR for _, cosine in near_to(page, "IR-0001"))


def test_the_next_map_starts_from_the_places_of_the_last(page, tmp_path):
    mine = page.settings.model_copy(update={"data_dir": tmp_path})
    assigner = irritant_map.assigner_now(page.settings)
    map_path(mine).parent.mkdir(parents=True)
    keep_map(mine, assigner, page.registry)
    first = map_path(mine).read_text()
    keep_map(mine, assigner, page.registry)
    assert [round(x, 2) for x in _places(first)] == [round(x, 2) for x in _places(map_path(mine).read_text())]


def _places(text):
    import json

    return [x for place in json.loads(text)["places"].values() for x in place]


def test_a_bubble_can_be_clicked_and_names_never_cover_each_other():
    frame = pd.DataFrame(
        {
            "irritant_id": ["IR-1", "IR-2", "IR-3"],
            "x": [0.0, 0.01, 1.0],
            "y": [0.0, 0.01, 1.0],
            "name": ["A long name of a cause", "Another long name", "Far away"],
            "theme_id": ["TH-02", "TH-01", "TH-01"],
            "theme": ["B", "A", "A"],
            "n_mentions": [10, 20, 5],
            "near": ["–", "–", "–"],
        }
    )
    assert named(frame) == [False, True, True]
    assert named(frame, "IR-1") == [True, False, True], "the chosen one keeps its name"
    spec = bubbles(frame, Format("fr", "Europe/Paris"), chosen="IR-1", titles=("i", "t", "m"), near_title="n")
    assert [one["name"] for one in spec["params"]] == [PICK]
    points = spec["layer"][0]["encoding"]
    assert points["color"]["scale"]["domain"] == points["shape"]["scale"]["domain"] == ["A", "B"], "never colour alone"


def test_a_trend_is_marked_with_what_concerns_it(page):
    since, until = date(2026, 5, 4), date(2026, 10, 31)
    everything = event_marks.event_marks(page, since, until)
    assert everything["label"].tolist() == ["New app", "End: Cold spell", "Off-peak hours moved"]
    hours = event_marks.event_marks(page, since, until, irritant="IR-0003")
    assert hours["sign"].tolist().count("model") == 1
    assert "Model, 26/10/2026: the discovery moved +3 mentions of four weeks" in spoken(page, hours)
    assert "Prices, 05/10/2026: Off-peak hours moved" in spoken(page, hours)
    other = event_marks.event_marks(page, since, until, irritant="IR-0002", products=["Home"])
    assert other["label"].tolist() == ["End: Cold spell"], "neither what names another irritant nor another product"


def test_a_discovery_that_moved_nothing_is_no_mark(page):
    assert model_changes(page, "IR-0002", date(2026, 5, 4), date(2026, 10, 31)) == []
    [found] = model_changes(page, "IR-0003", date(2026, 5, 4), date(2026, 10, 31))
    assert found["customers"] + found["model"] == found["n_now"] - found["n_seen_before"]


def test_marks_stand_in_the_charts_over_time(page):
    marks = event_marks.event_marks(page, date(2026, 9, 1), date(2026, 10, 31))
    weeks = pd.DataFrame({"week": [date(2026, 10, 5)], "n_mentions": [4], "partial": [False]})
    spec = charts.weekly(weeks, page.fmt, count_title="n", week_title="w", partial_title="p", marks=marks)
    drawn = [row for rows in spec["datasets"].values() for row in rows if "told" in row]
    assert {row["label"] for row in drawn} == set(marks["label"])
    assert {row["at"][:10] for row in drawn} >= {"2026-10-05", "2026-09-07"}, "on the week they fell in"


def test_the_words_that_decided_are_marked_and_the_rest_is_escaped(page):
    text = "J'ai attendu quarante minutes au téléphone avant d'avoir quelqu'un"
    [spans] = decided(page, [(text, "fr", "IR-0002")])
    assert spans
    shown = marked("a *b* wait\nhere", ((6, 10),))
    assert shown == "a \\*b\\* **:primary-background[wait]**  \nhere"
    assert decided(page, [(text, "fr", "IR-0099")]) == [()]
