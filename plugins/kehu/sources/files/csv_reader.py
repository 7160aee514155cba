"""CSV and TSV: parsed by DuckDB, every value as text, rows that do not fit kept as rejects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from kehu.errors import SourceUnreadable
from kehu.landing.redaction import without_values
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.files.charsets import BROKEN_FILE, is_utf8, open_bytes, transcode, unreadable
from kehu.sources.files.csv_repair import MARKER, repair
from kehu.sources.files.csv_shape import CsvShape
from kehu.sources.files.header_lines import copy_without
from kehu.sources.files.located import SourceFile, is_gzipped
from kehu.sources.files.repeated_headers import is_header, without_repeated
from kehu.sources.tables import Table, file_literal

_LONGEST_ROW = 2_000_000


@dataclass(frozen=True)
class Dialect:
    """How DuckDB is to parse text; no delimiter means one column of whole lines. Lines before the header are left out first."""

    delimiter: str | None
    columns: tuple[str, ...]
    longest_row: int = _LONGEST_ROW
    leading_lines: int = 0

    def scan(self, path: Path, rejects: str | None) -> str:
        """``read_csv`` over a file; rejected rows go to the table ``rejects``, or are left out."""
        names = ", ".join(f"{sql_text(name)}: 'varchar'" for name in self.columns)
        quote = "'\"'" if self.delimiter else "''"
        kept = (
            f"store_rejects = true, rejects_table = '{rejects}', rejects_scan = '{rejects}_scans', rejects_limit = 0"
            f", rejects_line_size_limit = {self.longest_row}"
            if rejects
            else "ignore_errors = true"
        )
        return (
            f"read_csv({sql_text(str(path))}, columns = {{{names}}}, header = {str(bool(self.delimiter)).lower()}"
            f", auto_detect = false, delim = {_delimiter(self.delimiter)}, quote = {quote}, escape = {quote}"
            f", strict_mode = true, null_padding = false, max_line_size = {self.longest_row}"
            f", compression = '{'gzip' if is_gzipped(path) else 'none'}', {kept})"
        )


def read_csv(work: Workspace, file: SourceFile, shape: CsvShape) -> Table:
    """Parse the whole file once to learn its rejects; the table reads it again without them.

    Raises:
        SourceUnreadable: DuckDB cannot parse the file, not even a repaired copy, or finds no row where there are some.
    """
    dialect = Dialect(shape.delimiter, shape.columns, leading_lines=shape.leading_lines)
    lines = read_lines(work, file, shape.encoding, dialect, shape.starts_blank)
    # DuckDB gives up without an error where it cannot read the header, and a snapshot without rows replaces everything.
    if shape.has_rows and lines.rejects is None and not work.rows(f"select 1 from ({lines.relation}) limit 1"):
        raise SourceUnreadable(
            "no row can be read, though there are some behind the header",
            fix="check the quotes of the header, and encoding and delimiter",
            file=file.name,
        )
    table = Table(lines.relation, dict.fromkeys(shape.columns, "VARCHAR"), rejects=lines.rejects)
    return without_repeated(table, file.name) if lines.repeats_header else table


@dataclass(frozen=True)
class Lines:
    """Text as a relation; ``rejects`` as those of a table, ``repeats_header``: some row is the header once more."""

    relation: str
    rejects: str | None = None
    repeats_header: bool = False


@dataclass(frozen=True)
class _Parsed:
    """What reading every value of a file told: the table of its errors, and whether some row is the header once more."""

    rejects: str
    repeats_header: bool


def read_lines(work: Workspace, file: SourceFile, encoding: str, dialect: Dialect, repair_first: bool = False) -> Lines:
    """Text as a relation of the dialect's columns, with exact row numbers and rejects.

    Raises:
        SourceUnreadable: DuckDB cannot parse the file, not even a repaired copy.
    """
    path = file.path
    if not is_utf8(encoding):
        path = work.new_file(".txt")
        transcode(file, encoding, path)
    if dialect.leading_lines:
        path = _without_leading(work, file, path, dialect.leading_lines)
    parsed = None if repair_first else _parse(work, path, dialect)
    if parsed is None or _needs_repair(work, path, parsed.rejects, dialect):
        path = _repaired(work, file, path, dialect)
        parsed = _parse(work, path, dialect, file)
    assert parsed is not None, "the last try gives up by an error"
    lines = _lines(work, file, dialect.scan(path, None), dialect, parsed.rejects)
    return replace(lines, repeats_header=parsed.repeats_header)


def _parse(work: Workspace, path: Path, dialect: Dialect, last_try: SourceFile | None = None) -> _Parsed | None:
    """Read every value of the file; None where the parser gave up."""
    rejects = work.new_name("parse_errors")
    counts = ", ".join(f"count({sql_name(name)})" for name in dialect.columns)
    repeats = f"count(*) filter ({is_header(dialect.columns)})"
    try:
        found = work.rows(f"select {repeats}, {counts} from {dialect.scan(path, rejects)}")
    except duckdb.Error as error:
        if last_try is None:
            return None
        raise SourceUnreadable(
            "the file cannot be parsed",
            fix="check encoding, delimiter and that the file is complete",
            file=last_try.name,
            duckdb=without_values(error),
        ) from None
    return _Parsed(rejects, repeats_header=bool(found[0][0]))


def _needs_repair(work: Workspace, path: Path, rejects: str, dialect: Dialect) -> bool:
    """Whether the rejects may have swallowed other rows, or row numbers cannot be trusted.

    DuckDB skips blank lines but counts them in the line numbers of rejects; in a file of one column they are rows.
    """
    rejected, suspicious = work.rows(f"""
        select
            count(*),
            count(*) filter (
                error_type in ('UNQUOTED VALUE', 'LINE SIZE OVER MAXIMUM')
                or regexp_matches(trim(csv_line, chr(10) || chr(13)), '[\\r\\n]')
            ),
        from {rejects}
    """)[0]
    if dialect.delimiter is None:
        return bool(suspicious)
    return bool(suspicious) or ((bool(rejected) or len(dialect.columns) == 1) and _has_blank_lines(path))


def _has_blank_lines(path: Path) -> bool:
    tail = b"\n"
    with open_bytes(path) as stream:
        while chunk := stream.read(1 << 20):
            text = (tail + chunk).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            if b"\n\n" in text:
                return True
            tail = chunk[-2:]
    return False


def _without_leading(work: Workspace, file: SourceFile, path: Path, lines: int) -> Path:
    copy = work.new_file(".txt")
    try:
        with open_bytes(path) as source:
            copy_without(source, lines, copy)
    except BROKEN_FILE as error:
        raise unreadable(file, error) from None
    return copy


def _repaired(work: Workspace, file: SourceFile, path: Path, dialect: Dialect) -> Path:
    copy = work.new_file(".txt")
    try:
        with open_bytes(path) as source:
            repair(source, copy, dialect.delimiter, len(dialect.columns))
    except BROKEN_FILE as error:
        raise unreadable(file, error) from None
    return copy


def _lines(work: Workspace, file: SourceFile, scan: str, dialect: Dialect, errors: str) -> Lines:
    """The relation with row numbers that count the rejected rows as well."""
    columns = ", ".join(map(sql_name, dialect.columns))
    numbered = f"select {columns}, row_number() over () as _row_number, {file_literal(file.name)} from {scan}"
    if not work.rows(f"select count(*) from {errors}")[0][0]:
        return Lines(numbered)
    rejected, shifts = work.new_name("rejected"), work.new_name("shifts")
    work.connection.execute(f"create temp table {rejected} as {_rejected_sql(errors, dialect)}")
    work.connection.execute(f"""
        create temp table {shifts} as
        select _row_number - ordinal as accepted_before, max(ordinal) as shift
        from (select _row_number, row_number() over (order by _row_number) as ordinal from {rejected})
        group by all
    """)
    relation = f"""
        select numbered.* replace (numbered._row_number + coalesce(shifts.shift, 0) as _row_number)
        from ({numbered}) as numbered
        asof left join {shifts} as shifts on numbered._row_number > shifts.accepted_before
    """
    return Lines(relation, rejects=f"select {file_literal(file.name)}, * from {rejected}")


def _rejected_sql(errors: str, dialect: Dialect) -> str:
    """One row a rejected line: number, text, reason in words."""
    header = 1 if dialect.delimiter else 0
    width = len(dialect.columns)
    return f"""
        select
            line - {header} as _row_number,
            case
                when starts_with(raw, '{MARKER}')
                    then decode(unhex(regexp_extract(raw, '^{MARKER}([0-9a-f]*)', 1)))
                else raw
            end as _raw,
            case
                when starts_with(raw, '{MARKER}') then 'a quote is not closed where the value ends'
                when kind = 'MISSING COLUMNS' then 'fewer values than the {width} columns of the header'
                when kind = 'TOO MANY COLUMNS' then 'more values than the {width} columns of the header'
                when kind = 'INVALID ENCODING' then 'bytes that do not belong to the encoding (shown as ?)'
                when kind = 'LINE SIZE OVER MAXIMUM' then 'longer than {dialect.longest_row:,} bytes (text is cut)'
                else lower(kind)
            end as _error,
        from (
            select line, min(trim(csv_line, chr(10) || chr(13))) as raw, min(error_type::varchar) as kind
            from {errors}
            group by line
        )
    """


def _delimiter(delimiter: str | None) -> str:
    return sql_text(delimiter) if delimiter else "chr(1)"
