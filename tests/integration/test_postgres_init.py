"""`kehu warehouse init`: whom it refuses, what it says then, and that an administrator need not be a superuser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import make_dsn
from pydantic import SecretStr

from kehu.cli import main
from kehu.errors import ConfigurationError, ReleaseError, WarehouseBusy
from kehu.pipeline.administration import init_warehouse
from kehu.release.catalog import current_release_id
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse
from kehu.warehouse.on_postgres import role_making as postgres_role_making
from kehu.warehouse.on_postgres.roles import PUBLISHER
from tests.support.postgres_roles import BI, LOGIN, MASKED, PEOPLE, PII, WHOLE, add_people, clean_roles, connected
from tests.support.postgres_server import Databases
from tests.unit.release.candidates import DAYS, published, settings_for

pytestmark = pytest.mark.slow

ADMIN = f"{BI}_admin"


@dataclass(frozen=True)
class Server:
    """An empty database with the settings of a Kehu that is to use it."""

    settings: Settings
    dsn: str

    def but(self, **more: object) -> Settings:
        secret = {name: SecretStr(value) for name, value in more.items() if isinstance(value, str) and "dsn" in name}
        return self.settings.model_copy(update={**more, **secret})


@pytest.fixture
def server(tmp_path: Path, databases: Databases) -> Iterator[Server]:
    with clean_roles(databases, ADMIN):
        dsn = databases.new()
        settings = settings_for(
            tmp_path / "home",
            warehouse="postgres",
            warehouse_dsn=make_dsn(dsn, user=LOGIN),
            warehouse_admin_dsn=databases.admin,
            bi_role=BI,
            lock_timeout_seconds=0.5,
        )
        yield Server(settings, dsn)


def test_a_file_has_no_roles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEHU_HOME", str(tmp_path))
    monkeypatch.setenv("KEHU_WAREHOUSE", "duckdb")
    with pytest.raises(SystemExit) as ended:
        main(["warehouse", "init"])
    assert ended.value.code == 1
    assert "ConfigurationError" in (said := capsys.readouterr().err)
    assert "permissions of the folders in KEHU_HOME" in said


def test_the_command_takes_everything_from_the_environment(
    server: Server, databases: Databases, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "HOME": str(server.settings.home),
        "WAREHOUSE": "postgres",
        "WAREHOUSE_DSN": make_dsn(server.dsn, user=LOGIN, password="secret-of-kehu"),
        "WAREHOUSE_ADMIN_DSN": databases.admin,
        "BI_ROLE": BI,
        "BI_READER_PASSWORD": "secret-of-bi",
        "BI_READER_PII_PASSWORD": "",
        "BI_STATEMENT_TIMEOUT_SECONDS": "77",
    }.items():
        monkeypatch.setenv(f"KEHU_{name}", value)
    with pytest.raises(SystemExit) as ended:
        main(["warehouse", "init"])
    shown = capsys.readouterr()
    assert (ended.value.code, shown.err) == (0, "")
    assert f"made role {BI}\n" in shown.out and f"set the password of {BI}\n" in shown.out
    assert "secret" not in shown.out
    with connected(databases.admin) as run:
        logins = dict(run("select rolname, rolcanlogin from pg_roles where rolname = any(%s)", [[LOGIN, BI, PII]]))
    assert logins == {LOGIN: True, BI: True, PII: False}
    with connected(server.dsn, user=BI) as run:
        assert run("show statement_timeout") == [("77s",)]


def test_who_is_named_wrongly_is_refused_and_nothing_is_made(server: Server, databases: Databases) -> None:
    own = str(server.settings.warehouse_admin_dsn and server.settings.warehouse_admin_dsn.get_secret_value())
    for settings, problem in (
        (server.but(warehouse_admin_dsn=None), "KEHU_WAREHOUSE_ADMIN_DSN does not say who"),
        (server.but(warehouse_dsn=server.dsn), "who may change roles must not be who runs"),
        (server.but(warehouse_dsn=make_dsn(server.dsn, user=PUBLISHER)), "names no role that Kehu could log in as"),
        (server.but(warehouse_dsn=make_dsn(server.dsn, user=PII)), "names no role that Kehu could log in as"),
    ):
        with pytest.raises(ConfigurationError, match=problem):
            init_warehouse(settings)
    with connected(own) as run:
        run(f"create role {LOGIN} login superuser; create role {BI}; grant pg_read_all_data to {BI}")
        with pytest.raises(ConfigurationError) as raised:
            init_warehouse(server.settings)
        assert raised.value.facts == {"roles": [LOGIN], "memberships": [f"{BI} in pg_read_all_data"]}
        assert run("select count(*) from pg_roles where rolname in (%s, %s)", [PUBLISHER, PII]) == [(0,)]


def test_a_schema_analytics_of_somebody_else_and_a_run_under_way_stop_it(server: Server) -> None:
    with connected(server.dsn) as run:
        run("create schema analytics; create table analytics.mine (x integer)")
        with pytest.raises(ReleaseError, match="not one that Kehu has published"):
            init_warehouse(server.settings)
        run("drop schema analytics cascade")
    owner = server.but(warehouse_dsn=server.dsn)
    with open_warehouse(owner).writing("kehu build r1"), pytest.raises(WarehouseBusy, match="kehu build r1"):
        init_warehouse(server.settings)


def test_an_administrator_who_owns_the_database_and_may_make_roles_is_enough(
    server: Server, databases: Databases
) -> None:
    with connected(databases.admin) as run:
        run(f"create role {ADMIN} login createrole")
        name = server.dsn.split("dbname=")[1].split()[0]
        run(f"alter database {name} owner to {ADMIN}")
    settings = server.but(warehouse_admin_dsn=make_dsn(databases.admin, user=ADMIN))
    said = init_warehouse(settings)
    assert any("only a superuser can close them" in line for line in said)
    add_people(settings, DAYS[0])
    published(settings, DAYS[0])
    assert init_warehouse(settings)[-1] == f"let {BI} and {PII} read {DAYS[0]}"
    assert current_release_id(settings) == DAYS[0]
    persons = f"select {', '.join(PEOPLE)} from analytics.people order by customer_id"
    with connected(databases.admin) as run:
        run(f"alter role {BI} login; alter role {PII} login")
    for role, seen in ((BI, MASKED), (PII, WHOLE)):
        with connected(server.dsn, user=role) as run:
            assert run(persons) == seen


def test_an_administrator_with_too_few_rights_is_named_and_changes_nothing(
    server: Server, databases: Databases
) -> None:
    with open_warehouse(server.but(warehouse_dsn=server.dsn)).session():
        pass
    with connected(databases.admin) as run:
        run(f"create role {ADMIN} login createrole")
        settings = server.but(warehouse_admin_dsn=make_dsn(databases.admin, user=ADMIN))
        with pytest.raises(ConfigurationError, match="no role was changed") as raised:
            init_warehouse(settings)
        assert raised.value.facts["role"] == ADMIN
        assert run("select count(*) from pg_roles where rolname = %s", [PUBLISHER]) == [(0,)]


def test_a_login_that_owned_the_database_owns_it_no_longer(server: Server, databases: Databases) -> None:
    name = server.dsn.split("dbname=")[1].split()[0]
    with connected(databases.admin) as run:
        run(f"create role {LOGIN} login; alter database {name} owner to {LOGIN}")
        with open_warehouse(server.settings).session():
            pass
        said = init_warehouse(server.settings)
        assert f"took the database {name} from {LOGIN}" in said
        assert any(line.startswith("handed schemas over") and "landing" in line for line in said)
        owned = "select count(*) from pg_class where relowner = %s::regrole"
        with connected(server.dsn) as inside:
            assert inside(owned, [LOGIN]) == [(0,)]
    add_people(server.settings, DAYS[0])
    assert published(server.settings, DAYS[0]).is_current


def test_what_is_granted_before_postgres_16_does_the_same(
    server: Server, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statements for servers whose memberships have no options: a login that was there, with inheritance, is no richer."""
    monkeypatch.setattr(postgres_role_making, "OPTIONS_SINCE", 10**9)
    with connected(databases.admin) as run:
        run(f"create role {LOGIN} login inherit")
    init_warehouse(server.settings)
    with connected(server.dsn, user=LOGIN) as run:
        for sql in ("select * from landing.orders", "select * from ops.runs", "create schema mine"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                run(sql)
    add_people(server.settings, DAYS[0])
    assert published(server.settings, DAYS[0]).is_current
