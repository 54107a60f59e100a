"""What is restored is what was there; a damaged file, other keys and a full place are refused; nobody erased comes back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from backup_tools import contents, elsewhere, without_restore
from privacy_people import AT, HER, HIM, ids_of

from insights.backup import manifest as manifests
from insights.backup.keyed import mirror
from insights.backup.manifest import Manifest
from insights.backup.restore import check, restore
from insights.backup.take import FILES, back_up
from insights.errors import BackupError, LakeError, LedgerError
from insights.keys import KeyRing
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.privacy.erase import erase
from insights.privacy.log import DONE, Entry, ErasureLog


def newest(folder: Path) -> Manifest:
    return manifests.chosen(folder)


def test_the_restored_is_the_original(home, tmp_path: Path) -> None:
    changed = tmp_path / "reference"
    shutil.copytree(home.settings.reference_dir, changed)
    (changed / "owners.yaml").write_text("owners: []\n")
    there = elsewhere(home.settings, tmp_path, reference_dir=changed)
    done = restore(there, home.backups)
    before, after = contents(home.settings), contents(there)
    assert without_restore(after) == without_restore(before)
    assert len(before) > 50 and before["ledger.event"] != after["ledger.event"]
    assert (done.manifest.lake, done.problems, done.aside) == (done.lake, (), "")
    assert [line.split(" ")[0] for line in done.differing] == [str(changed / "owners.yaml")]  # told, and left as it is
    assert (changed / "owners.yaml").read_text() == "owners: []\n"
    made = {path.relative_to(home.settings.models_dir) for path in home.settings.models_dir.rglob("*")}
    assert {path.relative_to(there.models_dir) for path in there.models_dir.rglob("*")} == made
    assert not there.restoring.parent.exists()
    with pytest.raises(BackupError, match=r"This place is not empty: .*lake.*ledger.sqlite"):
        restore(there, home.backups)


@pytest.mark.faults
def test_a_second_backup_copies_what_is_new_and_old_ones_go(own) -> None:
    assert back_up(own.settings, own.backups).n_new == 0
    later = {"contact_id": "later", "customer_id": HIM, "occurred_at": AT, "available_at": AT}
    with open_lake(own.settings) as lake, open_ledger(own.settings) as ledger:
        with lake.write() as writer:
            writer.insert_new("contact", pd.DataFrame([later]))
        ledger.append("case.noted", "k", {}, actor="adviser", at=AT, key="later")
    taken = back_up(own.settings, own.backups, keep=1)
    assert 1 <= taken.n_new <= 4  # both databases, and a file or two of the lake
    assert [path.stem for path in manifests.all_in(own.backups)] == [taken.manifest.name]
    named = {one.sha256 for one in taken.manifest.files}
    assert {path.name for path in (own.backups / "objects").rglob("*") if path.is_file()} == named
    wide = [path for path in own.backups.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert [path.name for path in wide] in ([], [".lock"])
    assert taken.manifest.lake["contact"] == newest(own.backups).lake["contact"] > 0


def test_a_damaged_file_is_named_and_nothing_is_restored(own, tmp_path: Path) -> None:
    one = next(one for one in newest(own.backups).files if one.path.startswith(FILES))
    path = own.backups / "objects" / one.sha256[:2] / one.sha256
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    there = elsewhere(own.settings, tmp_path)
    with pytest.raises(BackupError, match=f"{one.path} is damaged .*Nothing was restored"):
        restore(there, own.backups)
    assert not there.data_dir.exists()
    path.unlink()
    with pytest.raises(BackupError, match=f"{one.path} is missing"):
        check(own.backups)
    assert back_up(own.settings, own.backups).n_new == 1  # the next backup copies it again
    assert check(own.backups).files
    told = own.backups / f"{newest(own.backups).name}.json"
    told.write_text(told.read_text().replace('"snapshot_id": ', '"snapshot_id": 1'))
    with pytest.raises(BackupError, match="is damaged: choose another backup"):
        check(own.backups)


@pytest.mark.faults
def test_an_erased_person_does_not_come_back(own, tmp_path: Path) -> None:
    with open_lake(own.settings) as lake, open_ledger(own.settings) as ledger:
        erase(lake, ledger, HER)
    erased = contents(own.settings)
    there = elsewhere(own.settings, tmp_path)
    done = restore(there, own.backups)
    assert (done.erased_again, done.problems) == (1, ())
    assert done.lake["feedback"] < done.manifest.lake["feedback"]
    with open_lake(there) as lake:
        ids = list(ids_of(HER).values())
        assert lake.scalar("SELECT count(*) FROM feedback WHERE list_contains($ids, feedback_id)", ids=ids) == 0
    left = contents(there)
    assert {name for name in erased if erased[name] != left[name]} <= {"ledger.event", "ledger.inbox"}  # sealed anew


@pytest.mark.faults
def test_nothing_opens_before_the_end_and_the_old_is_moved_aside(own, monkeypatch: pytest.MonkeyPatch) -> None:
    from insights.backup import restore as module

    def no_room(*_: object) -> None:
        raise OSError("No space left on device")

    with open_lake(own.settings) as lake, lake.write() as writer:
        writer.execute("DELETE FROM contact")
    with monkeypatch.context() as patched:
        patched.setattr(module, "_place", no_room)
        with pytest.raises(BackupError, match="could not write .*No space left.* run it again"):
            restore(own.settings, own.backups, replace_old=True)
    for opened, error in ((open_lake, LakeError), (open_ledger, LedgerError)):
        with pytest.raises(error, match="has not ended: run `voc restore` again"):
            opened(own.settings)
    done = restore(own.settings, own.backups)
    aside = own.settings.data_dir / done.aside
    assert {"lake", "ledger.sqlite", "models"} <= {path.name for path in aside.iterdir()}
    assert done.lake == done.manifest.lake
    assert done.lake["contact"] > 0


@pytest.mark.faults
def test_keys_that_are_not_the_backups_are_refused(own, tmp_path: Path) -> None:
    there = elsewhere(own.settings, tmp_path, keys_dir=tmp_path / "keys")
    with pytest.raises(BackupError, match="does not hold the keys of this backup"):
        restore(there, own.backups)
    assert not (tmp_path / "keys").exists()
    keys = KeyRing(own.settings.keys_dir)
    assert mirror(keys, tmp_path / "keys", own.backups) > 0
    assert KeyRing(tmp_path / "keys").problems() == []
    log = ErasureLog(keys)
    log.append(Entry("c", DONE, "now", "2026-10-31"))
    back_up(own.settings, own.backups)
    with pytest.raises(BackupError, match="had 1 when this backup was made: it is an older copy"):
        restore(there, own.backups)
    keys.forget(HER)
    n_before = len(list((tmp_path / "keys" / "customers").iterdir()))
    mirror(keys, tmp_path / "keys", own.backups)
    assert (
        len(list((tmp_path / "keys" / "customers").iterdir())) == n_before - 1
    )  # a key that was deleted leaves the copy
    assert ErasureLog(KeyRing(tmp_path / "keys")).entries() == log.entries()
    for place in (own.settings.keys_dir / "copy", own.backups / "keys"):
        with pytest.raises(BackupError, match="keys go to a place of their own"):
            mirror(keys, place, own.backups)


def test_a_backup_does_not_lie_with_its_data_and_names_what_is_missing(own, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="does not lie with what it is of"):
        back_up(own.settings, own.settings.data_dir / "backups")
    with pytest.raises(BackupError, match="There is no lake"):
        back_up(elsewhere(own.settings, tmp_path), tmp_path / "b")
    with pytest.raises(BackupError, match="holds no whole backup"):
        check(tmp_path / "nothing")
    with pytest.raises(BackupError, match="holds no backup 'x'"):
        check(own.backups, "x")
