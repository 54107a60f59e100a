"""The whole chain killed at random and at named moments, again and again: what stands at the end is what an undisturbed
run leaves.

Everything is real: processes, SIGKILL, both stores, a mail server and a receiver of webhooks on loopback. Each round
starts from the same company with a new week of data, or from one that has made some steps of it; it is killed, started
and killed again, until a life comes to its end. What two undisturbed runs do not agree on (instants of the wall clock) is
not compared, and is named.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

from insights.bench.faults_company import FIRST_DAY, HOOK, PORTS, SECOND_DAY, write_company
from insights.bench.faults_life import Ended, Order
from insights.bench.report import Entry
from insights.errors import ModelError

Say = Callable[[str], None]
KILLS, KILLS_EACH, SEED = 200, 10, 7
STEPS = (2, 4, 9)  # rounds start before any, or after so many: enriched, somebody erased, ranked and nothing sent yet
FRESH = 9  # every so many-th round starts from an empty folder
STRIDES = (0.15, 0.4, 1.0)  # a kill comes within this share of an undisturbed life
AT_RANDOM = "at random"
Told = dict[str, Any]


@dataclass
class Found:
    """What came of all rounds. The first five must be 0 or empty."""

    differences: list[str] = field(default_factory=list)  # from the undisturbed run
    wrong: list[str] = field(default_factory=list)  # keys twice, failed checks, files nobody names, erasures left
    lost: int = 0  # messages the ledger holds and nobody got
    twice: int = 0  # second copies that the ledger does not report in doubt
    gave_up: list[str] = field(default_factory=list)  # lives that ended by themselves before their end
    seed: int = 0
    n_rounds: int = 0
    n_kills: int = 0
    n_lives: int = 0
    moments: Counter[str] = field(default_factory=Counter)  # kills by named moment, those at random under one name
    n_rows: int = 0  # of the undisturbed run
    n_events: int = 0
    n_messages: int = 0
    n_second: int = 0  # second copies in all
    n_in_doubt: int = 0
    n_files_left: int = 0  # written by killed writers, named by no catalog, deleted by the night's work
    n_drafts_left: int = 0
    not_compared: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def n_wrong(self) -> int:
        return len(self.differences) + len(self.wrong) + self.lost + self.twice + len(self.gave_up)


class Nursery:
    """The process with its models loaded whose children live and die. `environment`: variables more for all of them."""

    def __init__(self, extensions: Path, environment: Mapping[str, str] | None = None) -> None:
        self.extensions, self.n_lives = extensions, 0
        command = [sys.executable, "-m", "insights.bench.faults_life"]
        self._process = subprocess.Popen(
            command, env={**os.environ, **(environment or {})}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self._answer() != "ready":
            raise ModelError("The process that lives are born from does not start: see its output.")

    def life(self, home: Path, day: Any, paths: tuple[Path, ...] = (), **more: Any) -> Ended:
        """One life to its end."""
        self.n_lives += 1
        order = Order(str(home), str(self.extensions), str(day), f"life-{self.n_lives}", tuple(map(str, paths)), **more)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(order)) + "\n")
        self._process.stdin.flush()
        ended = json.loads(self._answer())
        return Ended(ended["code"], ended["seconds"], tuple(ended["moments"]))

    def whole(self, home: Path, day: Any, paths: tuple[Path, ...] = (), **more: Any) -> Ended:
        """One life that nobody ends. Raises ModelError when it does not end well."""
        ended = self.life(home, day, paths, **more)
        if ended.code != 0:
            raise ModelError(f"A life that nobody killed ended with {ended.code}: {last_words(home)}")
        return ended

    def told(self, home: Path, day: Any, erased: str) -> Told:
        """What the company in `home` holds."""
        self.whole(home, day, erase=erased, tell=str(home / "told.json"))
        found: Told = json.loads((home / "told.json").read_text(encoding="utf-8"))
        return found

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@dataclass
class Case:
    """Where rounds start from, what comes in, and what an undisturbed run makes of it."""

    start: Path
    paths: tuple[Path, ...]
    reference: Told = field(default_factory=dict)
    seconds: float = 0.0
    n_moments: int = 0


def storm(
    folder: Path, kills: int = KILLS, seed: int = SEED, say: Say = lambda _: None, extensions: Path | None = None
) -> Found:
    """Rounds in an empty folder until there were so many kills. Raises ModelError when a life that nobody kills does not
    end well."""
    started, found, draw = time.monotonic(), Found(seed=seed), random.Random(seed)
    write_company(folder / "company")
    erased = somebody(folder / "company" / "first")
    nursery = Nursery(extensions or folder / "extensions")
    try:
        cases = undisturbed(folder, nursery, erased, found, say)
        while found.n_kills < kills and found.n_rounds < kills:
            fresh = found.n_rounds % FRESH == FRESH - 1
            case = cases[-1] if fresh else cases[found.n_rounds % (len(cases) - 1)]
            with company(folder / f"round-{found.n_rounds}", case.start) as home:
                killed(home, nursery, case, min(KILLS_EACH, kills - found.n_kills), draw, erased, found)
                told = nursery.told(home, SECOND_DAY, erased)
                judge_messages(home, told["told"], found)
            judge(f"{home.name} ({case.start.name})", case.reference, told, found)
            found.n_rounds += 1
            say(f"  {home.name} ({case.start.name}): {found.n_kills} kills so far, {found.n_wrong} wrong")
    finally:
        nursery.close()
    found.seconds, found.n_lives = time.monotonic() - started, nursery.n_lives
    return found


def undisturbed(folder: Path, nursery: Nursery, erased: str, found: Found, say: Say) -> list[Case]:
    """Where rounds start from, and what undisturbed runs make of it: the company before its new week (twice), the same
    some steps later, and last an empty folder that gets all at once."""
    base, nothing = founded(folder, nursery), folder / "nothing"
    shutil.copytree(folder / "company" / "reference", nothing / "reference")
    shutil.copytree(base / "keys", nothing / "keys")
    first, second = (folder / "company" / name for name in ("first", "second"))
    case, again, fresh = Case(base, (second,)), Case(base, (second,)), Case(nothing, (first, second))
    for one in (case, again, fresh):
        live_whole(one, nursery, erased, found)
        say(f"  undisturbed ({one.start.name}): {one.seconds:.0f} s, {one.n_moments} named moments")
        found.wrong += [f"undisturbed ({one.start.name}): {line}" for line in one.reference["wrong"]]
    same = case.reference["same"]
    found.not_compared = differing(same, again.reference["same"])
    found.n_rows = sum(n for name, n in same.items() if name.endswith(": rows"))
    found.n_events = sum(n for name, n in same.items() if name.endswith(": events"))
    return [case, *_later(case, nursery, erased), fresh]


def _later(case: Case, nursery: Nursery, erased: str) -> Iterator[Case]:
    """The company some steps later; what is left of an undisturbed life is reckoned."""
    before = case
    for n_steps in STEPS:
        home = case.start.with_name(f"after-{n_steps}-steps")
        shutil.copytree(before.start, home)
        life = nursery.whole(home, SECOND_DAY, case.paths, erase=erased, upto=n_steps)
        left = max(before.seconds - life.seconds, case.seconds / 5), max(before.n_moments - len(life.moments), 20)
        before = Case(home, case.paths, case.reference, *left)
        yield before


def founded(folder: Path, nursery: Nursery) -> Path:
    """The company in FOLDER/company before its new week."""
    base = folder / "base"
    shutil.copytree(folder / "company" / "reference", base / "reference")
    nursery.whole(base, FIRST_DAY, (folder / "company" / "first",))
    return base


def live_whole(case: Case, nursery: Nursery, erased: str, found: Found) -> None:
    """What an undisturbed run makes of a case, and how long it takes."""
    with company(case.start.with_name(f"{case.start.name}-undisturbed"), case.start) as home:
        life = nursery.whole(home, SECOND_DAY, case.paths, erase=erased, send=True)
        case.reference = nursery.told(home, SECOND_DAY, erased)
        judge_messages(home, case.reference["told"], found)
    case.seconds, case.n_moments = life.seconds, len(life.moments)


def killed(
    home: Path, nursery: Nursery, case: Case, kills: int, draw: random.Random, erased: str, found: Found
) -> None:
    """At most so many kills, and a life to its end. A life whose kill comes too late is that life."""
    for number in range(kills + 1):
        how = when(draw, case, number) if number < kills else {}
        life = nursery.life(home, SECOND_DAY, case.paths, erase=erased, send=True, **how)
        if life.code == -signal.SIGKILL:
            found.moments[life.moments[0] if life.moments else AT_RANDOM] += 1
            found.n_kills += 1
            continue
        if life.code != 0:
            found.gave_up.append(f"{home.name}: {life.code}: {last_words(home)}")
        return


def when(draw: random.Random, case: Case, number: int) -> dict[str, Any]:
    """Every other kill at a named moment; half of the others leave the process's own children alive."""
    share = draw.random() * draw.choice(STRIDES)
    if number % 2:
        return {"moment": 1 + int(share * case.n_moments)}
    return {"seconds": 0.02 + share * case.seconds, "alone": number % 4 == 0}


