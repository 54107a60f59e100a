"""Keys of the bucket that Amazon's tools find: short-lived ones are used, and asked for again when they have expired."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest
from stores_servers import S3Server, flaky

from insights.errors import LakeError, SettingsError
from insights.lake import Lake, open_lake
from insights.lake.files import lake_files
from insights.settings import Settings

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("duckdb_extension_aws") is None, reason="duckdb-extension-aws is not installed (extra s3)"
)


def keys(home: Path, name: str) -> None:
    """What a machine's role or a login leaves: keys for some hours."""
    lines = ("[default]", f"aws_access_key_id = {name}", "aws_secret_access_key = s3cret", "aws_session_token = token")
    (home / "credentials").write_text("\n".join(lines) + "\n", encoding="utf-8")


def feedback(start: int) -> pd.DataFrame:
    ids = [f"f{one}" for one in range(start, start + 50)]
    return pd.DataFrame({"feedback_id": ids, "occurred_at": pd.Timestamp("2026-10-30T10:00:00Z"), "verbatim": "rappel"})


def written(lake: Lake, start: int) -> int:
    with lake.write() as writer:
        return writer.insert_new("feedback", feedback(start))


@pytest.mark.faults
def test_a_lake_outlives_its_keys(
    s3: S3Server, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with flaky(s3, one_in=0) as proxy:
        place = s3.bucket(port=proxy.port) | {"s3_key_id": "", "s3_secret": None, "s3_credentials": "chain"}
        there = settings.model_copy(update=place)
        with pytest.raises(LakeError, match="found no keys or cannot use the S3 settings"):
            open_lake(there)
        proxy.signed_by.clear()
        keys(tmp_path, "FIRST")
        with open_lake(there) as lake:
            assert written(lake, 0) == 50 and lake_files(there)[1]
            assert proxy.signed_by == {"FIRST"}
            monkeypatch.setattr("insights.lake.lake.SIGN_SECONDS", 0.0)
            proxy.expired = "FIRST"
            keys(tmp_path, "SECOND")
            assert lake.counts()["feedback"] == 50 and lake.scalar("SELECT max(verbatim) FROM feedback") == "rappel"
            assert (written(lake, 50), written(lake, 50)) == (50, 0)
            assert lake.counts()["feedback"] == 100 and lake_files(there)[1]
        assert proxy.signed_by == {"FIRST", "SECOND"}


def test_keys_of_ones_own_beside_the_chain_are_refused() -> None:
    with pytest.raises(SettingsError, match="leave VOC_S3_KEY_ID"):
        Settings(s3_key_id="a", s3_secret="b", s3_credentials="chain")
