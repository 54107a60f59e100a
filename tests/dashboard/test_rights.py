"""No page and no decision without its right: every page with every role, and the refusal where it is taken."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from dashboard_app import ROOT, words_of
from dashboard_frames import PRODUCTS, customer
from streamlit.testing.v1 import AppTest

from dashboard import acting, deciding, identity
from dashboard.all_pages import NAME as ALL
from dashboard.data import open_store
from dashboard.guard import NotYoursError
from dashboard.menu import BY_NAME, HOMES, PAGES, capability_name, offered, role_name, roles_with
from dashboard.not_yours import closed, drawn_for
from dashboard.page import Page
from insights.access import CAPABILITIES, ROLES, RowRights, Viewer, at_home
from insights.i18n import translator
from insights.settings import Settings

VIEWS = ROOT / "dashboard" / "views"
ENGLISH = translator("en")


@cache
def code() -> dict[str, ast.Module]:
    """Every module of the dashboard, read."""
    return {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "dashboard").rglob("*.py")}


def draw() -> None:
    """Stands for a page's own drawing."""


def test_every_view_is_in_the_menu_and_every_entry_has_its_view():
    assert {path.stem for path in VIEWS.glob("*.py")} - {"__init__", ALL} == set(BY_NAME)
    assert len(BY_NAME) == len(PAGES)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_offered_what_it_may_open_and_refused_the_rest(role: str):
    viewer = at_home(role)
    home, others = offered(viewer)
    assert {*home, *others} == {entry for entry in PAGES if entry.needs in ROLES[role]}
    assert set(closed(viewer)) == set(PAGES) - {*home, *others}
    assert tuple(entry.name for entry in home) == HOMES[role], "a home entry that its role may not open"
    assert 1 <= len(home) <= 5
    for entry in PAGES:
        allowed = drawn_for(viewer, titled(entry.name), draw, ENGLISH) is draw
        assert allowed == (entry.needs in ROLES[role]), entry.name


def titled(name: str) -> str:
    from dashboard.menu import title

    return title(ENGLISH, name)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_rights_and_roles_have_names(language: str):
    _ = translator(language)
    for one in CAPABILITIES:
        assert len(capability_name(_, one)) > 5
        assert role_name(_, "administrator") in roles_with(_, one)


@pytest.mark.parametrize("view", ["risk", "check"])
def test_a_page_asked_for_by_its_address_is_refused_in_a_sentence(app: Callable[..., AppTest], places, view: str):
    page = app(places("full"), view, "en", role="viewer")
    said = words_of(page)
    assert f"Your role, Management, does not open the page “{titled(view)}”." in said
    assert capability_name(ENGLISH, BY_NAME[view].needs) in said
    assert not page.metric and not page.dataframe and not page.exception


@pytest.mark.parametrize(
    ("view", "role"), [("registry", "viewer"), ("priorities", "adviser"), ("callbacks", "analyst")]
)
def test_what_decides_is_offered_to_roles_that_may_decide_it(app: Callable[..., AppTest], places, view: str, role: str):
    needs = {"registry": "curate", "priorities": "decide", "callbacks": "callbacks"}[view]
    page = app(places("full"), view, "en", role=role)
    said = "reads this without changing it. These roles may"
    assert (said in words_of(page)) == (needs not in ROLES[role])
    if needs not in ROLES[role]:
        saving = [one for one in page.button if one.label in ("Save", "Save the changes", "Merge", "Put to rest")]
        assert all(one.disabled for one in saving)


