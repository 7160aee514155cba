"""Avro files, as BigQuery exports them: read by fastavro into a scratch file of texts."""

from __future__ import annotations

from itertools import islice

import fastavro

from kehu.errors import KehuError, SourceUnreadable
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.files.located import SourceFile
from kehu.sources.http.record_file import RecordFile
from kehu.sources.spool import Column
from kehu.sources.tables import Table, file_literal

_CHUNK = 5_000


def read_avro(work: Workspace, file: SourceFile) -> Table:
    """The file as a relation.

    Raises:
        SourceUnreadable: it is no Avro, or is cut off.
    """
    try:
        with file.path.open("rb") as stream:
            records = fastavro.reader(stream)
            schema = records.writer_schema
            names = [str(one["name"]) for one in schema["fields"]] if isinstance(schema, dict) else []
            read = RecordFile(work.new_file(".parquet"), [Column(name, name, "") for name in names])
            while chunk := list(islice(records, _CHUNK)):
                read.write([record for record in chunk if isinstance(record, dict)])
            read.close()
    except KehuError:
        raise
    except Exception as error:  # whatever fastavro stumbles over in foreign bytes
        raise SourceUnreadable(
            "the file cannot be read as Avro", fix="export it again", file=file.name, cause=type(error).__name__
        ) from None
    relation = (
        f"select {', '.join(map(sql_name, names))}, file_row_number + 1 as _row_number, {file_literal(file.name)}"
        f" from read_parquet({sql_text(str(read.target))}, file_row_number = true)"
    )
    return Table(relation, dict.fromkeys(names, "VARCHAR"))
