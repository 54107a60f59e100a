"""What fails is a sentence with a reference, in a callback as on a page; nobody sees a trace."""

from __future__ import annotations

import ast
from pathlib import Path

from dashboard_app import ROOT
from streamlit.testing.v1 import AppTest

from dashboard import data, guard
from dashboard.data import open_store
from insights.errors import LakeError

CALLBACKS = ("on_click", "on_change", "on_select")


def failing() -> None:
    import streamlit as st

    from dashboard import guard

    def fall() -> None:
        raise ValueError("le secret")

    guard.guarded(lambda: st.button("ici", on_click=guard.safely(fall)), "fr", lambda _error: None)


def test_a_callback_that_fails_leaves_the_page_standing_under_a_sentence(caplog):
    test = AppTest.from_function(failing, default_timeout=60).run()
    test.button[0].click().run()
    assert not test.exception and len(test.button) == 1
    [error] = test.error
    assert error.value.startswith("Cela n'a pas fonctionné.") and "secret" not in error.value
    reference = error.value.rstrip(".").split()[-1]
    assert f"callback failed, reference {reference}" in caplog.text and "le secret" in caplog.text
    assert not test.run().error, "the sentence stands once"


def refused() -> None:
    import streamlit as st

    from dashboard import guard
    from dashboard.data import open_store, reopened
    from insights.settings import default_settings

    settings = default_settings()
    guard.guarded(
        lambda: st.table(open_store(settings).rows("SELECT le_secret FROM feedback")),
        "fr",
        lambda error: reopened(settings, error),
    )


def test_a_query_that_fails_shows_no_sql_and_leaves_the_others_their_lake(environment, places, caplog):
    settings = places("full")
    environment(settings)
    before = open_store(settings)
    test = AppTest.from_function(refused, default_timeout=60).run()
    assert len(test.error) == 1 and "le_secret" in caplog.text
    shown = [one.value for one in test.text]
    assert shown and not [one for one in shown if "le_secret" in one or "SELECT" in one]
    reference = shown[0].rstrip(")").split("(")[-1]
    assert f"reference {reference}" in caplog.text
    after = open_store(settings)
    assert after.whole_lake is before.whole_lake and after.ledger is before.ledger


def test_a_connection_that_broke_is_the_only_one_dropped(environment, own_ledger):
    settings = own_ledger("full")
    before = open_store(settings)
    before.whole_lake.close()
    data.reopened(settings, LakeError("The lake could not answer."))
    after = open_store(settings)
    assert after.whole_lake is not before.whole_lake and after.ledger is before.ledger
    assert after.rows("SELECT count(*) AS n FROM feedback")["n"].iloc[0] > 0


def unguarded(path: Path) -> list[str]:
    """Callbacks of widgets that neither `safely` wraps nor Streamlit owns."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg in CALLBACKS:
            said = ast.unparse(node.value)
            if not said.startswith((f"{guard.safely.__name__}(", "st.log", "'")):
                found.append(f"{path.relative_to(ROOT)}:{node.value.lineno} {node.arg}={said}")
    return found


def test_every_callback_of_the_pages_is_guarded():
    offences = [one for path in sorted((ROOT / "dashboard").rglob("*.py")) for one in unguarded(path)]
    assert not offences, "wrap them in dashboard/guard.py safely:\n" + "\n".join(offences)