@pytest.fixture
def reading(places: Callable[[str], Settings], own_ledger: Callable[[str], Settings]) -> Callable[..., Page]:
    """A page as somebody of a role sees it, with a ledger of its own."""
    mine = own_ledger("full")

    def page(role: str = "analyst", rights: RowRights | None = None, *, signed_in: bool = False) -> Page:
        viewer = Viewer("s1", "Nadia", (role,), role, rights or RowRights(), signed_in)
        return Page(open_store(mine, viewer.rights), "en", viewer)

    return page


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody who has told a name."""
    monkeypatch.setattr(deciding.st, "session_state", {"adviser": "Nadia"})
    yield


def test_nobody_decides_under_a_name_of_the_programs_own(monkeypatch: pytest.MonkeyPatch):
    for typed, name in (("Nadia", "Nadia"), (" System ", ""), ("rules", ""), ("Pri\u200bvacy", ""), ("jira:42", "")):
        monkeypatch.setattr(deciding.st, "session_state", {"adviser": typed})
        assert deciding.reader() == name


@pytest.mark.parametrize("role", ROLES)
def test_a_decision_asks_for_its_right_when_it_is_taken(reading: Callable[..., Page], named: None, role: str):
    page = reading(role)
    for needs in ("curate", "decide", "callbacks", "comment", "privacy"):
        if needs in ROLES[role]:
            assert deciding.author(page, needs) == "Nadia"
        else:
            with pytest.raises(NotYoursError, match="was not noted"):
                deciding.author(page, needs)


def test_a_refused_decision_leaves_no_trace(reading: Callable[..., Page], named: None):
    page = reading("viewer")
    before, wanted = page.store.ledger.version(), []
    assert not deciding.decide(page, "check", "done", wanted.append)
    assert not acting.record(page, "check", "done", wanted.append)
    assert wanted == []
    assert page.store.ledger.version() == before


def test_who_signed_in_and_has_run_out_decides_nothing(reading: Callable[..., Page], named: None):
    with pytest.raises(NotYoursError):  # no claims are there any more
        deciding.author(reading("administrator", signed_in=True), "curate")


def test_no_decision_is_written_under_a_name_that_was_not_checked():
    """`author` checks the right as it gives the name; `reader` only tells it."""
    unchecked = [
        f"{name}:{node.lineno}"
        for name, module in code().items()
        for node in ast.walk(module)
        if isinstance(node, ast.keyword) and node.arg == "actor" and ast.unparse(node.value) == "reader()"
    ]
    assert not unchecked


def test_a_limited_reader_meets_their_customers_and_cases_only(reading: Callable[..., Page]):
    mine, foreign = (customer(n) for n in (0, 1))  # of the first product and of the second
    part = reading("adviser", RowRights(products=(PRODUCTS[0],))).store
    assert part.sees(mine)
    assert not part.sees(foreign)
    assert not part.sees("nobody")
    assert part.lake_of(mine) is part.whole_lake
    with pytest.raises(NotYoursError):
        part.lake_of(foreign)
    with pytest.raises(NotYoursError):
        _ = part.lake
    assert {case.customer_id for case in part.cases.values()} == {customer(0), customer(2)}
    assert not reading("adviser", RowRights(teams=("complaints",))).store.cases
    assert len(reading("adviser", RowRights(teams=("callbacks",))).store.cases) == 3


# caches that see the whole lake, and why no limited reader reads another's rows in them
WHOLE = {
    "acting._redactor": "shows no row",
    "alarm_story._told": "its quotes are left out for limited readers",
    "create_panel._searched": "closed to limited readers",
    "data._day": "a date",
    "holdout_panel._status": "closed to limited readers",
    "priority_parts._ranked": "closed to limited readers",
    "risk_anatomy._explained": "one customer, asked of Store.lake_of before",
    "searching._allowed": "its key holds the rights",
    "searching._search": "its key holds the rights",
    "split_panel._suggested": "closed to limited readers",
    "told_panel._people": "closed to limited readers",
}
READS = {"_lake", "_store", "_page", "_reader"}


def test_caches_of_rows_are_keyed_by_rights():
    unkeyed = set()
    for name, module in code().items():
        for node in ast.walk(module):
            if not isinstance(node, ast.FunctionDef) or not any(
                "st.cache" in ast.unparse(d) for d in node.decorator_list
            ):
                continue
            names = {one.arg for one in node.args.args}
            if names & READS and "rights" not in names:
                unkeyed.add(f"{name}.{node.name}")
    assert unkeyed <= set(WHOLE), "key it by `rights` (Store.rights.key), or say why not in WHOLE"


@pytest.mark.parametrize("address", ["0.0.0.0", "", None, "192.168.1.4", "::"])
def test_an_address_that_others_reach_is_known(address: str | None):
    assert identity.reachable(address)
    assert not any(map(identity.reachable, ("127.0.0.1", "::1", "localhost")))


@pytest.mark.parametrize(
    ("headers", "through"),
    [
        ({}, False),
        ({"Host": "127.0.0.1:8501"}, False),
        ({"Host": "localhost"}, False),
        ({"Host": "[::1]:8501"}, False),
        ({"Host": "voc.example"}, True),
        ({"Host": "127.0.0.1:8501", "X-Forwarded-For": "10.0.0.9"}, True),
        ({"Host": "127.0.0.1:8501", "X-Real-IP": "203.0.113.9"}, True),
        ({"host": "127.0.0.1:8501", "forwarded": "for=203.0.113.9"}, True),
        ({"Host": "127.0.0.1:8501", "Via": "1.1 nginx"}, True),
        ({"Host": "127.0.0.1:8501", "Origin": "https://voc.example"}, True),
        ({"Host": "127.0.0.1:8501", "Origin": "null"}, True),
        ({"Host": "127.0.0.1:8501", "Origin": "http://localhost:8501"}, False),
    ],
)
def test_a_proxy_in_front_of_loopback_is_known(headers: dict[str, str], through: bool):
    assert identity.proxied(headers) is through


@pytest.mark.parametrize(("exp", "holds"), [(100, True), (99.5, False), (0, False), (None, False), ("soon", False)])
def test_a_token_holds_until_it_runs_out(exp: object, holds: bool):
    assert identity.live({"exp": exp}, 99.5) is holds
    assert not identity.live({}, 0)


def test_pages_outside_the_app_have_no_reader(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(identity.st, "session_state", {})
    with pytest.raises(PermissionError):
        identity.current()


def test_views_are_files_of_this_folder():
    assert all(Path(ROOT / "dashboard" / entry.file).is_file() for entry in PAGES)
