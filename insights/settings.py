"""Every setting, its default and its meaning. Sources, strongest first: environment (VOC_*), .env, voc.toml, default.

Secrets are `SecretStr` and have no default; a file that holds one is refused unless only its owner can read it. Nothing
here opens a connection.
"""

from __future__ import annotations

import os
import tomllib
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableError

from insights.errors import SettingsError

PREFIX = "VOC_"


def config_home() -> Path:
    """Folder of .env and voc.toml: VOC_HOME, else the working directory."""
    return Path(os.environ.get("VOC_HOME", "."))


class Settings(BaseSettings):
    """All settings of one installation. Paths are made absolute against the working directory."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", validate_default=True, hide_input_in_errors=True
    )

    data_dir: Path = Field(Path("data"), description="everything a run writes lies below this folder")
    keys_dir: Path = Field(Path(".voc-keys"), description="keys (identity, inbox, notes, webhooks); outside data_dir")
    reference_dir: Path = Field(Path("data/reference"), description="files edited by people: owners, labels, stages")
    ledger_url: str = Field("", description="SQLAlchemy URL of the ledger, without password; empty: SQLite in data_dir")
    catalog_url: str = Field(
        "",
        description="postgresql:// address of the lake's catalog, without password (PGPASSWORD or ~/.pgpass has it); "
        "empty: SQLite in data_dir",
    )
    files_url: str = Field("", description="s3://bucket/prefix of the lake's files; empty: a folder in data_dir")
    s3_endpoint: str = Field("", description="host:port of an S3 interface other than Amazon's; empty: Amazon's")
    s3_region: str = Field("us-east-1", description="region of the bucket")
    s3_credentials: Literal["keys", "chain"] = Field(
        "keys",
        description="keys: VOC_S3_KEY_ID and VOC_S3_SECRET; chain: where Amazon's tools look (AWS_* in the environment, "
        "~/.aws, the role of the machine), asked again when they expire",
    )
    s3_key_id: str = Field("", description="access key id of the bucket; empty: the files are asked for unsigned")
    s3_secret: SecretStr | None = Field(None, description="secret access key of the bucket")
    s3_tls: bool = Field(True, description="speak https to the S3 interface; off only on this machine")
    s3_path_style: bool = Field(
        False, description="bucket in the path instead of the host name: most S3 servers ask it"
    )
    extension_dir: Path = Field(
        Path("data/extensions"), description="DuckDB extensions, installed from registry wheels"
    )
    drop_dir: Path = Field(
        Path("data/drop"), description="files dropped here are ingested; a folder may hold mapping.yaml"
    )
    company: str = Field("Lumarelle Énergie", description="name of the company, on pages and mails")
    brands: tuple[str, ...] = Field(
        ("Lumarelle", "Lumarelle Énergie", "Enedis", "GRDF", "EDF", "ENGIE", "Linky", "Boréval", "Kilovia", "Voltéane"),
        description="brands and products: never taken for a person, kept out of labels",
    )
    competitors: tuple[str, ...] = Field(
        ("Boréval", "Kilovia", "Voltéane", "EDF", "ENGIE", "TotalEnergies"), description="named competitors"
    )
    as_of: date | None = Field(None, description="business day that rules flows, due clocks and pages; empty: today")
    timezone: str = Field("Europe/Paris", description="zone in which days are cut and instants are shown")
    language: str = Field("fr", description="first language of pages and mails: fr or en")
    country: str = Field("FR", description="default market country of a row")
    seed: int = Field(20261031, description="seed of every random draw")
    threads: int = Field(1, description="threads of the numeric libraries in one process", ge=1)
    workers: int = Field(
        2, description="processes of this machine for redaction, reading and scoring of large batches", ge=1
    )
    dask_address: str = Field(
        "",
        description="Dask scheduler (tcp:// or tls://) whose workers read and score parts; empty: this machine alone",
    )
    partition_rows: int = Field(
        1_000, description="feedback of one part of the work: bounds the memory of a worker process", ge=100
    )
    encoder: str = Field("use-multilingual", description="use-multilingual (embedded) or a sentence-transformers name")
    resolution: float = Field(
        0.0,
        description="fineness of the first irritants: 0 chooses by stability, 1 gives tens, 2 about twice as many",
        ge=0,
    )
    label_endpoint: str = Field(
        "", description="OpenAI-compatible address (.../v1) that may propose labels of irritants; empty: none is asked"
    )
    label_model: str = Field("", description="model asked for labels")
    label_key: SecretStr | None = Field(None, description="key of the label endpoint")
    label_seconds: float = Field(10.0, description="longest wait for one proposed label", gt=0)
    retention_days: int = Field(
        1095,
        description="when given, replaces the days of retention.yaml for feedback other than calls and chats",
        ge=1,
    )
    transcript_retention_days: int = Field(
        183, description="when given, replaces the days of retention.yaml for calls and chats", ge=1
    )
    quarantine_days: int = Field(30, description="days a rejected or raw row is kept, encrypted", ge=1)
    snapshot_days: int = Field(35, description="days a lake snapshot is kept", ge=1)
    redaction_rule_recall: float = Field(
        0.99, description="release bar: share of ids, phones, e-mails, addresses of the gold sets masked", ge=0, le=1
    )
    redaction_name_recall: float = Field(0.98, description="release bar: share of names masked, as written", ge=0, le=1)
    redaction_name_recall_lower: float = Field(
        0.94, description="release bar: share of names masked, in lower case (aim 0.95)", ge=0, le=1
    )
    redaction_false_share: float = Field(
        0.03, description="release bar: highest share of clean, hard texts with something masked (aim 0.01)", ge=0, le=1
    )
    hook_secrets: dict[str, SecretStr] = Field(
        {}, description='signing secret of each webhook source, as JSON: {"typeform": "..."}; two by comma to rotate'
    )
    pull_tokens: dict[str, SecretStr] = Field(
        {}, description='access token of each source that is asked for its news, as JSON: {"mastodon": "..."}'
    )
    intake_port: int = Field(8600, description="port of the intake (webhooks in)", ge=1, le=65535)
    intake_max_kb: int = Field(1024, description="largest webhook body taken, in kB", ge=1)
    intake_per_minute: int = Field(6000, description="webhook posts a minute and source above which 429 is said", ge=1)
    intake_commit_seconds: float = Field(20.0, description="longest wait of a redacted row for the lake's commit", gt=0)
    page_cache_mb: int = Field(
        256, description="memory for the answers that pages have read from the lake, in MB", ge=1
    )
    page_mirror_rows: int = Field(
        5_000_000,
        description="feedback up to which pages keep what they count by in memory (some 150 MB a million); 0: never",
        ge=0,
    )
    page_log_ms: int | None = Field(
        None, description="log pages that took the server at least so many milliseconds (0: all); empty: none", ge=0
    )
    backup_dir: Path | None = Field(
        None, description="folder of the backups (`voc backup`): /metrics tells the age of the newest; empty: nothing"
    )
    backup_keys_dir: Path | None = Field(
        None,
        description="where each `voc backup` also copies the keys, on another disk than the backups; empty: nowhere",
    )
    log_format: Literal["plain", "json"] = Field(
        "plain", description="form of log lines, of every process: plain or json"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="least level of our own log lines"
    )
    audit_days: int = Field(
        183, description="days the audit log keeps who read what (CNIL: 6 to 12 months)", ge=1, le=366
    )
    inbox_days: int = Field(7, description="days a raw webhook body is kept, encrypted, after its row is in", ge=1)
    min_answers: int = Field(30, description="answers below which a score is not shown", ge=1)
    min_advisers: int = Field(5, description="no figure on fewer advisers", ge=2)
    simulated: bool = Field(False, description="the data are made up: pages and mails say so")
    portfolio_factor: float = Field(
        1.0, description="customers of the portfolio that each analysed one stands for: scales euros at risk", gt=0
    )
    household_gap_days: int = Field(14, description="churn: days to act, households", ge=0)
    household_horizon_days: int = Field(90, description="churn: days in which a departure counts, households", ge=1)
    business_gap_days: int = Field(30, description="churn: days to act, small businesses", ge=0)
    business_horizon_days: int = Field(180, description="churn: days in which a departure counts, businesses", ge=1)
    daily_calls: int = Field(
        25, description="proactive callbacks a day, all teams together (by team: teams.yaml)", ge=0
    )
    case_risk_quantile: float = Field(
        0.99, description="points card only: index above which a case may open by risk", gt=0, lt=1
    )
    case_detractor_max: int = Field(6, description="highest 0-10 answer that opens a case", ge=0, le=10)
    case_lookback_days: int = Field(7, description="signals older than this open no case", ge=1)
    high_value_eur: float = Field(150.0, description="margin a year above which a detractor is called in 24 h", ge=0)
    promise_high_value_hours: int = Field(24, description="promise: detractor of high value", ge=1)
    promise_hours: int = Field(48, description="promise: every other case", ge=1)
    holdout_share: float = Field(
        0.10, description="share held back once a director switches the hold-out on", ge=0, lt=1
    )
    dry_run: bool = Field(True, description="nothing leaves the house: mails and webhooks are written to files only")
    webhook_url: str = Field("", description="where callback cases are delivered; empty: nowhere")
    webhook_secret: SecretStr | None = Field(None, description="whsec_ key(s), comma separated, that sign deliveries")
    webhook_allow_private: bool = Field(False, description="allow private and loopback webhook addresses")
    outbox_secrets: dict[str, SecretStr] = Field(
        {}, description='key, token or address of each endpoint of endpoints.yaml, as JSON: {"crm_hubspot": "..."}'
    )
    case_event_secret: SecretStr | None = Field(
        None,
        description="whsec_ key(s), comma separated, that sign what is posted to /cases/{id}/events; empty: nothing",
    )
    smtp_host: str = Field("", description="mail relay; empty: digests are only written to files")
    smtp_port: int = Field(587, description="port of the relay", ge=1, le=65535)
    smtp_user: str = Field("", description="user of the relay")
    smtp_password: SecretStr | None = Field(None, description="password of the relay")
    smtp_starttls: bool = Field(True, description="encrypt; off only for a relay on this machine")
    mail_from: str = Field("voc@localhost", description="sender of digests")
    public_url: str = Field(
        "",
        description="https address under which digests' readers reach the intake; empty: digests have no answer links",
    )
    answer_days: int = Field(28, description="days after its week in which a digest's answer links work", ge=1, le=366)
    dashboard_url: str = Field("http://127.0.0.1:8501", description="address of the dashboard in mails")
    prefect_port: int = Field(4200, description="port of the Prefect server that `voc serve` starts", ge=1, le=65535)
    dashboard_port: int = Field(8501, description="port of the dashboard", ge=1, le=65535)
    dashboard_address: str = Field(
        "127.0.0.1", description="address the dashboard listens on; another than loopback needs VOC_OIDC_METADATA_URL"
    )
    oidc_metadata_url: str = Field(
        "", description="sign-in: address of the provider's .well-known/openid-configuration; empty: nobody signs in"
    )
    oidc_client_id: str = Field("", description="sign-in: client id of the dashboard at the provider")
    oidc_client_secret: SecretStr | None = Field(None, description="sign-in: client secret of the dashboard")
    crm_url_template: str = Field("", description="opens a customer in the CRM, with {customer_id}")

    @field_validator("backup_dir", "backup_keys_dir", mode="before")
    @classmethod
    def _no_folder(cls, value: Any) -> Any:
        """An empty line of an env file is no folder, and not the working directory."""
        return value or None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        dotenv = DotEnvSettingsSource(settings_cls, env_file=config_home() / ".env")
        return init_settings, env_settings, dotenv, TomlConfigSettingsSource(settings_cls, config_home() / "voc.toml")

    def model_post_init(self, context: Any) -> None:
        for name in ("data_dir", "keys_dir", "reference_dir", "drop_dir", "extension_dir"):
            object.__setattr__(self, name, getattr(self, name).expanduser().resolve())
        if self.keys_dir == self.data_dir or self.data_dir in self.keys_dir.parents:
            raise SettingsError(
                f"VOC_KEYS_DIR ({self.keys_dir}) lies below VOC_DATA_DIR ({self.data_dir}): a copy of the data would "
                "carry its keys. Set VOC_KEYS_DIR to a folder outside it."
            )
        self._check_stores()

    def _check_stores(self) -> None:
        """Addresses of stores hold no password, which pages, logs and messages would show."""
        for name in ("ledger_url", "catalog_url"):
            if (parts := urlsplit(getattr(self, name))).password or "password=" in parts.query:
                raise SettingsError(
                    f"{PREFIX}{name.upper()} holds a password. Take it out: PostgreSQL's clients read it from the "
                    "environment variable PGPASSWORD or from ~/.pgpass."
                )
        if self.catalog_url and urlsplit(self.catalog_url).scheme not in ("postgresql", "postgres"):
            raise SettingsError("VOC_CATALOG_URL must begin with postgresql:// (or be empty: SQLite).")
        if self.files_url and not (urlsplit(self.files_url).scheme == "s3" and urlsplit(self.files_url).netloc):
            raise SettingsError("VOC_FILES_URL must be s3://bucket or s3://bucket/prefix (or be empty: a folder).")
        if bool(self.s3_key_id) != bool(self.s3_secret):
            raise SettingsError("VOC_S3_KEY_ID and VOC_S3_SECRET go together: set both, or neither.")
        if self.s3_key_id and self.s3_credentials == "chain":
            raise SettingsError(
                "VOC_S3_CREDENTIALS=chain finds the keys itself: leave VOC_S3_KEY_ID and VOC_S3_SECRET out."
            )

    @property
    def lake_dir(self) -> Path:
        return self.data_dir / "lake"

    @property
    def restoring(self) -> Path:
        """The note of a restore that has not ended: while it is there, neither store opens."""
        return self.data_dir / "restoring" / "state.json"

    @property
    def models_dir(self) -> Path:
        return self.data_dir / "models"

    @property
    def search_dir(self) -> Path:
        """The index that verbatims are searched with: made from the lake, deleted at each erasure."""
        return self.data_dir / "search"

    @property
    def out_dir(self) -> Path:
        """Digests and other files written for people."""
        return self.data_dir / "out"

    def business_day(self) -> date:
        """The day that rules flows, due clocks and pages."""
        return self.as_of or datetime.now(UTC).date()

    def business_now(self) -> datetime:
        """UTC instant of the business clock: now, or 18:00 UTC of the pinned day."""
        if self.as_of is None:
            return datetime.now(UTC)
        return datetime(self.as_of.year, self.as_of.month, self.as_of.day, 18, tzinfo=UTC)


def load_settings(**overrides: Any) -> Settings:
    """Settings from all sources; `overrides` win. Raises SettingsError with one sentence per bad setting."""
    _refuse_open_files()
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [
            f"{PREFIX}{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}" for item in error.errors()
        ]
        raise SettingsError("These settings cannot be used: " + "; ".join(lines)) from None
    except UnreadableError as error:  # what stands there may be a secret: it is not told
        raise SettingsError(f"These settings cannot be used: {error}. Where JSON is asked, write JSON.") from None
    except (ValueError, OSError) as error:
        where = f"{config_home() / '.env'} or {config_home() / 'voc.toml'}"
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise SettingsError(f"{where} cannot be read: {why}.") from None


def secret_names() -> list[str]:
    """Settings whose value nobody may see."""
    return [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]


def _refuse_open_files() -> None:
    """A file that holds a secret is its owner's alone. Raises SettingsError saying which is not."""
    from dotenv import dotenv_values

    secret = {form for name in secret_names() for form in (name, PREFIX + name.upper())}
    for path in (config_home() / ".env", config_home() / "voc.toml"):
        if os.name != "posix" or not path.is_file() or not path.stat().st_mode & 0o077:
            continue
        try:
            told = dotenv_values(path) if path.name == ".env" else tomllib.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError):
            continue  # it is read again in a moment, and refused with the reason
        if held := sorted(secret & {name if path.name == "voc.toml" else name.upper() for name in told}):
            raise SettingsError(
                f"{path} holds {', '.join(held)} and can be read by others than its owner: chmod 600 {path}"
            )


@lru_cache(maxsize=1)
def default_settings() -> Settings:
    """The process's settings, read once. Tests pass their own Settings instead."""
    return load_settings()


def setting_source(name: str, settings: Settings) -> str:
    """Where a setting's value comes from: environment, .env, voc.toml or default."""
    from dotenv import dotenv_values

    key = PREFIX + name.upper()
    if key in os.environ:
        return "environment"
    dotenv = config_home() / ".env"
    if dotenv.is_file() and any(found.upper() == key for found in dotenv_values(dotenv)):
        return ".env"
    toml = config_home() / "voc.toml"
    if toml.is_file() and name in tomllib.loads(toml.read_text(encoding="utf-8")):
        return "voc.toml"
    return "default" if getattr(settings, name) == _default(name) else "caller"


def _default(name: str) -> Any:
    value = Settings.model_fields[name].default
    return value.expanduser().resolve() if isinstance(value, Path) else value
