"""A tiny shop for tests of the dbt project: land rows, run dbt beside the test, look at the tables.

For everybody who tests models. ``tests/dbt/conftest.py`` has the fixture ``new_shop``, a function that makes one::

    def test_returns_are_refunds(new_shop):
        shop = new_shop()
        shop.land("orders", [{"order_id": "1", "ordered_at": "2017-03-01"}])
        shop.build("+core_orders")                      # dbt build --select +core_orders, data tests included
        assert shop.rows("select is_valid from work.core_orders") == [(True,)]
        shop.build("tag:features", as_of="2017-12-31")   # features at a day, then
        shop.score()                                     # the purchase models upon them, then
        shop.build("tag:candidate", as_of="2017-12-31")  # the marts, in schema shop.candidate

``land`` writes a Parquet file as the landing zone has them, and the batch into ``ops.batches``. Values are text; a column
that no row names counts as not delivered. Call it again for a later batch. All calls of dbt share one process.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from kehu.entities import ENTITIES, PLUMBING
from kehu.ops.tables import SCHEMAS, make_ops
from kehu.personas.finding import Personas
from kehu.personas.policy import Policy
from kehu.pipeline.lifetime_value import policy_in_force, score_features
from kehu.pipeline.personas import write_personas
from kehu.pipeline.variables import segmentations
from kehu.scoring.persona_tables import replace_personas
from kehu.scoring.score_tables import replace_scores
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession
from kehu.warehouse.on_duckdb.landing_views import landing_views
from tests.support.dbt_process import Call, DbtProcess

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
DEFAULT_VARS: dict[str, object] = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
"""The vars of the project with their defaults."""

_PLUMBING_TYPES = {"_row_number": pa.int64(), "_extracted_at": pa.timestamp("us")}

Row = Mapping[str, str | None]


class DbtFailed(AssertionError):
    """dbt ended with an error; the message holds its output."""


class DbtShop:
    """A landing zone, a DuckDB warehouse and the dbt project over them.

    Args:
        folder: an empty folder of its own.
        process: dbt, shared by several shops.
        project: the dbt project.

    ``sequence`` is the place of the batch landed last.
    """

    candidate = "candidate_test"
    release_id = "r20180101_20260102t031500"

    def __init__(self, folder: Path, process: DbtProcess, project: Path = PROJECT) -> None:
        self.folder = folder
        self.project = project
        self.database = folder / "kehu.duckdb"
        self.process = process
        self._files: dict[str, list[Path]] = {name: [] for name in ENTITIES}
        self.sequence = 0
        self._waiting: list[dict[str, object]] | None = None
        self._prepare()

    # Landing ----------------------------------------------------------------------------------------------------------

    def land(
        self,
        entity: str,
        rows: Sequence[Row],
        *,
        source: str = "shop",
        mode: str = "append",
        window_column: str | None = None,
        window: tuple[date, date] | None = None,
        timezone: str = "UTC",
        delivered: Sequence[str] | None = None,
        rejects: Sequence[tuple[str, str]] = (),
        file: str | None = None,
        extracted_at: datetime | None = None,
    ) -> str:
        """Land one batch.

        Args:
            rows: canonical columns as text; ``_extra`` and ``_row_number`` may be among them.
            window: first and last day of a window batch; by default those of ``window_column``'s dates.
            delivered: the columns that the batch delivers, if not just those that a row names.
            rejects: raw text and error of rows that could not be parsed; they come after ``rows``.

        Returns:
            The batch id.
        """
        self.sequence += 1
        file = file or f"{entity}.csv"
        extracted_at = extracted_at or datetime.fromisoformat("2020-01-01") + timedelta(hours=self.sequence)
        batch_id = hashlib.sha256(
            json.dumps([source, entity, self.sequence, list(map(dict, rows))]).encode()
        ).hexdigest()
        plumbing = {"_source": source, "_file": file, "_batch_id": batch_id, "_extracted_at": extracted_at}
        everything: list[dict[str, Any]] = [dict(row) for row in rows]
        everything += [{"_raw": raw, "_error": error} for raw, error in rejects]
        whole = [
            {**row, **plumbing, "_row_number": int(row.get("_row_number", number))}
            for number, row in enumerate(everything, start=1)
        ]
        self._write(entity, batch_id, whole)
        if mode == "window" and window is None:
            assert window_column is not None
            days = [date.fromisoformat(str(row[window_column])[:10]) for row in rows]
            window = (min(days), max(days))
        names = delivered or sorted({name for row in rows for name in row if not name.startswith("_")})
        first, last = window or (None, None)
        batch = {
            "batch_id": batch_id,
            "source": source,
            "entity": entity,
            "mode": mode,
            "sequence": self.sequence,
            "row_count": len(whole),
            "reject_count": len(rejects),
            "delivered_columns": "," + ",".join(names) + ",",
            "timezone": timezone,
            "window_column": window_column,
            "window_from": first,
            "window_to": last,
            "extracted_at": extracted_at,
            "file": file,
        }
        if self._waiting is None:
            self._record([batch])
        else:
            self._waiting.append(batch)
        return batch_id

    @contextmanager
    def landing_together(self) -> Iterator[None]:
        """Land the many batches of the block with one look at the warehouse at its end."""
        self._waiting = []
        yield
        waiting, self._waiting = self._waiting, None
        self._record(waiting)

    def turn(self, *batch_ids: str) -> None:
        """Withdraw batches, or put back those that are withdrawn."""
        with self.connection() as connection:
            connection.execute(
                "update ops.batches set is_withdrawn = not coalesce(is_withdrawn, false),"
                " withdrawal_count = coalesce(withdrawal_count, 0) + 1 where batch_id = any(?)",
                [list(batch_ids)],
            )

    # dbt --------------------------------------------------------------------------------------------------------------

    def build(
        self,
        *select: str,
        as_of: str | None = None,
        full_refresh: bool = False,
        exclude: Sequence[str] = (),
        with_tests: bool = True,
        **variables: object,
    ) -> str:
        """``dbt build`` of the selection (default: all state), without unit tests; returns what it printed.

        Raises:
            DbtFailed: a model or a test failed.
        """
        left_out = ["unit_test"] if with_tests else ["unit_test", "test"]
        arguments = ["--exclude-resource-type", *left_out, *(["--full-refresh"] if full_refresh else [])]
        arguments += ["--exclude", *exclude] if exclude else []
        return self.dbt("build", *arguments, "--select", *(select or ("tag:state",)), as_of=as_of, **variables)

    def score(self, **variables: object) -> None:
        """Fit and score the purchase models on the features that are there."""
        features, scores = f"{self.candidate}_features", f"{self.candidate}_scores"
        policy = policy_in_force({**DEFAULT_VARS, **variables})
        with self.connection() as connection:
            session = DuckDBSession(connection)
            replace_scores(session, scores, score_features(session, features, policy, {})[0])

    def dbt(self, command: str, *arguments: str, as_of: str | None = None, **variables: object) -> str:
        """Run a dbt command and return what it printed; raises DbtFailed unless it succeeded."""
        given = {"candidate_schema": self.candidate, "release_id": self.release_id, "as_of_date": as_of}
        # a shop of a test delivers the customers that the test is about
        given["max_unknown_customer_share"] = 1
        # nor does every test say what an order is worth
        given["max_worthless_order_share"] = 1
        given |= {"segmentations": segmentations(self.project), **variables}
        call = Call(str(self.project), str(self.folder), (command, *arguments), given, self.candidate)
        code, printed = self.process.call(call)
        if code != 0:
            raise DbtFailed(f"dbt {command} ended with {code}:\n{printed[-10000:]}")
        return printed

    def find_personas(self, policy: Policy) -> Personas:
        """Look for personas among the features that are built, as Kehu does between features and marts."""
        with self.connection() as connection:
            session = DuckDBSession(connection)
            return write_personas(session, f"{self.candidate}_features", f"{self.candidate}_personas", policy)

    # Looking ----------------------------------------------------------------------------------------------------------

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.connection() as connection:
            return connection.execute(sql, list(parameters)).fetchall()

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """The rows of a query as dictionaries."""
        with self.connection() as connection:
            return connection.sql(sql, params=list(parameters)).to_arrow_table().to_pylist()

    def columns(self, schema: str, table: str) -> dict[str, str]:
        """The columns of a relation with their types, in order."""
        sql = "select column_name, data_type from information_schema.columns where table_schema = ? and table_name = ?"
        return dict(self.rows(sql + " order by ordinal_position", [schema, table]))

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse, open for the block; close it before dbt runs."""
        connection = duckdb.connect(str(self.database))
        try:
            connection.execute("set TimeZone = 'UTC'")
            yield connection
        finally:
            connection.close()

    # Below ------------------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        output = {
            "type": "duckdb",
            # Relative, so that all shops have the same profile: dbt parses anew where the profile differs.
            "path": self.database.name,
            "schema": "work",
            "threads": 2,
            "settings": {"TimeZone": "UTC", "memory_limit": "1GB", "autoinstall_known_extensions": False},
        }
        profile = {"kehu": {"target": "test", "outputs": {"test": output}}}
        (self.folder / "profiles.yml").write_text(yaml.safe_dump(profile))
        with self.connection() as connection:
            for schema in SCHEMAS:
                connection.execute(f"create schema if not exists {schema}")
            for statement in (*make_ops(), *landing_views({})):
                connection.execute(statement)
            # what Kehu computes between features and marts: nothing yet
            replace_scores(DuckDBSession(connection), f"{self.candidate}_scores", {})
            replace_personas(DuckDBSession(connection), f"{self.candidate}_personas", {})

    def _write(self, entity: str, batch_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
        names = (*ENTITIES[entity].column_names, *PLUMBING)
        unknown = {name for row in rows for name in row} - set(names)
        assert not unknown, f"{entity} has no columns {sorted(unknown)}"
        fields = [(name, _PLUMBING_TYPES.get(name, pa.string())) for name in names]
        table = pa.Table.from_pylist(
            [{name: row.get(name) for name in names} for row in rows], schema=pa.schema(fields)
        )
        path = self.folder / "landing" / entity / f"{batch_id}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
        self._files[entity].append(path)

    def _record(self, batches: Sequence[Mapping[str, object]]) -> None:
        with self.connection() as connection:
            for batch in batches:
                marks = ", ".join("?" for _ in batch)
                columns = ", ".join(batch)
                connection.execute(f"insert into ops.batches ({columns}) values ({marks})", list(batch.values()))
            connection.execute(
                "insert into ops.sources (source, entity, is_required) select distinct source, entity, true from ops.batches"
                " where (source, entity) not in (select source, entity from ops.sources)"
            )
            for statement in landing_views(self._files):
                connection.execute(statement)
