"""What an adviser, a product owner, a director and an administrator do in a first week, in French and in English."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest

from insights.alarms.incidents import fold_incidents
from insights.cases import fold_cases
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.steps import actions, comments
from insights.steps.resolved import registry

pytestmark = pytest.mark.journeys
MAIN = "[data-testid=stMain]"
ADVISER = {"fr": "Nadia", "en": "Amina"}
TODO = {"fr": "Refondre le courrier qui annonce le changement", "en": "Rewrite the letter that announces the change"}
OWNER = "PO Offres & prix"
PO = {"fr": "Inès", "en": "Kate"}
IRRITANT = "IR-0019"
ASKED = {"fr": "Est-ce faisable avant décembre ?", "en": "Can this be done before December?"}
NOW = "SELECT count(*) FROM quarantine"


def test_an_adviser_takes_a_case_to_its_outcome_in_three_clicks(somebody, demo):
    me = somebody("adviser")
    me.home()
    me.on("Callbacks")
    waiting = int(me.figure())
    me.names(ADVISER[me.language])
    me.pictures("adviser_1_queue")
    before = _closed(demo)
    me.clicks("Take the next case")  # one
    me.pictures("adviser_2_case")
    me.picks("problem solved")  # two
    me.clicks("Save")  # three
    me.pictures("adviser_3_done")
    new = {name: case for name, case in _closed(demo).items() if name not in before}
    assert [(one.outcome, one.assignee) for one in new.values()] == [("solved", ADVISER[me.language])]
    assert int(me.figure()) == waiting - 1


def test_an_adviser_reads_the_customer_before_calling(somebody):
    me = somebody("adviser")
    me.home()
    me.on("Callbacks")
    me.chooses("Case", "C00")  # one whose customer is known
    me.turns_to("Playbook")
    me.pictures("adviser_4_playbook", at="Case")
    me.takes_link("The customer's whole history")
    me.on("One customer")
    assert re.fullmatch(r"C\d{7}", me.asked()["customer"][0])
    assert int(me.figure()) >= 1  # the callback itself
    me.pictures("adviser_5_history")


def test_an_adviser_changes_no_irritant_and_erases_nobody(somebody):
    me = somebody("adviser")
    me.opens("registry")
    me.names("Amina")
    assert me.tab.get_by_role("button", name=me.word("Save the changes")).is_disabled()
    me.opens("data?part=person")
    assert me.word("Erase this person") not in me.text()


def test_an_adviser_reads_what_an_alarm_was(somebody, demo):
    with open_ledger(demo) as ledger:
        known = fold_incidents(ledger.events(kinds=("incident.",)))
    me = somebody("adviser")
    me.home()
    me.goes("Alarms")
    me.on("Alarms")
    me.sees("Past incidents")
    me.picks("All irritants together too")
    me.pictures("adviser_6_alarms")
    assert me.asked()["kind"] == ["all"]
    newest = max(known.values(), key=lambda one: one.raised_at)
    me.opens(f"alarms?incident={newest.incident_id}")
    said = {"fr": f"{newest.n_authors} personnes", "en": f"{newest.n_authors} people"}[me.language]
    assert said in me.text()


def test_an_owner_declares_an_action_on_a_priority_and_asks_a_colleague(somebody, demo):
    """Declared where the need is seen, found on the board, discussed; the colleague is led to it from the week."""
    me, colleague = somebody("owner"), somebody("analyst")
    me.home()
    me.on("Priorities")
    me.pictures("owner_1_priorities")
    me.names(PO[me.language])
    me.unfolds("Declare an action")
    me.chooses("Irritant", _label(demo, me.language))
    me.writes("What will be done", TODO[me.language])
    me.chooses("Owner", OWNER)
    me.pictures("owner_2_declare", at="What will be done")
    before = _actions(demo)
    me.clicks("Declare it")
    new = [one for name, one in _actions(demo).items() if name not in before]
    told = [(one.title, one.state, one.irritant_id, one.owner) for one in new]
    assert told == [(TODO[me.language], "planned", IRRITANT, OWNER)]
    me.goes("Actions")
    me.on("Actions")
    me.pictures("owner_3_board")
    me.tab.locator(f"{MAIN} [data-testid=stVerticalBlock]", has_text=TODO[me.language]).last.get_by_role(
        "button", name=me.word("Open")
    ).first.click()
    me.settled()
    assert me.asked()["action"] == [new[0].action_id]
    me.writes("Write to your colleagues", ASKED[me.language])
    me.chooses("Tell", OWNER)
    me.tab.keyboard.press("Escape")
    me.clicks("Write it")
    me.pictures("owner_4_comment", at="Write to your colleagues")
    _called(colleague, OWNER, new[0].action_id, ASKED[me.language])
    with open_ledger(demo) as ledger:
        assert [one.about_id for one in comments.unread(ledger, OWNER)] == [new[0].action_id]
    colleague.clicks("I have read it")
    with open_ledger(demo) as ledger:
        assert comments.unread(ledger, OWNER) == []


def _called(colleague, name: str, action_id: str, said: str) -> None:
    """Who was called tells their name, opens the week, and is one click from what was said."""
    colleague.opens("registry")
    colleague.names(name)
    colleague.goes("Week at a glance")
    colleague.on("Week at a glance")
    colleague.pictures("owner_5_for_you")
    colleague.tab.locator(MAIN).get_by_role("link", name=TODO[colleague.language]).first.click()
    colleague.on("Actions")
    assert colleague.asked()["action"] == [action_id] and said in colleague.text()


def test_a_director_reads_the_proofs_and_can_change_nothing(somebody, demo):
    me = somebody("viewer")
    me.home()
    me.on("Week at a glance")
    with open_ledger(demo) as ledger:
        before = ledger.version()
    for title in ("Priorities", "Proofs", "Scores", "Journey"):
        me.goes(title)
        me.on(title)
        for name in ("Declare it", "Save the changes", "Write it", "Merge"):
            assert me.button(name).count() == 0, (title, name)
    me.goes("Proofs")
    me.on("Proofs")
    me.pictures("owner_6_proofs")
    proven, judged = (int(one) for one in re.findall(r"\d+", me.figure()))
    assert judged == sum(one.state == "done" for one in _actions(demo).values()) and 0 < proven <= judged
    assert me.tab.locator("[class*=st-key-download_]").count() == 0  # this role takes no table away
    me.tab.goto(f"{me.address}/callbacks?lang={me.language}&role={me.role}")
    refused = "Your role, {role}, does not open the page “{page}”."
    me.sees(refused, role=me.word("Management"), page=me.word("Callbacks"))
    assert me.tab.locator(f"{MAIN} [data-testid=stMetricValue]").count() == 0  # no case is shown to this role
    with open_ledger(demo) as ledger:
        assert ledger.version() == before


def test_an_administrator_looks_whether_the_data_are_fresh(somebody, demo):
    me = somebody("administrator")
    me.home()
    me.on("Data and privacy")
    on_time, all_of_them = (int(one) for one in re.findall(r"\d+", me.figure()))
    assert on_time <= all_of_them == len(_rows(me.downloads("Excel (XLSX)"))) - 1
    me.picks("Quarantine")
    with open_lake(demo, read_only=True) as lake:
        apart = int(lake.scalar(NOW))
    assert int(me.figure()) == apart
    if apart:
        me.names("Admin")
        me.tab.locator(".st-key-retry_batch").get_by_role("button").click()
        me.settled()
    else:
        me.sees("Rows that cannot be read, or in which a name or number is still found, would wait here.")
    me.picks("Checks")
    assert me.asked()["part"] == ["checks"]


def _label(demo, language: str) -> str:
    with open_ledger(demo) as ledger:
        return str(registry(ledger).irritants[IRRITANT].label(language)[0])


def _rows(content: bytes) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))


def _closed(demo) -> dict[str, object]:
    with open_ledger(demo) as ledger:
        cases = fold_cases(ledger.events(kinds=("case.",)))
    return {name: case for name, case in cases.items() if not case.is_open}


def _actions(demo) -> dict[str, object]:
    with open_ledger(demo) as ledger:
        return dict(actions.book(ledger).actions)