def judge(name: str, reference: Told, told: Told, found: Found) -> None:
    """Compare a company with the undisturbed one."""
    same, other = reference["same"], told["same"]
    for key in differing(same, other):
        if key not in found.not_compared:
            found.differences.append(f"{name}: {key}: {shown(same.get(key), other.get(key))}")
    found.wrong += [f"{name}: {line}" for line in told["wrong"]]
    found.n_files_left, found.n_drafts_left = (
        found.n_files_left + told["left"][0],
        found.n_drafts_left + told["left"][1],
    )


def differing(one: Told, other: Told) -> list[str]:
    """Names of what two companies do not agree on."""
    return sorted(key for key in {*one, *other} if one.get(key) != other.get(key))


def shown(wanted: Any, seen: Any) -> str:
    """A difference in a line."""
    if isinstance(wanted, list) and isinstance(seen, list):
        gone, new = Counter(wanted) - Counter(seen), Counter(seen) - Counter(wanted)
        return f"{gone.total()} missing {str(list(gone))[:300]}, {new.total()} more {str(list(new))[:300]}"
    return f"{str(wanted)[:200]} became {str(seen)[:200]}"


def judge_messages(home: Path, told: Told, found: Found) -> None:
    """Compare the ledger with what the mail server and the receiver got."""
    received = Counter(line["id"] for line in lines(post_of(home) / "received.jsonl"))
    processed = {line["id"] for line in lines(post_of(home) / "effects.jsonl")}
    address = f"http://127.0.0.1:{(home / HOOK).read_text(encoding='utf-8')}/"
    repeats = int(httpx.get(address, timeout=30).json().get("repeats dropped", 0))
    mails, hooks = told["mails"], told["hooks"]
    for message_id, one in mails.items():
        found.lost += received[message_id] == 0 or one["state"] != "accepted"
        found.twice += max(received[message_id] - 1 - one["in_doubt"], 0)
        found.n_second += max(received[message_id] - 1, 0)
        found.n_in_doubt += one["in_doubt"]
    found.twice += sum(message_id not in mails for message_id in received)
    in_doubt = sum(one["in_doubt"] for one in hooks.values())
    found.lost += sum(one["due"] for one in hooks.values())
    found.lost += sum(one["state"] == "delivered" and key not in processed for key, one in hooks.items())
    found.twice += max(repeats - in_doubt, 0)
    found.n_second, found.n_in_doubt = found.n_second + repeats, found.n_in_doubt + in_doubt
    found.n_messages += received.total() + len(processed)


