"""What docker-compose.yml describes works: its commands, environments, databases and health checks, as processes.

One story, told in the order of the file: the services come up, a day is published into the warehouse, both databases are
backed up, lost and restored.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from cryptography.fernet import Fernet

from kehu.orchestration.local.airflow_api import AirflowApi
from kehu.settings import PROJECT_ROOT
from tests.integration import tiny_shop
from tests.support.compose_file import read_compose, read_env
from tests.support.postgres_server import is_shipped, kill_tree
from tests.support.topology import BIN, DatabaseService, Topology, free_ports, processes
from tests.support.webhook_server import Webhook, webhook
from tools.make_secrets import main as make_secrets

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1800)]

AIRFLOW = ("api-server", "scheduler", "dag-processor", "triggerer")
DATABASES = ("metadata-db", "warehouse-db")
DAY = "2024-02-29"
INGEST, BUILD = "ingest_shop", "build_customers"
HOOK_TOKEN = "token-of-a-webhook"
IS_SECRET = re.compile(r"PASSWORD|_KEY$|_SECRET$")
READY_SECONDS, RUN_SECONDS = 300, 900


@dataclass
class Deployment:
    """The services and how to reach them."""

    root: Path
    topology: Topology
    databases: dict[str, DatabaseService]
    variables: dict[str, str]
    url: str
    scheduler_port: int

    @property
    def backups(self) -> Path:
        """Where backups are put."""
        return self.root / "backups"

    @property
    def metadata(self) -> DatabaseService:
        return self.databases["metadata-db"]

    @property
    def warehouse(self) -> DatabaseService:
        return self.databases["warehouse-db"]

    def environment(self, service: str) -> dict[str, str]:
        """The environment of one of the service's processes."""
        return self.topology.environment(
            service,
            AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST="127.0.0.1",
            AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT=str(self.scheduler_port),
        )

    def is_healthy(self, service: str, called: dict[str, str] | None = None, **more: str) -> bool:
        """What the service's own health check says; ``called`` replaces names of which a machine has several."""
        check = self.topology.health(service)
        for name, other in (called or {}).items():
            check = [word.replace(name, other) for word in check]
        environment = {**self.environment(service), **more}
        return (
            subprocess.run(check, env=environment, cwd=PROJECT_ROOT, capture_output=True, check=False).returncode == 0
        )

    def execute(self, service: str, *command: str, **more: str) -> str:
        """Run a command as in a container of a service; returns what it says."""
        done = subprocess.run(
            command,
            env=self.topology.environment(service, **more),
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def run(self, service: str, **more: str) -> None:
        """Run a service that ends by itself."""
        self.execute(service, *self.topology.command(service), **more)

    def script(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a script of deploy/ as the services backup and restore do."""
        environment = self.topology.environment("backup")
        environment["PATH"] = f"{self.metadata.programs}:{environment['PATH']}"
        script = ["sh", str(PROJECT_ROOT / "deploy" / name), *arguments]
        return subprocess.run(script, env=environment, capture_output=True, text=True, check=False)

    def released(self) -> list[str]:
        """The day that BI reads, and its net revenue."""
        query = "select as_of_date, (select sum(net_revenue) from analytics.fct_orders) from analytics.release"
        return self.warehouse.sql(query).split("|")

    def release_id(self) -> str:
        """The release that BI reads."""
        return self.warehouse.sql("select release_id from analytics.release")

    def books(self) -> str:
        """Kehu's list of releases and batches."""
        return "\n".join([self.warehouse.sql("select * from ops.releases order by 1, 2"), *self.batches()])

    def batches(self) -> list[str]:
        """The batches that are loaded."""
        return self.warehouse.sql("select batch_id from ops.batches order by 1").splitlines()

    def checksums(self) -> str:
        """What every table that BI reads holds, whichever run it was built in."""
        return self.warehouse.sql(
            "select t.key, t.value ->> 'checksum' from ops.release_manifests, jsonb_each(manifest -> 'tables') as t"
            " where release_id = (select release_id from analytics.release)"
            " and not (t.value ->> 'is_run_specific')::boolean order by 1"
        )

    def candidates(self) -> list[str]:
        """Runs whose marts are being built or have been."""
        return [path.parent.name for path in (self.root / "home" / "runs").glob("*/candidate")]

    def runs(self) -> str:
        """Airflow's list of runs."""
        return self.metadata.sql("select dag_id, run_id, state from dag_run order by 1, 2")

    def files_with_a_secret(self) -> list[str]:
        """Logs and files of runs in which a password or a key can be read."""
        secrets = [value.encode() for name, value in self.variables.items() if IS_SECRET.search(name)]
        files = [path for name in ("logs", "home") for path in (self.root / name).rglob("*") if path.is_file()]
        return [str(path) for path in files if any(secret in path.read_bytes() for secret in secrets)]

    def airflow(self, hook: Webhook, beside: dict[str, list[str]] | None = None, **more: str) -> Any:
        """Airflow's processes, from the start of a block to its end; alerts go to the webhook, ingests are late at once.

        ``beside`` are further processes, named after a service or as w1, w2 … for a worker.
        """
        connection = {"conn_type": "generic", "password": f"{hook.url}/{HOOK_TOKEN}"}
        told = {
            "KEHU_ALERTS": "slack:kehu_slack",
            "AIRFLOW_CONN_KEHU_SLACK": json.dumps(connection),
            "KEHU_INGEST_DEADLINE_MINUTES": "0.02",
        }
        logs = self.root / "logs" / "processes"
        logs.mkdir(parents=True, exist_ok=True)
        commands = {name: self.topology.command(name) for name in AIRFLOW}
        # A container has its ports for itself; on this machine each gets a free one, on loopback, or none.
        commands["api-server"] += ["--host", "127.0.0.1", "--port", self.url.rpartition(":")[2]]
        commands["scheduler"] += ["--skip-serve-logs"]
        commands["triggerer"] += ["--skip-serve-logs"]
        commands |= beside or {}
        services = {name: "worker" if re.fullmatch(r"w\d", name) else name for name in commands}
        environments = {name: {**self.environment(service), **told, **more} for name, service in services.items()}
        return processes(commands, environments, logs)

    def api(self, check: Callable[[], None]) -> AirflowApi:
        """A client with the administrator's rights, once Airflow is ready; ``check`` says if a process has ended."""
        api = AirflowApi(self.url, self.variables["KEHU_ADMIN_USER"], self.variables["KEHU_ADMIN_PASSWORD"])
        wait_until(lambda: check() or api.is_healthy(), READY_SECONDS, "Airflow is not ready")
        api.login()
        return api


def wait_until(is_so: Any, seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.5)


@pytest.fixture(scope="module")
def deployment(is_long: bool) -> Iterator[Deployment]:
    if not is_long:
        pytest.skip("two minutes of Airflow: make test-all")
    pytest.importorskip("asyncpg", reason="uv sync --extra demo --extra deploy")
    if not is_shipped():
        pytest.skip("no Postgres server for this platform on PyPI")
    # The server's socket has a short path, and its user, nobody, may come in.
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kehu-deploy-")))
        root.chmod(0o755)
        (root / ".env.example").write_bytes((PROJECT_ROOT / ".env.example").read_bytes())
        assert make_secrets(root) == 0
        tiny_shop.write_shop(root / "config")
        variables = {**read_env(root / ".env"), "KEHU_CONFIG_DIR": str(root / "config")}
        (root / "compose").mkdir()
        services = read_compose(variables, root / "compose")["services"]
        ports = dict(zip((*DATABASES, "api", "scheduler", "redis"), free_ports(5), strict=True))
        databases = {}
        for name in DATABASES:
            (root / name).mkdir(mode=0o755)
            databases[name] = DatabaseService(services[name]["environment"], root / name, ports[name])
            databases[name].start()
            stack.callback(databases[name].stop)
        url = f"http://127.0.0.1:{ports['api']}"
        ready = Deployment(root, topology(services, root, ports), databases, variables, url, ports["scheduler"])
        ready.run("airflow-init")
        ready.run("warehouse-init")
        yield ready


def topology(services: dict[str, Any], root: Path, ports: dict[str, int]) -> Topology:
    for name in ("home", "logs", "backups", "redis"):
        (root / name).mkdir()
    return Topology(
        services,
        {
            **{f"{name}:5432": f"127.0.0.1:{ports[name]}" for name in DATABASES},
            "api-server:8080": f"127.0.0.1:{ports['api']}",
            "127.0.0.1:8080": f"127.0.0.1:{ports['api']}",
            "localhost:8080": f"127.0.0.1:{ports['api']}",
            "redis:6379": f"127.0.0.1:{ports['redis']}",
            "exec redis-server /run/kehu/redis.conf": f"exec redis-server {root}/redis/redis.conf --bind 127.0.0.1 "
            f"--port {ports['redis']} --dir {root}/redis",
            "redis-cli ": f"redis-cli -p {ports['redis']} ",
            "/run/kehu": str(root / "redis"),
            "127.0.0.1:8974": f"127.0.0.1:{ports['scheduler']}",
            "/var/lib/kehu-airflow/logs": str(root / "logs"),
            "/var/lib/kehu": str(root / "home"),
            "/etc/kehu": str(root / "config"),
            "/opt/kehu": str(PROJECT_ROOT),
        },
    )


def test_the_services_come_up_and_publish_a_day(deployment: Deployment) -> None:
    for service in ("airflow-init", "warehouse-init"):
        deployment.run(service)  # once more: they run at every start

    with webhook() as hook, deployment.airflow(hook) as check, deployment.api(check) as api:
        for service in AIRFLOW:
            wait_until(partial(deployment.is_healthy, service), READY_SECONDS, f"{service} is not healthy")
        wait_until(lambda: {INGEST, BUILD} <= api.dag_ids(), READY_SECONDS, "DAGs are missing")
        assert api.import_errors() == []
        # The schedule's own run, for yesterday by the machine's clock, shall not start a build.
        api.set_paused(INGEST, paused=False)
        wait_until(lambda: [r["state"] for r in api.runs(INGEST)] == ["success"], RUN_SECONDS, "nothing is ingested")
        api.set_paused(BUILD, paused=False)
        api.trigger(INGEST, partition_key=DAY)
        wait_until(lambda: published(api), RUN_SECONDS, "the day is not published")
        late = [got.body["text"] for got in hook.received]

    assert deployment.released() == [DAY, str(tiny_shop.net_revenue(DAY))]
    assert any(text.startswith(f"Kehu: {INGEST} is late\nRun: ") for text in late), "its deadline was a second"
    assert not any(BUILD in text for text in late)
    assert deployment.files_with_a_secret() == []


def test_both_databases_come_back_from_a_backup(deployment: Deployment) -> None:
    before = (deployment.released(), deployment.books(), deployment.runs())
    backup = deployment.script("backup.sh", str(deployment.backups)).stdout.strip()
    assert [path.name for path in deployment.backups.iterdir()] == [Path(backup).name], "no half one is left"

    for database, service in (("metadata", deployment.metadata), ("warehouse", deployment.warehouse)):
        service.lose()
        service.start()
        if database == "warehouse":
            deployment.run("warehouse-init")
        done = deployment.script("restore.sh", backup, database)
        assert done.returncode == 0, done.stderr

    assert (deployment.released(), deployment.books(), deployment.runs()) == before
    assert deployment.warehouse.sql("select has_schema_privilege('bi_reader', 'analytics', 'usage')") == "t"


def test_a_damaged_backup_or_a_database_in_use_is_refused(deployment: Deployment) -> None:
    before = deployment.released()
    (backup,) = deployment.backups.iterdir()
    with psycopg2.connect(deployment.warehouse.dsn) as connection:
        refused = deployment.script("restore.sh", str(backup), "warehouse")
        assert refused.returncode == 1 and "1 connections to the database are open" in refused.stderr
    connection.close()
    with (backup / "warehouse.dump").open("r+b") as file:
        file.seek(100)
        file.write(b"damaged")
    refused = deployment.script("restore.sh", str(backup), "warehouse")
    assert refused.returncode == 1 and "damaged" in refused.stderr
    assert deployment.released() == before


def test_a_lost_warehouse_is_built_again_from_the_landing_zone(deployment: Deployment) -> None:
    before = deployment.checksums()
    deployment.warehouse.lose()
    deployment.warehouse.start()
    deployment.run("warehouse-init")
    deployment.execute("scheduler", "kehu", "run", "--as-of", DAY)
    assert deployment.released() == [DAY, str(tiny_shop.net_revenue(DAY))]
    assert deployment.checksums() == before


def test_two_workers_run_tasks_that_redis_hands_them(deployment: Deployment) -> None:
    """The profile celery; with a redis-server of this machine, as PyPI has none."""
    if not (shutil.which("redis-server") and shutil.which("redis-cli")):
        pytest.skip("no redis-server on the PATH")
    settings = {"AIRFLOW__CORE__EXECUTOR": "CeleryExecutor", "PATH": f"{BIN}:{os.environ['PATH']}"}
    worker = deployment.topology.command("worker")
    names = [f"w{number}@%h" for number in (1, 2)]
    commands = {
        "redis": deployment.topology.command("redis"),
        **{name[:2]: [*worker, "--celery-hostname", name, "--skip-serve-logs"] for name in names},
    }
    with webhook() as hook, deployment.airflow(hook, commands, **settings) as check, deployment.api(check) as api:
        assert_healthy = partial(deployment.is_healthy, "worker", **settings)
        for name in names:
            waiting = partial(assert_healthy, {"celery@": name.replace("%h", "")})
            wait_until(waiting, READY_SECONDS, f"{name} is not healthy")
        assert deployment.is_healthy("redis", **settings)
        wait_until(lambda: {INGEST, BUILD} <= api.dag_ids(), READY_SECONDS, "DAGs are missing")
        api.set_paused(BUILD, paused=True)
        api.set_paused(INGEST, paused=False)
        run_id = api.trigger(INGEST, partition_key="2024-03-01")
        wait_until(
            lambda: api.run(INGEST, run_id)["state"] == "success", RUN_SECONDS, "the worker did not run the task"
        )
    assert int(deployment.metadata.sql("select count(*) from celery_taskmeta where status = 'SUCCESS'")) >= 1
    assert "AIRFLOW__API_AUTH__JWT_SECRET" not in deployment.topology.environment("worker")


def test_a_machine_that_dies_while_it_builds_is_mended_by_a_plain_rerun(deployment: Deployment) -> None:
    """kill -9 of everything at once: Airflow, its tasks, dbt, both databases."""
    release, undisturbed, batches = deployment.release_id(), deployment.checksums(), deployment.batches()
    known = set(deployment.candidates())
    with webhook() as hook, deployment.airflow(hook) as check, deployment.api(check) as api:
        wait_until(lambda: BUILD in api.dag_ids(), READY_SECONDS, "DAGs are missing")
        api.set_paused(BUILD, paused=False)
        api.trigger(BUILD, conf={"as_of": DAY})
        wait_until(lambda: set(deployment.candidates()) - known, RUN_SECONDS, "the build has not begun")
        kill_tree(check.args[0].pid)
        deployment.metadata.crash()
        deployment.warehouse.crash()
    deployment.metadata.start()
    deployment.warehouse.start()
    assert (deployment.release_id(), deployment.checksums()) == (release, undisturbed), "BI reads what it read, whole"

    deployment.execute("scheduler", "kehu", "run", "--as-of", DAY)
    assert deployment.release_id() != release
    assert deployment.checksums() == undisturbed
    assert set(batches) <= set(deployment.batches()), "nothing that has landed is lost"


def test_keys_and_passwords_are_changed_as_the_runbook_says(deployment: Deployment) -> None:
    """docs/runbooks/key_rotation.md: the Fernet key by two keys at once, passwords of roles by warehouse-init."""
    old, new = deployment.variables["AIRFLOW_FERNET_KEY"], Fernet.generate_key().decode()
    connection = ["airflow", "connections"]
    added = [*connection, "add", "kept", "--conn-type", "generic", "--conn-password", "still-readable"]
    deployment.execute("scheduler", *added)
    deployment.execute("scheduler", "airflow", "rotate-fernet-key", AIRFLOW__CORE__FERNET_KEY=f"{new},{old}")
    shown = deployment.execute("scheduler", *connection, "get", "kept", "-o", "json", AIRFLOW__CORE__FERNET_KEY=new)
    assert "still-readable" in shown

    login = deployment.topology.environment("warehouse-init")["KEHU_WAREHOUSE_DSN"]
    changed = login.replace(deployment.variables["KEHU_WAREHOUSE_PASSWORD"], "another-password")
    deployment.run("warehouse-init", KEHU_WAREHOUSE_DSN=changed)
    psycopg2.connect(changed).close()
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(login)


def published(api: AirflowApi) -> bool:
    """Whether the day's build has ended well; a failed task ends the waiting."""
    runs = [run for run in api.runs(BUILD) if run["partition_key"] == DAY]
    assert all(run["state"] != "failed" for run in [*runs, *api.runs(INGEST)]), states(api)
    return any(run["state"] == "success" for run in runs)


def states(api: AirflowApi) -> list[Any]:
    """What every run and its tasks have come to."""
    runs = [(dag_id, run) for dag_id in (INGEST, BUILD) for run in api.runs(dag_id)]
    return [
        (
            dag_id,
            run["partition_key"],
            run["state"],
            [(t["task_id"], t["state"]) for t in api.tasks(dag_id, run["dag_run_id"])],
        )
        for dag_id, run in runs
    ]
