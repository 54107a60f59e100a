"""The machine fails while the chain runs, or somebody else writes: the disk fills, the clock jumps, a second run, the intake.

Each life ends well or says why, and nothing is lost or doubled: after the next run all is as an undisturbed one leaves it.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as clock_time
from pathlib import Path

import httpx
import pytest
from chain import ROOT, environment

from insights.bench.faults import (
    Case,
    Found,
    Nursery,
    company,
    differing,
    founded,
    judge,
    judge_messages,
    last_words,
    live_whole,
)  # fmt: skip
from insights.bench.faults_company import SECOND_DAY, settings_of, write_company
from insights.bench.faults_life import Ended
from insights.bench.faults_machine import LIBRARY, Clock, disk_of, filled
from insights.bench.intake import all_done, wait_until
from insights.bench.intake import judge as judge_posts
from insights.bench.intake_service import Clients, Service, answers, bench_settings, post
from insights.cases import fold_cases
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.settings import Settings

pytestmark = pytest.mark.faults
SEED, DISK_MB = 11, 128
HOUR, DAY = 3600, 86400
Live = Callable[..., Ended]
NPS = {"question_id": "nps", "metric": "nps", "scale": "0-10"}
SAID = [("La facture est fausse, personne ne répond.", 1), ("Très bon accueil.", 10)]
ROWS = [
    {"customer_id": f"P{place}", "comment": said, "answers": [{**NPS, "value": value}], "recontact": "not_asked"}
    for place, (said, value) in enumerate(SAID * 20)
]


@dataclass
class Stage:
    """A company before its new week, what an undisturbed run makes of it, and where lives are born."""

    folder: Path
    nursery: Nursery
    clock: Clock | None
    case: Case
    not_compared: list[str]  # what two undisturbed runs do not agree on

    @contextmanager
    def company(self, home: Path) -> Iterator[tuple[Live, Found]]:
        """Lives of a copy in `home`, and the judgement after a last, undisturbed one."""
        found = Found(seed=SEED, not_compared=self.not_compared)

        def live(**more: object) -> Ended:
            return self.nursery.life(home, SECOND_DAY, self.case.paths, send=True, **more)

        with company(home, self.case.start):
            yield live, found
            assert live().code == 0, last_words(home)
            told = self.nursery.told(home, SECOND_DAY, "")
            judge_messages(home, told["told"], found)
        told["wrong"] = [line for line in told["wrong"] if not line.startswith("doctor: disk")]  # a small one is meant
        judge(home.name, self.case.reference, told, found)
        assert found.n_wrong == 0, found
        assert found.n_messages > 0


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, extension_dir: Path) -> Iterator[Stage]:
    pytest.importorskip("aiosmtpd", reason="aiosmtpd is not installed (extra `dev`): no mail server to send to")
    pytest.importorskip("standardwebhooks", reason="standardwebhooks is not installed (extra `dev`): no receiver")
    folder = tmp_path_factory.mktemp("midway")
    clock = Clock(folder) if LIBRARY.exists() else None
    write_company(folder / "company")
    nursery = Nursery(extension_dir, clock.environment if clock else {})
    try:
        case, again = (Case(folder / "base", (folder / "company" / "second",)) for _ in range(2))
        founded(folder, nursery)
        for one in (case, again):
            live_whole(one, nursery, "", Found())
        yield Stage(folder, nursery, clock, case, differing(case.reference["same"], again.reference["same"]))
    finally:
        nursery.close()
        shutil.rmtree(folder)


def test_a_disk_that_fills_is_said_and_the_next_run_does_the_rest(stage: Stage) -> None:
    draw, home = random.Random(SEED), stage.folder / "disk"
    with disk_of(home, DISK_MB) as mounted:
        if not mounted:
            pytest.skip("this user may mount no file system")
        with stage.company(home) as (live, _):
            said = 0
            for share in (0.1, 0.3, 0.6, 0.9):
                with filled(home, draw.uniform(0.6, 1.0) * share * stage.case.seconds):
                    life = live()
                words = last_words(home)
                assert life.code in (0, 1), words
                assert "Traceback" not in words, words
                said += life.code == 1 and "There is no room left" in words.strip().splitlines()[-1]
            assert said > 0
    print(f"disk that filled, seed {SEED}: {said} of 4 lives ended with a sentence, the last run made it whole")  # noqa: T201


def test_a_clock_that_jumps_during_runs_loses_nothing_and_doubles_nothing(stage: Stage) -> None:
    clock, draw = _clock(stage), random.Random(SEED)
    try:
        with stage.company(stage.folder / "clock") as (live, _):
            for number, offset in enumerate((-HOUR, DAY, 0, 30 * DAY, -DAY, 0)):
                jump = threading.Timer(draw.random() * stage.case.seconds, clock.set, (offset,))
                jump.start()
                life = live(seconds=draw.random() * stage.case.seconds) if number < 3 else live()
                jump.cancel()
                jump.join()
                clock.set(offset)  # at the latest before the next
                assert life.code in (0, -9), last_words(stage.folder / "clock")
    finally:
        clock.set(0)


def test_runs_on_the_hour_of_a_clock_that_was_wrong_keep_every_row_and_every_promise(stage: Stage) -> None:
    """No day is pinned: the wall clock rules what is due, what is kept and when a promise ends."""
    clock, home = _clock(stage), stage.folder / "wrong-clock"
    to_evening = (datetime.combine(SECOND_DAY, clock_time(18), tzinfo=UTC) - datetime.now(UTC)).total_seconds()
    try:
        with company(home, stage.case.start):
            for offset in (-HOUR, DAY, -HOUR, 0, 2000 * DAY, 0):
                clock.set(to_evening + offset)
                life = stage.nursery.life(home, "", stage.case.paths, send=True)
                assert life.code == 0, last_words(home)
            settings = settings_of(home, stage.nursery.extensions, SECOND_DAY)
            with open_lake(settings, read_only=True) as lake, open_ledger(settings) as ledger:
                assert lake.scalar("SELECT count(*) FROM feedback") == stage.case.reference["same"]["feedback: rows"]
                assert lake.check_keys() == []
                cases = fold_cases(ledger.events(("case.",))).values()
            assert cases and all(one.opened_at < one.due_at for one in cases)
            assert len({(one.customer_id, one.opened_at) for one in cases}) == len(cases)
            told, found = stage.nursery.told(home, SECOND_DAY, ""), Found()
            judge_messages(home, told["told"], found)
            assert (told["wrong"], found.lost, found.twice) == ([], 0, 0)
            assert found.n_messages > 0
    finally:
        clock.set(0)


def test_two_runs_at_once_do_the_work_once(stage: Stage) -> None:
    """`voc run --send` started twice in the same second, each a process of its own with its Prefect server."""
    home = stage.folder / "twins"
    with company(home, stage.case.start):
        settings, found = settings_of(home, stage.nursery.extensions), Found(not_compared=stage.not_compared)
        twins = [_started(settings, "run", "--send", *map(str, stage.case.paths)) for _ in range(2)]
        said = [twin.communicate()[1] for twin in twins]
        codes = sorted(twin.returncode for twin in twins)
        assert codes in ([0, 0], [0, 1]), said
        assert all("voc: " in words for twin, words in zip(twins, said, strict=True) if twin.returncode), said
        stage.nursery.whole(home, SECOND_DAY, stage.case.paths, send=True)
        told = stage.nursery.told(home, SECOND_DAY, "")
        judge_messages(home, told["told"], found)
    judge(home.name, stage.case.reference, told, found)
    print(f"two runs at once: exit codes {codes}, {found.n_in_doubt} messages in doubt")  # noqa: T201
    assert found.n_wrong == 0, found


def test_what_is_posted_while_a_run_writes_is_in_the_lake_once(stage: Stage) -> None:
    home = stage.folder / "posted"
    with company(home, stage.case.start):
        plain = settings_of(home, stage.nursery.extensions)
        own = {name: getattr(plain, name) for name in ("extension_dir", "reference_dir")}
        settings = bench_settings(home / "data", home / "keys", intake_commit_seconds=1, **own)
        bodies = answers(ROWS, 600, "while-it-runs")
        clients = Clients(f"http://127.0.0.1:{settings.intake_port}", bodies, [])
        with Service(settings) as service:
            service.wait_until_well()
            run = _started(plain, "run", *map(str, stage.case.paths))
            with httpx.Client(timeout=30) as client:
                for event, body in bodies.items():
                    clients.n_posts += post(client, clients.url, event, body)
                    clients.accepted.add(event)
                    if run.poll() is not None and len(clients.accepted) >= 50:
                        break
                    time.sleep(0.2)
            said = run.communicate()[1]
            assert run.returncode == 0, said
            with open_ledger(settings) as ledger:
                wait_until(lambda: all_done(ledger), [])
        stage.nursery.whole(home, SECOND_DAY, stage.case.paths)
        found = judge_posts(settings, clients)
        print(f"posted while a run wrote: {len(clients.accepted)} answers, {found}")  # noqa: T201
        assert found.n_wrong == 0, found
        with open_lake(settings, read_only=True) as lake:
            n_rows = lake.scalar("SELECT count(*) FROM feedback")
        assert n_rows == stage.case.reference["same"]["feedback: rows"] + len(clients.accepted)


def _started(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "insights.cli.main", *arguments]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, env=environment(settings), text=True, **quiet)


def _clock(stage: Stage) -> Clock:
    if stage.clock is None:
        pytest.skip(f"{LIBRARY} is absent: install Debian's package libfaketime")
    return stage.clock
