"""From a source's columns to canonical columns: the select list of one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kehu.entities import ENTITIES
from kehu.errors import ConfigurationError, MappedColumnMissing
from kehu.landing.extract import Rows
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.broken_cells import without_broken
from kehu.sources.column_names import hint, meant, names_to_show
from kehu.sources.config_errors import ConfigProblem
from kehu.sources.config_models import ColumnSpec, MappedEntity, check_delivered
from kehu.sources.expressions import bound_type, check_expression, check_filter, columns_used
from kehu.sources.tables import Table, as_text, empty_relation, union_all


@dataclass(frozen=True)
class Location:
    """Where a mapping stands, for errors.

    Attributes:
        source: the source's name.
        entity: the canonical entity.
        file: the file or table.
        what: what kind of thing it is.
        suspicion: what to add to the fix where a column is not there.
    """

    source: str
    entity: str
    file: str
    what: str = "file"
    suspicion: Callable[[], str] = str

    def facts(self) -> dict[str, object]:
        """The location as facts of an error."""
        return {"source": self.source, "entity": self.entity, self.what: self.file}


@dataclass(frozen=True)
class TableMapping:
    """A checked mapping of one table.

    Attributes:
        named: canonical column → the source's column.
        constants: canonical column → text.
        expressions: canonical column → SQL and its DuckDB type.
        extra: the source's columns that end in ``_extra``, sorted.
        where: SQL of the filter.
        delivered: the canonical columns, in canonical order.
        used: the source's columns that the mapping reads.
        ignored: the source's columns that never land.
    """

    named: dict[str, str]
    constants: dict[str, str]
    expressions: dict[str, tuple[str, str]]
    extra: tuple[str, ...]
    where: str | None
    delivered: tuple[str, ...]
    used: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()


def check_mapping(
    work: Workspace, config: MappedEntity, columns: Mapping[str, str], location: Location
) -> TableMapping:
    """Hold the mapping of an entity against the columns that a file has.

    Raises:
        MappedColumnMissing: a mapped column is not in the file; names the nearest.
        BadExpression: an ``expr`` or ``where`` is not valid; carries DuckDB's message.
        ConfigurationError: the file has canonical names, but lacks a required one.
    """
    entity = ENTITIES[location.entity]
    specs = config.columns
    if specs is None:
        specs = {name: ColumnSpec(column=name) for name in entity.column_names if meant(name, columns)}
        _check_required(specs, columns, location)
    named = {
        name: _column_meant(spec.column, columns, location, name)
        for name, spec in specs.items()
        if spec.column is not None
    }
    expressions = {
        name: (spec.expr, _checked(work, spec.expr, columns, location, column=name))
        for name, spec in specs.items()
        if spec.expr is not None
    }
    if config.where is not None:
        _checked(work, config.where, columns, location, is_filter=True, key="where")
    ignored = frozenset(name for one in config.ignore for name in meant(one, columns)) - set(named.values())
    sql = [spec.expr for spec in specs.values() if spec.expr is not None] + ([config.where] if config.where else [])
    return TableMapping(
        named=named,
        constants={name: spec.constant for name, spec in specs.items() if spec.value is not None},
        expressions=expressions,
        extra=tuple(sorted(set(columns) - set(named.values()) - ignored)),
        where=config.where,
        delivered=tuple(name for name in entity.column_names if name in specs),
        used=frozenset(named.values()).union(*(columns_used(work, f"select (\n{one}\n)", columns) for one in sql)),
        ignored=ignored,
    )


def mapping_of_nothing(config: MappedEntity, entity_name: str) -> TableMapping:
    """The mapping of a file without rows and columns: what is mapped or required counts as delivered, as with rows."""
    entity = ENTITIES[entity_name]
    known = {*(config.columns if config.columns is not None else entity.required), config.window_column}
    names = tuple(name for name in entity.column_names if name in known)
    return TableMapping({}, dict.fromkeys(names, ""), {}, (), None, names)


def mapped_rows(mapping: TableMapping, table: Table, guarded: bool = False) -> Rows:
    """The rows of a table under a mapping.

    Args:
        mapping: a checked mapping.
        table: the table that it was checked against.
        guarded: put rows on which an expression fails among the rejects instead of failing.
    """
    table = without_broken(table, mapping.used)
    inner = _inner(mapping, table, guarded)
    selected = [f"{_value(mapping, table, name, guarded)} as {sql_name(name)}" for name in mapping.delivered]
    accepted = (
        f"select {', '.join([*selected, '_file', '_row_number', _json(mapping.extra, table)])} as _extra"
        f" from ({inner}) where {_is_accepted(mapping, guarded)}"
    )
    rejects = [table.rejects] if table.rejects else []
    if guarded:
        raw = _json(sorted(set(table.columns) - mapping.ignored), table)
        rejects.append(
            f"select _file, _row_number, {raw} as _raw, {_reasons(mapping)} as _error"
            f" from ({inner}) where {_is_failed(mapping)}"
        )
    return Rows(accepted, mapping.delivered, union_all(rejects) if rejects else None)


def _check_required(specs: Mapping[str, ColumnSpec], columns: Mapping[str, str], location: Location) -> None:
    try:
        check_delivered(location.entity, specs, f"the {location.what}")
    except ConfigProblem as problem:
        missing = problem.facts["column"]
        first = missing[0] if isinstance(missing, list) else str(missing)
        raise ConfigurationError(
            problem.problem,
            fix=f"map it under columns, or deliver it under its canonical name{hint(columns)}{location.suspicion()}",
            **location.facts(),
            column=missing,
            nearest=names_to_show(first, columns),
        ) from None


def _column_meant(column: str, columns: Mapping[str, str], location: Location, canonical: str) -> str:
    found = meant(column, columns)
    if len(found) == 1:
        return found[0]
    if found:
        raise MappedColumnMissing(
            f"several columns of the {location.what} could be meant",
            fix="write the name of the one that is meant under columns, exactly as it stands here",
            **location.facts(),
            column=column,
            mapped_to=canonical,
            columns=found,
        )
    raise MappedColumnMissing(
        f"the {location.what} does not have the mapped column",
        fix=f"correct the mapping, or deliver the column{hint(columns)}{location.suspicion()}",
        **location.facts(),
        column=column,
        mapped_to=canonical,
        nearest=names_to_show(column, columns),
    )


def _checked(
    work: Workspace, sql: str, columns: Mapping[str, str], location: Location, is_filter: bool = False, **what: object
) -> str:
    """The DuckDB type of a valid expression."""
    facts = {**location.facts(), **what}
    check_expression(work, sql, columns, **facts)
    relation = empty_relation(columns)
    if is_filter:
        check_filter(work, sql, relation, **facts)
        return "BOOLEAN"
    return bound_type(work, sql, relation, **facts)


def _inner(mapping: TableMapping, table: Table, guarded: bool) -> str:
    """The table with the values of all expressions beside it, under names that no expression can mean by accident."""
    values = [f"{_guard(sql, guarded)} as {_computed(name)}" for name, (sql, _) in mapping.expressions.items()]
    if guarded and mapping.where is not None:
        condition = f"(\n{mapping.where}\n)::boolean"
        values.append(f"{_guard(condition, guarded)} as {_computed('where')}")
    query = f"select {', '.join(['*', *values])} from ({table.relation})"
    if not guarded and mapping.where is not None:
        query += f" where (\n{mapping.where}\n)"
    return query


def _guard(sql: str, guarded: bool) -> str:
    """An expression that yields null where it fails, and a struct around its value where it does not."""
    return f"try({{'value': (\n{sql}\n)}})" if guarded else f"(\n{sql}\n)"


def _computed(name: str) -> str:
    return sql_name(f"_computed:{name}")


def _value(mapping: TableMapping, table: Table, name: str, guarded: bool) -> str:
    if name in mapping.named:
        return table.text(mapping.named[name])
    if name in mapping.constants:
        return sql_text(mapping.constants[name])
    computed = _computed(name) + (".value" if guarded else "")
    return as_text(computed, mapping.expressions[name][1])


def _is_failed(mapping: TableMapping) -> str:
    failed = " or ".join(f"{_computed(name)} is null" for name in mapping.expressions) or "false"
    if mapping.where is None:
        return failed
    return f"({_computed('where')} is null or ({_computed('where')}.value and ({failed})))"


def _is_accepted(mapping: TableMapping, guarded: bool) -> str:
    if not guarded:
        return "true"
    kept = f"not ({_is_failed(mapping)})"
    return f"{kept} and {_computed('where')}.value" if mapping.where is not None else kept


def _reasons(mapping: TableMapping) -> str:
    names = [*mapping.expressions, *(["where"] if mapping.where is not None else [])]
    parts = [f"case when {_computed(name)} is null then {sql_text(name)} end" for name in names]
    return f"'the expression fails on this row: ' || concat_ws(', ', {', '.join(parts)})"


def _json(columns: tuple[str, ...] | list[str], table: Table) -> str:
    """The texts of some columns as a JSON object; null where there are none."""
    if not columns:
        return "null::varchar"
    pairs = []
    for name in columns:
        nested = table.columns[name].endswith("]") or table.columns[name].startswith(("STRUCT", "MAP", "JSON"))
        pairs.append(f"{sql_text(name)}, {f'to_json({sql_name(name)})' if nested else table.text(name)}")
    return f"json_object({', '.join(pairs)})::varchar"
