"""Pulls from a real server on loopback into a real lake: pages, trouble on the way, crashes; nothing lost or doubled."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from loopback import Answer, Asked, serving
from sqlalchemy import text

from insights.errors import LedgerError, SourceError
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings
from insights.sources.web import WebClient
from insights.sources.x_api import EPOCH_MS
from insights.steps.pull import pull, pull_all, pullable

PAGE = 3
FIRST_ID = (int(time.time() * 1000) - 3_600_000 - EPOCH_MS) << 22  # an hour ago, by X's clock
WORDS = ("facture", "prix", "relève", "conseiller", "mensualité", "contrat", "compteur", "panne", "réponse", "délai")


class X:
    """A recent search over `posts`, newest first, PAGE a time. `trouble` holds answers given before the next ones."""

    def __init__(self, n: int) -> None:
        self.posts: list[dict[str, Any]] = []
        self.trouble: list[Answer] = []
        self.errors: list[dict[str, Any]] = []
        self.before: Callable[[Asked], None] = lambda _: None
        self.publish(n)

    def publish(self, n: int) -> None:
        for _ in range(n):
            number = len(self.posts)
            said = f"{WORDS[number % 10]} {WORDS[number * 3 % 7]} numéro {number}"
            post = {"id": str(FIRST_ID + number), "author_id": str(number), "lang": "fr", "text": said}
            self.posts.append(post | {"created_at": "2026-10-30T08:00:00.000Z"})

    def __call__(self, asked: Asked) -> Answer:
        self.before(asked)
        if self.trouble:
            return self.trouble.pop(0)
        low, high = int(asked.params.get("since_id", 0)), int(asked.params.get("until_id", 1 << 80))
        found = [post for post in reversed(self.posts) if low < int(post["id"]) < high]
        meta = {"result_count": len(found[:PAGE])} | ({"next_token": "t"} if len(found) > PAGE else {})
        return Answer({"meta": meta, "errors": self.errors} | ({"data": found[:PAGE]} if found else {}))


@pytest.fixture
def configured(settings: Settings, tmp_path: Path) -> Callable[[str], Settings]:
    """Settings whose sources.yaml is the given text."""

    def make(sources: str) -> Settings:
        folder = tmp_path / "reference"
        shutil.copytree(settings.reference_dir, folder, dirs_exist_ok=True)
        (folder / "sources.yaml").write_text(sources, encoding="utf-8")
        return settings.model_copy(update={"reference_dir": folder})

    return make


@pytest.fixture
def at(configured: Callable[[str], Settings]) -> Iterator[Callable[[str], tuple[Lake, Ledger]]]:
    """A lake and a ledger with these sources."""
    opened: list[Lake | Ledger] = []

    def make(sources: str) -> tuple[Lake, Ledger]:
        ready = configured(sources)
        opened.extend(pair := (open_lake(ready), open_ledger(ready)))
        return pair

    yield make
    for one in opened:
        one.close()


patient = partial(WebClient, sleep=lambda _: None, attempts=4)


def held(lake: Lake) -> list[str]:
    return sorted(lake.read("SELECT source_id FROM feedback")["source_id"])


def all_of(x: X) -> list[str]:
    return sorted(post["id"] for post in x.posts)


def test_every_page_comes_once_and_then_only_what_is_new(at: Callable[[str], tuple[Lake, Ledger]]) -> None:
    x = X(8)
    with serving(x) as (base, asked):
        lake, ledger = at(f"x_api: {{url: '{base}/2/tweets/search/recent?query=lumarelle'}}")
        assert pull(lake, ledger, "x_api", run_id="r1").n_out == 8
        assert [one.params["query"] for one in asked] == ["lumarelle"] * 3
        x.publish(4)
        asked.clear()
        assert pull(lake, ledger, "x_api", run_id="r2").n_out == 4
        assert len(asked) == 2 and asked[0].params["since_id"] == x.posts[7]["id"]
        assert pull(lake, ledger, "x_api", run_id="r3").n_out == 0
        assert pullable(lake.settings) == ["x_api"]
        asked.clear()
        assert pull_all(lake, ledger, run_id="r4").note["sources"] == 0, "asked a moment ago"
        assert asked == []
        assert pull_all(lake, ledger, run_id="r5", every=timedelta(0)).note["sources"] == 1
    assert held(lake) == all_of(x)
    assert lake.check_keys() == []


def test_trouble_on_the_way_loses_and_doubles_nothing(at: Callable[[str], tuple[Lake, Ledger]]) -> None:
    x = X(8)
    x.trouble = [Answer({}, 429, {"Retry-After": "1"}), Answer({}, 500), Answer({"data": ["x" * 99]}, cut=40)]
    with serving(x) as (base, asked):
        lake, ledger = at(f"x_api: {{url: '{base}/search'}}")
        assert pull(lake, ledger, "x_api", run_id="r1", client=patient).n_out == 8
        assert len(asked) == 6
    assert held(lake) == all_of(x)


def test_bad_rows_of_several_pages_all_go_to_quarantine_once(at: Callable[[str], tuple[Lake, Ledger]]) -> None:
    x = X(6)
    for number in (1, 4):  # the second of each page
        del x.posts[number]["created_at"]
    with serving(x) as (base, _):
        lake, ledger = at(f"x_api: {{url: '{base}/search'}}")
        assert pull(lake, ledger, "x_api", run_id="r1").n_quarantined == 2
        with ledger.engine.begin() as connection:
            connection.execute(text("DELETE FROM cursor"))
        pull(lake, ledger, "x_api", run_id="r2")
    assert list(lake.read("SELECT reason FROM quarantine")["reason"]) == ["missing_created_at"] * 2
    assert len(held(lake)) == 4


def test_a_round_cut_short_goes_on_where_it_was_and_takes_what_came_meanwhile(
    at: Callable[[str], tuple[Lake, Ledger]],
) -> None:
    x = X(8)
    x.before = lambda asked: x.trouble.append(Answer({}, 403)) if "until_id" in asked.params else None
    with serving(x) as (base, asked):
        lake, ledger = at(f"x_api: {{url: '{base}/search'}}")
        with pytest.raises(SourceError, match="VOC_PULL_TOKENS"):
            pull(lake, ledger, "x_api", run_id="r1")
        assert held(lake) == all_of(x)[5:]
        x.before = lambda _: None
        x.publish(2)
        asked.clear()
        pull(lake, ledger, "x_api", run_id="r2")
        assert asked[0].params["until_id"] == x.posts[5]["id"]
        pull(lake, ledger, "x_api", run_id="r3")
    assert held(lake) == all_of(x)


def test_a_crash_between_commit_and_cursor_brings_the_page_again(at: Callable[[str], tuple[Lake, Ledger]]) -> None:
    x = X(5)
    with serving(x) as (base, _):
        lake, ledger = at(f"x_api: {{url: '{base}/search'}}")
        with ledger.engine.begin() as connection:
            connection.execute(
                text("CREATE TRIGGER full BEFORE INSERT ON cursor BEGIN SELECT RAISE(ABORT, 'full'); END")
            )
        with pytest.raises(LedgerError, match="cursor of x_api"):
            pull(lake, ledger, "x_api", run_id="r1")
        assert len(held(lake)) == PAGE
        with ledger.engine.begin() as connection:
            connection.execute(text("DROP TRIGGER full"))
        assert pull(lake, ledger, "x_api", run_id="r2").n_out == 2
    assert held(lake) == all_of(x)
    assert lake.check_keys() == []


@pytest.mark.faults
def test_killed_between_pages(configured: Callable[[str], Settings]) -> None:
    x = X(8)
    children: list[int] = []
    x.before = lambda asked: os.kill(children[0], signal.SIGKILL) if "until_id" in asked.params and children else None
    with serving(x) as (base, _):
        ready = configured(f"x_api: {{url: '{base}/search'}}")
        given = {f"VOC_{name.upper()}": str(getattr(ready, name)) for name in ("data_dir", "keys_dir", "reference_dir")}
        given |= {"VOC_EXTENSION_DIR": str(ready.extension_dir), "VOC_AS_OF": "2026-10-31", "VOC_WORKERS": "1"}
        command = [sys.executable, "-c", "from insights.cli.pull import pull; pull('x_api')"]
        with subprocess.Popen(command, env=os.environ | given, stdout=subprocess.DEVNULL) as child:
            children.append(child.pid)
        assert child.returncode == -signal.SIGKILL
        children.clear()
        with open_lake(ready) as lake, open_ledger(ready) as ledger:
            assert held(lake) == all_of(x)[5:]
            pull(lake, ledger, "x_api", run_id="r2")
            assert held(lake) == all_of(x)
            assert lake.check_keys() == []


def test_deleted_at_the_source_is_deleted_here(at: Callable[[str], tuple[Lake, Ledger]]) -> None:
    x = X(2)
    with serving(x) as (base, _):
        lake, ledger = at(f"x_api: {{url: '{base}/search'}}")
        pull(lake, ledger, "x_api", run_id="r1")
        gone = x.posts.pop(0)
        problem = "https://api.twitter.com/2/problems/resource-not-found"
        x.errors = [{"resource_type": "tweet", "parameter": "ids", "value": gone["id"], "type": problem}]
        assert pull(lake, ledger, "x_api", run_id="r2").note["deleted"] == 1
    assert held(lake) == all_of(x)


def test_a_timeline_that_goes_forward_by_min_id(at: Callable[[str], tuple[Lake, Ledger]]) -> None:
    account = {"id": "1", "acct": "ana", "username": "ana", "note": ""}
    statuses = [
        {
            "id": str(100 + number),
            "created_at": "2026-10-30T08:00:00.000Z",
            "visibility": "public",
            "content": f"<p>{WORDS[number]} en panne</p>",
            "account": account,
        }
        for number in range(7)
    ]

    def timeline(asked: Asked) -> Answer:
        after = [status for status in statuses if int(status["id"]) > int(asked.params["min_id"])]
        return Answer(list(reversed(after[:PAGE])))

    with serving(timeline) as (base, asked):
        lake, ledger = at(f"mastodon: {{url: '{base}/api/v1/timelines/tag/lumarelle'}}")
        assert pull(lake, ledger, "mastodon", run_id="r1").n_out == 7
        assert [one.params["min_id"] for one in asked] == ["0", "102", "105", "106"]
        assert pull(lake, ledger, "mastodon", run_id="r2").n_in == 0


def test_reviews_that_share_one_instant_are_all_read(at: Callable[[str], tuple[Lake, Ledger]]) -> None:
    reviews = [
        {
            "id": f"r{number:03}",
            "createdAt": f"2026-10-{1 + (number > 30) + (number > 240):02}T09:00:00Z",
            "stars": 1 + number % 5,
            "consumer": {"id": str(number)},
        }
        for number in range(260)
    ]

    def api(asked: Asked) -> Answer:
        since, page = asked.params.get("startDateTime", ""), int(asked.params["page"])
        found = [review for review in reviews if review["createdAt"] >= since]
        return Answer({"reviews": found[(page - 1) * 100 : page * 100], "links": []})

    with serving(api) as (base, asked):
        lake, ledger = at(f"trustpilot: {{url: '{base}/v1/private/business-units/b1/reviews'}}")
        assert pull(lake, ledger, "trustpilot", run_id="r1").n_out == 260
        assert {one.params["orderBy"] for one in asked} == {"createdat.asc"}
        assert pull(lake, ledger, "trustpilot", run_id="r2").n_out == 0


def test_what_cannot_be_pulled_is_said(at: Callable[[str], tuple[Lake, Ledger]]) -> None:
    with serving(lambda _: Answer({"data": "nonsense"})) as (base, _):
        lake, ledger = at(f"x_api: {{url: '{base}/search'}}")
        with pytest.raises(SourceError, match="there are .*mastodon"):
            pull(lake, ledger, "lumarelle_crm", run_id="r")
        with pytest.raises(SourceError, match="no address"):
            pull(lake, ledger, "mastodon", run_id="r")
        with pytest.raises(SourceError, match="not in the shape"):
            pull(lake, ledger, "x_api", run_id="r")
        with (
            FileLock(lake.settings.data_dir / "pull-x_api.lock"),
            pytest.raises(SourceError, match="already"),
        ):
            pull(lake, ledger, "x_api", run_id="r")
        said: list[str] = []
        report = pull_all(lake, ledger, run_id="r", say=said.append)
        assert report.note == {"sources": 0, "failed": ["x_api"]}
        assert "REFUSED x_api" in said[0]
