"""`voc scores`: past figures go in, bad rows are named, and what was restated is listed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from insights.lake import open_lake
from insights.settings import Settings

PAST = "mois;indicateur;questionnaire;valeur;n\n2024-03;nps;relational;-9;231\n2024-13;nps;relational;3;232\n"


def test_good_rows_are_kept_and_bad_ones_named(
    settings: Settings, voc_on: Callable[[Settings], Callable[..., Any]], tmp_path: Path
) -> None:
    (tmp_path / "past.csv").write_text(PAST, encoding="utf-8")

    def voc(*arguments: str) -> Any:
        return voc_on(settings)("scores", *arguments)

    done = voc("import", str(tmp_path / "past.csv"))
    assert done.returncode == 1
    assert "REFUSED past.csv, row 3: month '2024-13' is not a month" in done.stdout
    assert "1 row(s) refused" in done.stderr
    assert "Traceback" not in done.stderr
    with open_lake(settings, read_only=True) as lake:
        kept = lake.read("SELECT publication_id, item FROM published").to_numpy().tolist()
    assert kept == [["imported-2024-03", "nps/relational/0-10/(all)"]]
    listed = voc("restated")
    assert (listed.returncode, listed.stdout.strip()) == (0, "No published figure has changed.")
    back = voc("withdraw", "2024-03", "nps/relational/0-10/(all)", "--reason", "typed by mistake")
    assert back.returncode == 0, back.stderr
    with open_lake(settings, read_only=True) as lake:
        assert lake.read("SELECT kind FROM published")["kind"].tolist() == ["withdrawn"]
