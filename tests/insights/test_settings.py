"""Settings: sources in order, sentences for bad ones, keys outside the data."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from insights.errors import SettingsError
from insights.settings import Settings, load_settings, setting_source


def test_environment_beats_dotenv_beats_toml_beats_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOC_HOME", str(tmp_path))
    names = ("company", "seed", "threads", "workers")
    assert [setting_source(name, load_settings()) for name in names] == ["default"] * 4
    (tmp_path / "voc.toml").write_text('company = "T"\nseed = 1\nthreads = 1\n', encoding="utf-8")
    (tmp_path / ".env").write_text("VOC_COMPANY=D\nVOC_SEED=2\n", encoding="utf-8")
    monkeypatch.setenv("VOC_COMPANY", "E")
    settings = load_settings()
    assert (settings.company, settings.seed, settings.threads) == ("E", 2, 1)
    assert [setting_source(name, settings) for name in names] == ["environment", ".env", "voc.toml", "default"]


def test_bad_settings_are_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOC_SMTP_PORT", "99999")
    monkeypatch.setenv("VOC_AS_OF", "yesterday")
    with pytest.raises(SettingsError, match=r"VOC_AS_OF: .*VOC_SMTP_PORT: "):
        load_settings()


def test_keys_below_the_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="lies below VOC_DATA_DIR"):
        load_settings(data_dir=tmp_path, keys_dir=tmp_path / "keys")


def test_business_time_is_pinned_by_as_of(settings: Settings) -> None:
    assert settings.business_day() == date(2026, 10, 31)
    assert settings.business_now() == datetime(2026, 10, 31, 18, tzinfo=UTC)
    free = settings.model_copy(update={"as_of": None})
    assert abs((free.business_now() - datetime.now(UTC)).total_seconds()) < 60


def test_secrets_are_masked_when_printed() -> None:
    settings = load_settings(smtp_password="hunter2", webhook_secret="whsec_abc")
    assert "hunter2" not in str(settings) + repr(settings)
    assert "whsec_abc" not in str(settings.webhook_secret)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_is(name: str) -> None:
    assert Settings.model_fields[name].description
