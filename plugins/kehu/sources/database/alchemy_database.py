"""Every other database through SQLAlchemy: SQLite in a file that is opened for reading, others as their driver allows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, NoSuchTableError, SQLAlchemyError

from kehu.errors import ConfigurationError, KehuError, SourceTableMissing, SourceTypeUnsupported, nearest
from kehu.quoting import sql_text
from kehu.sources.database.database_address import DatabaseUrl
from kehu.sources.database.database_errors import named_error, refused_connection
from kehu.sources.database.reading import CHUNK_ROWS, Relation
from kehu.sources.spool import Column, LowerBound, TextFile
from kehu.sources.tables import unique_names
from kehu.sources.value_texts import NoTextForType, text_array

_SNAPSHOTS = ("REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE")
_SQLITE_NOW = "select strftime('%Y-%m-%d %H:%M:%f', 'now')"


class AlchemyDatabase:
    """A database that SQLAlchemy has a dialect for.

    Args:
        url: where it is.
        source: the source's name, for errors.
    """

    def __init__(self, url: DatabaseUrl, source: str) -> None:
        self._url = url
        self._source = source
        self._is_sqlite = url.url.get_backend_name() == "sqlite"
        self._connection: Any = None

    def open(self) -> None:
        """Connect and begin, with the strongest view of one state that the database has."""
        place = {"source": self._source, **self._url.whereabouts()}
        try:
            engine = sqlalchemy.create_engine(
                _read_only(self._url.url) if self._is_sqlite else self._url.url,
                poolclass=sqlalchemy.NullPool,
                hide_parameters=True,
            )
        except (NoSuchModuleError, ImportError) as error:
            raise ConfigurationError(
                "the driver of the database is not installed",
                fix="install the package of the driver that the URL names, as in mysql+pymysql://",
                source=self._source,
                driver=self._url.url.drivername,
                missing=getattr(error, "name", None),
            ) from None
        try:
            self._connection = engine.connect().execution_options(no_parameters=True, stream_results=True)
            self._begin(engine.dialect)
        except SQLAlchemyError as error:
            message = self._url.without_secrets(str(getattr(error, "orig", None) or type(error).__name__))
            self.close()
            raise refused_connection(error, message, place) from None

    def close(self) -> None:
        """Undo and disconnect."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.close()
            connection.engine.dispose()

    def now(self) -> datetime | None:
        """The database's clock."""
        try:
            found = self._execute(_SQLITE_NOW if self._is_sqlite else "select current_timestamp").scalar()
        except SQLAlchemyError:
            return None
        if self._is_sqlite:
            return datetime.fromisoformat(str(found)).replace(tzinfo=UTC)
        return found if isinstance(found, datetime) else None

    def columns(self, relation: Relation) -> list[Column]:
        """The columns, in the order in which a ``select *`` has them."""
        try:
            types = self._table_types(relation) if relation.table else {}
            names = list(self._execute(f"select * from {self._from(relation)} where 1 = 0").keys())
        except NoSuchTableError:
            raise self._missing(relation) from None
        except SQLAlchemyError as error:
            raise self._named(error, relation, is_about_sql=True) from None
        shown = unique_names(names)
        return [Column(name, other, types.get(name, "")) for name, other in zip(names, shown, strict=True)]

    def read(self, relation: Relation, columns: Sequence[Column], low: LowerBound | None, target: Path) -> None:
        """Fetch chunk by chunk, and make texts column by column."""
        names = ", ".join(f"source.{self._quoted(column.name)}" for column in columns)
        sql = f"select {names} from {self._from(relation)}"
        if low is not None:
            sql += f" where {self._condition(low)}"
        try:
            result = self._execute(sql)
            with TextFile(target, columns) as file:
                while rows := result.fetchmany(CHUNK_ROWS):
                    pairs = zip(columns, zip(*rows, strict=True), strict=True)
                    file.write([_texts(relation, column, values) for column, values in pairs])
        except SQLAlchemyError as error:
            raise self._named(error, relation) from None

    def _begin(self, dialect: Any) -> None:
        if self._is_sqlite:
            # Left to itself, Python's driver begins no transaction for a select.
            self._connection.connection.driver_connection.isolation_level = None
            self._execute("pragma query_only = on")
            self._execute("begin")
            self._execute("select 1 from sqlite_master limit 1").all()
            return
        offered = dialect.get_isolation_level_values(self._connection.connection.dbapi_connection)
        for level in _SNAPSHOTS:
            if level in offered:
                self._connection = self._connection.execution_options(isolation_level=level)
                return

    def _execute(self, sql: str) -> Any:
        return self._connection.exec_driver_sql(sql)

    def _table_types(self, relation: Relation) -> dict[str, str]:
        schema = relation.table[0] if len(relation.table) == 2 else None
        found = sqlalchemy.inspect(self._connection).get_columns(relation.table[-1], schema=schema)
        return {column["name"]: str(column["type"]) for column in found}

    def _from(self, relation: Relation) -> str:
        if relation.table:
            return f"{'.'.join(map(self._quoted, relation.table))} source"
        return f"(\n{relation.query}\n) source"

    def _quoted(self, name: str) -> str:
        preparer = self._connection.dialect.identifier_preparer
        escaped = name.replace(preparer.escape_quote, preparer.escape_quote * 2)
        return f"{preparer.initial_quote}{escaped}{preparer.final_quote}"

    def _condition(self, low: LowerBound) -> str:
        name = f"source.{self._quoted(low.column)}"
        if not isinstance(low.value, datetime):
            return f"{name} >= {low.value:f} or {name} is null"
        if not self._is_sqlite:
            return f"{name} >= {self._moment(low.value)} or {name} is null"
        # SQLite has texts for times. A millisecond more than needed costs nothing; a text that is no time is read and refused.
        return (
            f"julianday({name}) >= julianday({sql_text(low.value.isoformat(' '))}) - 1e-8 or julianday({name}) is null"
        )

    def _moment(self, value: datetime) -> str:
        compiled = sqlalchemy.literal(value).compile(
            dialect=self._connection.dialect, compile_kwargs={"literal_binds": True}
        )
        return str(compiled)

    def _missing(self, relation: Relation) -> KehuError:
        inspector = sqlalchemy.inspect(self._connection)
        schema = relation.table[0] if len(relation.table) == 2 else None
        present: list[str] = []
        with suppress(SQLAlchemyError):
            present = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
        return SourceTableMissing(
            "the database has no such table",
            fix="correct table, and see whether the user of the URL sees it",
            **relation.location(),
            nearest=nearest(relation.table[-1], present) or sorted(present)[:5],
        )

    def _named(self, error: SQLAlchemyError, relation: Relation, is_about_sql: bool = False) -> KehuError:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        return named_error(cause, relation.location(), is_about_sql)


def _texts(relation: Relation, column: Column, values: Sequence[Any]) -> Any:
    try:
        return text_array(values)
    except NoTextForType as error:
        raise SourceTypeUnsupported(
            "a value is of a type that has no text",
            fix="cast the column in a query, or leave it out there",
            **relation.location(),
            column=column.name,
            type=column.type or error.kind,
        ) from None


def _read_only(url: Any) -> Any:
    """The same file, opened so that nobody can write into it or make it."""
    if not url.database or url.database == ":memory:":
        return url
    path = url.database if url.database.startswith("file:") else f"file:{quote(str(Path(url.database).absolute()))}"
    return url.set(database=path).update_query_dict({"mode": "ro", "uri": "true"})
