"""JSON lines: parsed by DuckDB; a line that is not one JSON object is a reject.

Texts, booleans and whole numbers are kept as they stood in the file. A number with a point or an exponent is read as a double
and written in its shortest form: ``1.10`` lands as ``1.1``, ``1E2`` as ``100.0``, and of more than 17 digits the rest is lost,
as DuckDB does not give the token of a number; whoever needs it as delivered writes it as a text. For ``expr`` and ``where`` a
field is a number, a boolean or JSON where all of its values in the file are.
"""

from __future__ import annotations

from collections.abc import Iterable

from kehu.errors import SourceUnreadable
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.files.charsets import encoding_of
from kehu.sources.files.csv_reader import Dialect, read_lines
from kehu.sources.files.located import SourceFile
from kehu.sources.tables import Table, file_literal, union_all, unique_names

_LINES = Dialect(None, ("line",), longest_row=8_000_000)
_INTEGERS = {"BIGINT", "UBIGINT", "HUGEINT"}


def read_json_lines(work: Workspace, file: SourceFile, encoding: str | None) -> Table:
    """Parse the whole file into a scratch Parquet file with one text column a field; a file without lines has no columns.

    Raises:
        SourceUnreadable: the file cannot be read, or has lines of which none is a JSON object.
    """
    lines = read_lines(work, file, encoding_of(file, encoding), _LINES)
    judged = (
        "select *, case when not json_valid(line) then 'not valid JSON'"
        " when json_type(line) <> 'OBJECT' then 'not a JSON object' end as _error"
        f" from ({lines.relation}) where trim(line) <> ''"
    )
    valid = f"select line, _row_number from ({judged}) where _error is null"
    _check_some_object(work, file, judged, lines.rejects)
    kinds = _kinds(work, valid)
    names = unique_names(list(kinds))
    scratch = work.new_file(".parquet")
    work.connection.execute(f"copy ({_fields(valid, kinds, names)}) to {sql_text(str(scratch))} (format parquet)")
    rejects = [f"select _file, _row_number, line as _raw, _error from ({judged}) where _error is not null"]
    rejects += [lines.rejects] if lines.rejects else []
    return _table(file, str(scratch), dict(zip(names, kinds.values(), strict=True)), union_all(rejects))


def _check_some_object(work: Workspace, file: SourceFile, judged: str, rejects: str | None) -> None:
    """A day without rows is an empty file; lines of which none can be read are another format."""
    found = [f"select _row_number, _error from ({judged})"]
    found += [f"select _row_number, _error from ({rejects})"] if rejects else []
    first, error, objects = work.rows(
        "select min(_row_number), arg_min(_error, _row_number), count(*) filter (_error is null)"
        f" from ({union_all(found)})"
    )[0]
    if first is not None and not objects:
        raise SourceUnreadable(
            "no line is a JSON object",
            fix="write every object on one line of its own, without brackets or commas around them (JSON lines)",
            file=file.name,
            row=first,
            cause=error,
        )


def _kinds(work: Workspace, valid: str) -> dict[str, str]:
    """The DuckDB type of each field, by what all of its values are."""
    found = work.rows(f"""
        select field.key, list(distinct field.type)
        from ({valid}) as lines, json_each(lines.line) as field
        group by field.key
        order by field.key
    """)
    return {str(key): _common_type(types) for key, types in found}  # type: ignore[arg-type]


def _common_type(types: Iterable[str]) -> str:
    seen = set(types) - {"NULL"}
    if seen & {"OBJECT", "ARRAY"}:
        return "JSON"
    if seen and seen <= _INTEGERS:
        return "HUGEINT"
    if seen and seen <= _INTEGERS | {"DOUBLE"}:
        return "DOUBLE"
    return "BOOLEAN" if seen == {"BOOLEAN"} else "VARCHAR"


def _fields(valid: str, kinds: dict[str, str], names: list[str]) -> str:
    columns = []
    for (key, kind), name in zip(kinds.items(), names, strict=True):
        pointer = sql_text("/" + key.replace("~", "~0").replace("/", "~1"))
        function = "json_extract" if kind == "JSON" else "json_extract_string"
        columns.append(f"{function}(line, {pointer})::varchar as {sql_name(name)}")
    return f"select {', '.join([*columns, '_row_number'])} from ({valid})"


def _table(file: SourceFile, scratch: str, columns: dict[str, str], rejects: str) -> Table:
    selected, texts = [], {}
    for name, kind in columns.items():
        selected.append(f"cast({sql_name(name)} as {kind}) as {sql_name(name)}")
        if kind not in ("VARCHAR", "JSON"):
            texts[name] = sql_name(f"_text:{name}")
            selected.append(f"{sql_name(name)} as {texts[name]}")
    relation = f"select {', '.join([*selected, '_row_number', file_literal(file.name)])} from read_parquet({sql_text(scratch)})"
    return Table(relation, columns, texts, rejects)
