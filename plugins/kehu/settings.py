"""The only reader of the environment (prefix ``KEHU_``). Relative paths count from the project's root."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from kehu.errors import ConfigurationError

PROJECT_ROOT = Path(__file__).resolve().parents[2]

_Listed = Annotated[tuple[str, ...], NoDecode]
"""In the environment: words with commas between."""
_ALERT = re.compile(r"(slack|feishu|dingtalk|email):[A-Za-z0-9_.-]{1,200}")


class Settings(BaseSettings):
    """Settings of one process; README.md (Settings) says what each means."""

    model_config = SettingsConfigDict(env_prefix="KEHU_", extra="ignore", frozen=True)

    home: Path = Path(".kehu")
    sources: Path = Path("sources.yml")
    dbt_project: Path = Path("dbt_project")
    expectations: Path = Path("expectations")
    warehouse: Literal["duckdb", "postgres"] = "duckdb"
    warehouse_dsn: SecretStr | None = None
    serve: Literal["duckdb", "postgres"] | None = None
    serve_dsn: SecretStr | None = None
    erasure_key: SecretStr | None = None
    warehouse_admin_dsn: SecretStr | None = None
    # with `_pii` behind it, it is still a name of Postgres
    bi_role: str = Field(default="bi_reader", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,58}$")
    bi_reader_password: SecretStr | None = None
    bi_reader_pii_password: SecretStr | None = None
    bi_statement_timeout_seconds: int = Field(default=300, ge=1, le=86_400)
    bi_idle_timeout_seconds: int = Field(default=900, ge=1, le=86_400)
    timezone: str = "UTC"
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    language: Literal["en", "zh"] = "en"
    keep_releases: int = Field(default=7, ge=1)
    releases_for: Literal["owner", "group", "everybody"] | None = None
    keep_runs: int = Field(default=7, ge=1)
    memory_limit: str = Field(default="4GB", pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$")
    threads: int = Field(default_factory=lambda: os.cpu_count() or 2, ge=1)
    lock_timeout_seconds: float = Field(default=600.0, ge=0)
    alerts: _Listed = ()
    alert_emails: _Listed = ()
    ingest_deadline_minutes: float = Field(default=120.0, ge=0)
    build_deadline_minutes: float = Field(default=240.0, ge=0)

    @field_validator("home", "sources", "dbt_project", "expectations", "releases_for", mode="before")
    @classmethod
    def _not_empty(cls, given: Any, info: ValidationInfo) -> Any:
        # An empty path is the project's root to Python; to who wrote `KEHU_HOME=` it is not set.
        is_empty = isinstance(given, str) and not given.strip()
        return cls.model_fields[str(info.field_name)].default if is_empty else given

    @field_validator("home", "sources", "dbt_project", "expectations", mode="after")
    @classmethod
    def _from_project_root(cls, path: Path) -> Path:
        path = path.expanduser()
        return path if path.is_absolute() else PROJECT_ROOT / path

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name!r} is not an IANA time zone such as Europe/Berlin") from error
        return name

    @field_validator("alerts", "alert_emails", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        return tuple(word.strip() for word in given.split(",") if word.strip()) if isinstance(given, str) else given

    @field_validator("alerts")
    @classmethod
    def _known_channels(cls, channels: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_ALERT.fullmatch(channel) for channel in channels):
            raise ValueError("each alert is channel:connection, the channel one of slack, feishu, dingtalk, email")
        return channels

    @model_validator(mode="after")
    def _addressed(self) -> Settings:
        if any(channel.startswith("email:") for channel in self.alerts) and not self.alert_emails:
            raise ValueError("alerts by e-mail need KEHU_ALERT_EMAILS")
        return self

    @model_validator(mode="after")
    def _served(self) -> Settings:
        if self.warehouse == "postgres" and self.serve == "duckdb":
            raise ValueError("what KEHU_WAREHOUSE=postgres computes is served there: leave KEHU_SERVE out")
        if self.warehouse == "postgres" and self.serve_dsn is not None:
            raise ValueError(
                "KEHU_WAREHOUSE=postgres serves in the database of KEHU_WAREHOUSE_DSN: leave KEHU_SERVE_DSN out"
            )
        return self

    @property
    def serves_on(self) -> str:
        """Where releases are kept and BI reads them: ``KEHU_SERVE``, by default the warehouse."""
        return self.serve or self.warehouse

    @property
    def landing_dir(self) -> Path:
        """Immutable Parquet batches and their ledger."""
        return self.home / "landing"

    @property
    def erasures_dir(self) -> Path:
        """Who asked to be forgotten, as keyed hashes. Backed up apart from all else: a restored one must be the newest."""
        return self.home / "erasures"

    @property
    def warehouse_path(self) -> Path:
        """The working DuckDB file: landing views, state, candidates, ``ops``. BI never reads it."""
        return self.home / "warehouse" / "kehu.duckdb"

    @property
    def runs_dir(self) -> Path:
        """One folder a run: its parameters, dbt artifacts and gate results."""
        return self.home / "runs"

    @property
    def releases_dir(self) -> Path:
        """One immutable folder a release."""
        return self.home / "releases"

    @property
    def published_link(self) -> Path:
        """The symlink that BI follows to the current release."""
        return self.home / "published"

    @property
    def reports_dir(self) -> Path:
        """HTML reports, one a release."""
        return self.home / "reports"

    @property
    def actions_dir(self) -> Path:
        """Lists of actions for other tools, one folder a release."""
        return self.home / "actions"

    @property
    def data_docs_dir(self) -> Path:
        """Great Expectations' HTML pages, one folder a release."""
        return self.home / "data_docs"

    @property
    def scratch_dir(self) -> Path:
        """What analysts try beside the warehouse; whoever holds the warehouse's lock may remove it all."""
        return self.home / "scratch"

    @property
    def plans_dir(self) -> Path:
        """What ``kehu plan`` builds; gone when it ends."""
        return self.scratch_dir / "plan"

    @property
    def locks_dir(self) -> Path:
        """Lock files; their content names the holder."""
        return self.home / "locks"


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment; keyword arguments win over it.

    A secret may stand in a file that the variable's name with ``_FILE`` behind it names.

    Raises:
        ConfigurationError: a value is not valid, or a secret's file cannot be read; names the variable, never a secret's value.
    """
    secrets = {name for name, field in Settings.model_fields.items() if SecretStr in get_args(field.annotation)}
    files = {name: _secret_of_file(f"KEHU_{name.upper()}") for name in sorted(secrets - overrides.keys())}
    found = {name: secret for name, secret in files.items() if secret is not None}
    try:
        return Settings(**{**found, **overrides})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "KEHU_" + ".".join(str(part) for part in first["loc"] or (_about(str(first["msg"])),)).upper()
        raise ConfigurationError(
            f"{name} is not valid: {first['msg']}", fix=f"correct {name} in the environment", variable=name
        ) from None


def _about(message: str) -> str:
    """The setting that a rule about several of them is about."""
    return "serve" if "KEHU_SERVE" in message else "alerts"


def secret_from_environment(name: str) -> SecretStr | None:
    """A credential that a configuration names, or the content of the file that the name with ``_FILE`` behind it names.

    None where neither is set.

    Raises:
        ConfigurationError: both are set, or the file cannot be read.
    """
    value = os.environ.get(name)
    return _secret_of_file(name) or (SecretStr(value) if value else None)


def _secret_of_file(name: str) -> SecretStr | None:
    """The secret in the file that ``<name>_FILE`` names, without the line end behind it; None where it names none."""
    variable = f"{name}_FILE"
    file = os.environ.get(variable)
    if not file:
        return None
    if os.environ.get(name):
        raise ConfigurationError(f"{name} and {variable} are both set", fix="leave one of them out", variable=variable)
    try:
        text = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the file that {variable} names cannot be read",
            fix="name a readable file that holds the secret and nothing else",
            variable=variable,
            file=file,
            cause=type(error).__name__,
        ) from None
    if not text:
        raise ConfigurationError(f"the file that {variable} names is empty", fix="write the secret into it", file=file)
    return SecretStr(text)


def child_environment() -> dict[str, str]:
    """The environment of a child process: this one's, with the telemetry of every dependency off.

    No option of dbt comes in that way: with ``DBT_INDIRECT_SELECTION=empty`` a build would pass without its tests.
    """
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("DBT_")},
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "PYTHONUNBUFFERED": "1",
    }


def take_environment(environment: Mapping[str, str]) -> None:
    """Let this process see exactly this environment from now on."""
    os.environ.clear()
    os.environ.update(environment)


def fault_injection_point() -> str | None:
    """The step after which a test wants this process to die (``KEHU_TEST_DIE_AT``); None outside of tests."""
    return os.environ.get("KEHU_TEST_DIE_AT") or None
