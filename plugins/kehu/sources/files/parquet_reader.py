"""Parquet files: read by DuckDB where they lie."""

from __future__ import annotations

import duckdb

from kehu.errors import SourceUnreadable
from kehu.landing.redaction import without_values
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.files.located import SourceFile
from kehu.sources.tables import Table, file_literal, unique_names


def read_parquet(work: Workspace, file: SourceFile) -> Table:
    """The file as a relation; only its footer is read here.

    Raises:
        SourceUnreadable: the file is not Parquet, or is cut off.
    """
    path = sql_text(str(file.path))
    try:
        described = work.rows(f"describe select * from read_parquet({path}, hive_partitioning = false)")
    except duckdb.Error as error:
        raise SourceUnreadable(
            "the file cannot be read as Parquet", fix="deliver it again", file=file.name, duckdb=without_values(error)
        ) from None
    delivered = [str(row[0]) for row in described]
    names = unique_names(delivered)
    selected = [f"{sql_name(old)} as {sql_name(new)}" for old, new in zip(delivered, names, strict=True)]
    relation = (
        f"select {', '.join(selected)}, file_row_number + 1 as _row_number, {file_literal(file.name)}"
        f" from read_parquet({path}, hive_partitioning = false, file_row_number = true)"
    )
    return Table(relation, dict(zip(names, (str(row[1]) for row in described), strict=True)))
