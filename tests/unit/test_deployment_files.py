"""docker-compose.yml, Dockerfile and .env.example keep what docs/deployment.md promises. No container engine is needed."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kehu.orchestration.defaults import WAREHOUSE_POOL
from kehu.settings import Settings
from tests.support.compose_file import COMPOSE, ROOT, read_compose, read_env, refusal

pytestmark = pytest.mark.slow

ONE_SHOT = {"airflow-init", "warehouse-init", "backup", "restore"}
PROFILES = {"redis": "celery", "worker": "celery", "backup": "operations", "restore": "operations"}
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?P<kind>:\?|:-)(?P<rest>[^}]*)\}")
IS_SECRET = re.compile(r"PASSWORD|_KEY$|_SECRET$")
READ_BY_THE_ENGINE = {"COMPOSE_PROFILES"}


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that `make secrets` has written."""
    folder = tmp_path_factory.mktemp("secrets")
    (folder / ".env.example").write_bytes((ROOT / ".env.example").read_bytes())
    assert generate(folder).returncode == 0
    return folder / ".env"


@pytest.fixture(scope="module")
def compose(env: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read_compose(read_env(env), tmp_path_factory.mktemp("compose"))


def generate(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "make_secrets.py"), str(folder)]
    # A generous umask: the mode must not depend on it.
    return subprocess.run(command, capture_output=True, text=True, check=False, umask=0)


