"""Makes roles on a server, says what it did, and leaves what is right already as it is."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg2 import extensions, sql

from kehu.errors import ConfigurationError
from kehu.session import one_value
from kehu.warehouse.on_postgres.session import PostgresSession

IDLE_IN_TRANSACTION = "60s"
"""An open transaction keeps the server from cleaning up, and Kehu from removing an old release."""
OPTIONS_SINCE = 160_000
"""The first version in which a membership says whether it inherits; before, the member itself does or does not."""
_ATTRIBUTES = """
    select rolname from pg_roles
    where rolname = any(?) and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)
    order by rolname
"""
_MEMBERSHIPS = """
    select member.rolname || ' in ' || granted.rolname
    from pg_auth_members
    inner join pg_roles as member on member.oid = pg_auth_members.member
    inner join pg_roles as granted on granted.oid = pg_auth_members.roleid
    where member.rolname = any(?) order by 1
"""
_MEMBERS = """
    select member.rolname
    from pg_auth_members
    inner join pg_roles as member on member.oid = pg_auth_members.member
    inner join pg_roles as granted on granted.oid = pg_auth_members.roleid
    where granted.rolname = ? and member.rolcanlogin and member.rolname <> current_user order by 1
"""


class RoleMaker:
    """Makes roles in the transaction of an administrator's session.

    Attributes:
        done: what was done, a sentence each; never a password.
        is_superuser: whether the administrator is one.
    """

    def __init__(self, session: PostgresSession) -> None:
        self.session = session
        self.done: list[str] = []
        self.is_superuser = bool(one_value(session, "select rolsuper from pg_roles where rolname = current_user"))
        self._has_options = session.connection.server_version >= OPTIONS_SINCE
        self._database = str(one_value(session, "select current_database()"))

    def require_no_more_than_needed(self, workers: Sequence[str], readers: Sequence[str]) -> None:
        """Refuse roles that no privileges could bind.

        Raises:
            ConfigurationError: one of them is a superuser or the like, or a reader is a member of another role.
        """
        mighty = [row[0] for row in self.session.rows(_ATTRIBUTES, [[*workers, *readers]])]
        members = [row[0] for row in self.session.rows(_MEMBERSHIPS, [list(readers)])]
        if mighty or members:
            raise ConfigurationError(
                "a role has more rights than its work needs, so privileges would not bind it",
                fix="take superuser, createrole, createdb, replication, bypassrls or the membership away, or name other roles"
                " in KEHU_WAREHOUSE_DSN and KEHU_BI_ROLE",
                roles=mighty,
                memberships=members,
            )

    def make(self, role: str) -> None:
        """Make a role that cannot log in, unless it is there."""
        if not self._exists(role):
            self._run("create role {} nologin", role)
            self.done.append(f"made role {role}")

    def join_workers(self, workers: Sequence[str]) -> None:
        """An administrator who is no superuser hands things to roles, and grants in their name, as a member of them."""
        options = "with inherit true, set true" if self._has_options else ""
        for role in () if self.is_superuser else workers:
            self._run(f"grant {{}} to {{}} {options}", role, str(one_value(self.session, "select current_user")))

    def make_login(self, login: str, workers: Sequence[str], password: str | None) -> None:
        """Make the role that logs in for Kehu: it has no right but to connect, and to act as each of the workers."""
        if not self._exists(login):
            self._run("create role {} login noinherit", login)
            self.done.append(f"made role {login}, as which Kehu logs in")
        elif not self._has_options:
            self._run("alter role {} noinherit", login)
        if password:
            self._set_password(login, password)
        options = "with inherit false, set true" if self._has_options else ""
        for role in workers:
            self._run(f"grant {{}} to {{}} {options}", role, login)
        self.done.append(f"let {login} act as {', '.join(workers)}")

    def let_log_in(self, role: str, password: str | None) -> None:
        """Let a role log in with a password; without one it stays as it is."""
        if password:
            self._run("alter role {} login", role)
            self._set_password(role, password)

    def limit(self, role: str, statement_seconds: int, idle_seconds: int) -> None:
        """Bound what a reader may keep busy in this database; its members who log in themselves get the same bounds.

        Postgres takes such settings from the role that logs in, never from those that it is a member of. A role may change its
        own settings for all who log in as it, here and for all databases: whatever it has set is forgotten first.
        """
        for name in (role, *(row[0] for row in self.session.rows(_MEMBERS, [role]))):
            self._run("alter role {} in database {} reset all", name, self._database)
            self._run("alter role {} reset all", name)
            for setting, value in (
                ("statement_timeout", f"{statement_seconds}s"),
                ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION),
                ("idle_session_timeout", f"{idle_seconds}s"),
                ("default_transaction_read_only", "on"),
            ):
                self._run(f"alter role {{}} in database {{}} set {setting} = '{value}'", name, self._database)
            self.done.append(f"bounded {name}: statements {statement_seconds} s, idle {idle_seconds} s, read-only")

    def take_database_from(self, login: str) -> None:
        """The owner of a database may do anything with it: that is not who runs."""
        owner = one_value(
            self.session, "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"
        )
        if owner == login:
            self._run("alter database {} owner to current_user", self._database)
            self.done.append(f"took the database {self._database} from {login}")

    def _set_password(self, role: str, password: str) -> None:
        """The server gets a SCRAM verifier: what it logs, or keeps in its statistics, is not the password."""
        verifier = extensions.encrypt_password(password, role, scope=self.session.connection, algorithm="scram-sha-256")
        statement = sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(verifier))
        self.session.execute(statement.as_string(self.session.connection))
        self.done.append(f"set the password of {role}")

    def _exists(self, role: str) -> bool:
        return bool(self.session.rows("select 1 from pg_roles where rolname = ?", [role]))

    def _run(self, statement: str, *names: str) -> None:
        quoted = [sql.Identifier(name) for name in names]
        self.session.execute(sql.SQL(statement).format(*quoted).as_string(self.session.connection))
