"""The configuration of a local Airflow: everything under ``$KEHU_HOME/airflow``, this machine only, nothing sent anywhere."""

from __future__ import annotations

import json
import os
import secrets
import socket
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

from kehu.files.durable import replace_durably
from kehu.settings import PROJECT_ROOT, Settings, child_environment

HOST = "127.0.0.1"
USER = "admin"
PREFERRED_PORT = 8080


@dataclass(frozen=True)
class LocalConfig:
    """Where a local Airflow lives and how to enter it."""

    home: Path
    port: int
    password: str
    environment: dict[str, str]

    @property
    def url(self) -> str:
        """The address of the UI and of the API."""
        return f"http://{HOST}:{self.port}"

    @property
    def logs(self) -> Path:
        """Logs of tasks, and one file for each process."""
        return self.home / "logs"

    @property
    def password_file(self) -> Path:
        """Airflow's file of generated passwords."""
        return self.home / "passwords.json"


def local_config(settings: Settings) -> LocalConfig:
    """Make the folder and its secrets where missing, and choose a free port."""
    home = settings.home.resolve() / "airflow"
    (home / "logs").mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    keys = _secret_file(home / "secrets.json", ("password", "fernet", "session", "token"))
    port = free_port()
    config = LocalConfig(home, port, keys["password"], {})
    _write_private(config.password_file, json.dumps({USER: keys["password"]}))
    return LocalConfig(home, port, keys["password"], _environment(settings, config, keys))


def _environment(settings: Settings, config: LocalConfig, keys: dict[str, str]) -> dict[str, str]:
    """The environment of every Airflow process: the caller's without its Airflow settings, and ours."""
    inherited = {
        name: value
        for name, value in child_environment().items()
        if not name.startswith("AIRFLOW__") and name not in ("AIRFLOW_HOME", "AIRFLOW_CONFIG")
    }
    options = {f"AIRFLOW__{name.upper()}": str(value) for name, value in _options(config, keys).items()}
    return {
        **inherited,
        **options,
        "AIRFLOW_HOME": str(config.home),
        "KEHU_HOME": str(settings.home.resolve()),
        "KEHU_SOURCES": str(settings.sources.resolve()),
    }


def _options(config: LocalConfig, keys: dict[str, str]) -> dict[str, object]:
    """``section__option`` and its value. What is not explained keeps a laptop quick and quiet."""
    fernet = urlsafe_b64encode(bytes.fromhex(keys["fernet"])).decode()
    return {
        "core__dags_folder": PROJECT_ROOT / "dags",
        "core__plugins_folder": PROJECT_ROOT / "plugins",
        "core__load_examples": False,
        "core__executor": "LocalExecutor",
        "core__parallelism": 4,
        "core__fernet_key": fernet,
        "core__hostname_callable": "socket.gethostname",
        "core__simple_auth_manager_users": f"{USER}:admin",
        "core__simple_auth_manager_passwords_file": config.password_file,
        "core__execution_api_server_url": f"{config.url}/execution/",
        "database__sql_alchemy_conn": f"sqlite:///{config.home / 'airflow.db'}",
        "api__host": HOST,
        "api__port": config.port,
        "api__base_url": config.url,
        "api__workers": 1,
        "api__secret_key": keys["session"],
        "api_auth__jwt_secret": keys["token"],
        "logging__base_log_folder": config.logs,
        "logging__dag_processor_child_process_log_directory": config.logs / "dag_processor",
        "logging__colored_console_log": False,
        "usage_data_collection__enabled": False,
        "scheduler__catchup_by_default": False,
        "scheduler__scheduler_idle_sleep_time": 0.5,
        "scheduler__enable_health_check": False,
        # a run that was killed together with its Airflow is picked up again soon after the next start
        "scheduler__task_instance_heartbeat_timeout": 120,
        # dbt may keep both cores of a small machine busy: answers come late, which is no reason to give a task up
        "workers__execution_api_timeout": 60,
        "workers__max_failed_heartbeats": 10,
        "dag_processor__parsing_processes": 1,
        "dag_processor__min_file_process_interval": 60,
    }


def free_port() -> int:
    """Airflow's usual port if nothing listens there, else any free one."""
    for port in (PREFERRED_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on this machine")


def _secret_file(path: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Generated once; a later start finds the same ones, so that sessions and stored connections stay readable."""
    if not path.exists():
        _write_private(path, json.dumps({name: secrets.token_hex(32 if name != "password" else 8) for name in names}))
    values: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return values


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    replace_durably(temporary, path)