def variables() -> dict[str, set[tuple[str, str]]]:
    """The variables of the compose file, each with the forms in which it is used."""
    text = re.sub(r"^\s*#.*$", "", COMPOSE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: dict[str, set[tuple[str, str]]] = {}
    for match in VARIABLE.finditer(text):
        found.setdefault(match["name"], set()).add((match["kind"], match["rest"]))
    assert len(re.findall(r"(?<!\$)\$(?!\$)", text)) == len(VARIABLE.findall(text)), "every variable has :? or :-"
    return found


def test_the_file_is_one_by_the_specification() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_services_are_those_of_airflow_with_two_databases(compose: dict[str, Any]) -> None:
    always = {"metadata-db", "warehouse-db", "api-server", "scheduler", "dag-processor", "triggerer"}
    assert set(compose["services"]) == always | ONE_SHOT | {"redis", "worker"}
    for name, service in compose["services"].items():
        assert service.get("profiles", []) == ([PROFILES[name]] if name in PROFILES else [])
    assert compose["services"]["worker"]["deploy"]["replicas"] >= 2


def test_every_service_is_pinned_limited_and_no_root(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        image, _, tag = service["image"].partition(":")
        assert image in ("kehu", "postgres", "redis")
        assert re.fullmatch(r"\d+\.\d+(\.\d+)?", tag), f"{name}: the tag names a version"
        assert service["user"].split(":")[0] not in ("", "0", "root"), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert service["logging"]["options"]["max-size"], f"{name}: logs must not fill the disk"


WRITTEN = {
    "kehu": {"/tmp", "/home/kehu", "/var/lib/kehu-airflow"},
    "postgres": {"/tmp", "/var/run/postgresql"},
    "redis": {"/run/kehu"},
}
"""Where an image writes besides its volumes."""


def test_root_file_systems_are_read_only_and_what_is_written_has_a_place(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        in_memory = {entry.split(":")[0]: entry for entry in service["tmpfs"]}
        assert set(in_memory) >= WRITTEN[service["image"].split(":")[0]], name
        assert all("size=" in entry for entry in in_memory.values()), f"{name}: memory is limited"
        mounted = {str(volume).split(":")[1] for volume in service.get("volumes", [])}
        assert not mounted & set(in_memory), f"{name}: a volume is not hidden"


def test_what_stays_is_restarted_and_asked_for_its_health_and_what_ends_is_not(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name in ONE_SHOT:
            assert service["restart"] == "no", name
            assert "healthcheck" not in service
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL"), name


def test_ports_are_open_on_this_machine_only(compose: dict[str, Any]) -> None:
    opened = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert opened == {"api-server": ["127.0.0.1:8080:8080"], "warehouse-db": ["127.0.0.1:5432:5432"]}


def test_the_databases_are_apart_and_only_one_shots_know_the_warehouse_s_owner(
    compose: dict[str, Any], env: Path
) -> None:
    services, values = compose["services"], read_env(env)
    assert set(services["metadata-db"]["networks"]).isdisjoint(services["warehouse-db"]["networks"])
    assert services["metadata-db"]["volumes"] != services["warehouse-db"]["volumes"]
    owner = values["KEHU_WAREHOUSE_ADMIN_PASSWORD"]
    knows = {name for name, service in services.items() if owner in str(service["environment"])}
    assert knows == {"warehouse-db", "warehouse-init", "backup", "restore"}
    token = values["AIRFLOW_JWT_SECRET"]
    assert {name for name, service in services.items() if token in str(service["environment"])} == {
        "api-server",
        "scheduler",
    }
    erasure = {name for name, service in services.items() if "KEHU_ERASURE_KEY" in (service["environment"] or {})}
    assert erasure == {"scheduler", "worker"}, "only who runs tasks needs the key of the erasure ledger"
    login = {name for name, service in services.items() if "KEHU_WAREHOUSE_DSN" in (service["environment"] or {})}
    assert login == {"api-server", "scheduler", "worker", "warehouse-init"}
    bi = values["KEHU_BI_READER_PASSWORD"]
    assert {name for name, service in services.items() if bi in str(service["environment"])} == {"warehouse-init"}


def test_texts_of_the_warehouse_are_in_the_order_of_code_points(compose: dict[str, Any]) -> None:
    arguments = compose["services"]["warehouse-db"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert {"--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"} <= set(arguments)


def test_passwords_are_in_no_command(compose: dict[str, Any], env: Path) -> None:
    secrets = [value for name, value in read_env(env).items() if IS_SECRET.search(name)]
    for name, service in compose["services"].items():
        said = str([service.get(key) for key in ("command", "entrypoint", "healthcheck")])
        assert not any(secret in said for secret in secrets), f"{name}: everybody can list the arguments of a process"


def test_no_secret_has_a_default_and_everything_else_may_be_left_out() -> None:
    for name, forms in variables().items():
        kinds = {kind for kind, _ in forms}
        if IS_SECRET.search(name):
            assert forms == {(":?", "run make secrets")}, f"{name}: without a value nothing may start"
        assert len(forms) == 1, f"{name}: one default, or none, wherever it is used"
        assert kinds == {":?"} or not IS_SECRET.search(name)


def test_a_missing_secret_or_folder_is_named_and_nothing_starts(env: Path) -> None:
    needed = {name: hint for name, forms in variables().items() for kind, hint in forms if kind == ":?"}
    assert len(needed) >= 12
    values = read_env(env)
    assert refusal(values) is None
    for name, hint in needed.items():
        said = refusal({**values, name: ""})
        assert said is not None and name in said and hint in said
    said = refusal({key: value for key, value in values.items() if key != "REDIS_PASSWORD"})
    assert said is not None and "REDIS_PASSWORD" in said, "left out is as bad as empty"


def test_the_example_lists_every_variable_of_the_compose_file_and_no_other_with_the_same_default() -> None:
    example, used = read_env(ROOT / ".env.example"), variables()
    assert set(example) - READ_BY_THE_ENGINE == set(used)
    for name, forms in used.items():
        (kind, default), *_ = forms
        if kind == ":-":
            assert example[name] == default, f"{name}: example and compose file must agree"


def test_settings_of_kehu_that_compose_passes_exist(compose: dict[str, Any]) -> None:
    known = {f"KEHU_{name.upper()}" for name in Settings.model_fields}
    passed = {name for name in compose["services"]["scheduler"]["environment"] if name.startswith("KEHU_")}
    assert passed <= known


def test_generated_secrets_fill_what_is_empty_are_private_and_all_different(env: Path) -> None:
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    values, example = read_env(env), read_env(ROOT / ".env.example")
    secrets = {name: value for name, value in values.items() if IS_SECRET.search(name)}
    passwords = {name: value for name, value in secrets.items() if name != "AIRFLOW_FERNET_KEY"}
    assert all(re.fullmatch(r"[0-9a-f]{64,128}", value) for value in passwords.values()), "safe in a URL and in a shell"
    assert len(set(secrets.values())) == len(secrets) >= 10
    assert len(secrets["AIRFLOW_JWT_SECRET"]) >= 64, "HS512 wants 64 bytes"
    assert {name: value for name, value in values.items() if name not in secrets} == {
        name: value for name, value in example.items() if name not in secrets
    }


def test_the_fernet_key_is_one(env: Path) -> None:
    from cryptography.fernet import Fernet

    key = Fernet(read_env(env)["AIRFLOW_FERNET_KEY"])
    assert key.decrypt(key.encrypt(b"x")) == b"x"


def test_secrets_that_are_there_are_never_touched(env: Path) -> None:
    before = env.read_bytes()
    again = generate(env.parent)
    assert again.returncode == 1
    assert "stays as it is" in again.stderr
    assert env.read_bytes() == before
    assert sorted(os.listdir(env.parent)) == [".env", ".env.example"]


def test_make_secrets_is_the_generator() -> None:
    done = subprocess.run(
        ["make", "-n", "--no-print-directory", "secrets"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["python3", "tools/make_secrets.py"]


def test_the_example_holds_no_secret_and_git_never_takes_the_real_one() -> None:
    assert all(not value for name, value in read_env(ROOT / ".env.example").items() if IS_SECRET.search(name))
    assert "/.env" in (ROOT / ".gitignore").read_text().splitlines()
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*", "the builder gets what is listed, nothing else"


def dockerfile() -> list[str]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_is_pinned_locked_and_runs_as_nobody_in_particular(compose: dict[str, Any]) -> None:
    lines = dockerfile()
    assert "ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm" in lines
    assert {line.split()[1] for line in lines if line.startswith("FROM")} == {"${PYTHON_IMAGE}"}
    assert any(re.fullmatch(r"ARG UV_VERSION=\d+\.\d+\.\d+", line) for line in lines)
    for line in lines:
        if "uv sync" in line:
            assert "--frozen" in line and "--no-dev" in line and "--extra deploy" in line
    assert lines[-3] == "USER 10001:10001"
    users = {service["user"] for service in compose["services"].values() if service["image"].startswith("kehu")}
    assert users == {"10001:10001"}


def test_the_image_holds_what_the_commands_need() -> None:
    copied = {
        line.split()[1] for line in dockerfile() if line.startswith("COPY") and not line.startswith("COPY --from")
    }
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {"plugins", "dags", "dbt_project", "expectations", "deploy"} <= copied
    assert copied <= allowed
    for line in dockerfile():
        if line.startswith("COPY") and "--from" not in line:
            assert all((ROOT / name).exists() for name in line.split()[1:-1])


def test_the_providers_that_the_image_needs_are_locked_and_from_where_everything_is() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    names = {package["name"] for package in locked["package"]}
    for provider in ("celery", "fab", "openlineage", "postgres", "smtp"):
        assert f"apache-airflow-providers-{provider}" in names
    assert {"asyncpg", "redis", "statsd"} <= names
    sources = {package["source"].get("registry") for package in locked["package"] if "registry" in package["source"]}
    assert len(sources) == 1


def test_the_first_start_makes_the_pool_that_every_task_queues_in() -> None:
    assert f"airflow pools set {WAREHOUSE_POOL} 1 " in (ROOT / "deploy" / "airflow_init.sh").read_text()