@contextmanager
def company(home: Path, start: Path) -> Iterator[Path]:
    """A copy of the company in `start` with a mail server and a receiver of its own; they end, and the copy goes."""
    shutil.copytree(start, home, dirs_exist_ok=True)
    outside = post_of(home)
    outside.mkdir()
    server = _started("mailing_server", str(outside))
    receiver = _started("outbox_receiver", str(outside), "seed", "0", "0", "0")
    try:
        while not all((outside / name).exists() for name in PORTS):
            if server.poll() is not None or receiver.poll() is not None:
                raise ModelError("The mail server or the receiver of the kills does not start: see its output.")
            time.sleep(0.05)
        for name in PORTS:
            shutil.copy(outside / name, home / name)
        yield home
    finally:
        for process in (server, receiver):
            process.kill()
            process.wait()
        for path in home.iterdir():  # the folder itself may be a mounted disk
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.rmtree(outside)


def post_of(home: Path) -> Path:
    """Folder of a company's mail server and receiver."""
    return home.with_name(f"{home.name}-post")


def _started(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"insights.bench.{module}", *arguments]
    return subprocess.Popen(command, env=dict(os.environ), start_new_session=True)


def somebody(folder: Path) -> str:
    """The customer who is erased: the first who answered a survey."""
    rows = lines(folder / "survey" / "responses.jsonl")
    return next(str(row["customer_id"]) for row in rows if row.get("customer_id"))


def lines(path: Path) -> list[dict[str, Any]]:
    """Rows of a JSON Lines file; none where it is absent."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def last_words(home: Path) -> str:
    """The end of what a life printed."""
    path = home.with_name(f"{home.name}.log")
    return path.read_text(encoding="utf-8", errors="replace")[-1500:] if path.exists() else ""


def entries(say: Say) -> list[Entry]:
    """Entries of the part `faults`."""
    if find_spec("aiosmtpd") is None or find_spec("standardwebhooks") is None:
        say("  aiosmtpd or standardwebhooks is not installed (extra `dev`): left out")
        return []
    folder = Path(tempfile.mkdtemp(prefix="voc-bench-faults-"))
    try:
        found = storm(folder, say=say)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say(f"  {found}")
    return rows(found)


def rows(found: Found) -> list[Entry]:
    """The figures of a run."""
    data = "the small company, a mail server and a receiver on loopback; SIGKILL at random and at named moments"
    size = f"{found.n_kills} kills in {found.n_rounds} rounds ({found.moments[AT_RANDOM]} at random moments), seed {found.seed}"
    zero = {
        "differences from the undisturbed run": len(found.differences),
        "keys twice, failed checks, files nobody names": len(found.wrong),
        "messages lost": found.lost,
        "second copies not reported in doubt": found.twice,
        "lives that gave up by themselves": len(found.gave_up),
    }
    told = {
        "kinds of named moments died at": len(found.moments - Counter({AT_RANDOM: found.n_kills})),
        "messages received": found.n_messages,
        "second copies, each reported in doubt": found.n_second,
        "messages in doubt": found.n_in_doubt,
        "files of killed writers that the night deleted": found.n_files_left,
        "drafts of killed writers that the night deleted": found.n_drafts_left,
    }
    made = [Entry("faults", name, value, "", data, size, "0") for name, value in zero.items()]
    return [*made, *(Entry("faults", name, value, "", data, size) for name, value in told.items())]
