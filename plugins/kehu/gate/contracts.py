"""Whether the tables of a candidate have the columns and types that their contracts promise.

A mart's contract is stated once, in its YAML in the dbt project; dbt's manifest of the candidate has it as it was when the
candidate was built. dbt itself enforces the contract of what it builds: this holds for what is there when it is published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kehu.gate.results import CheckResult, Status
from kehu.gate.runner import Layer
from kehu.session import Session

CHECK = "columns_match_contract"
"""The name of the check, one a table."""

Contracts = Mapping[str, Mapping[str, str]]
"""Type by column by table, as the YAML writes it."""

_TYPE = re.compile(r"(?P<name>[a-z][a-z0-9 ]*?)\s*(?:\(\s*(?P<sizes>\d+(?:\s*,\s*\d+)?)\s*\))?")
_SAME = {
    "character varying": "varchar",
    "text": "varchar",
    "numeric": "decimal",
    "double precision": "double",
    "timestamp without time zone": "timestamp",
}
"""Names that engines give a type, by the name that it is compared by."""


def check_contracts(session: Session, layer: Layer, contracts: Contracts) -> Iterator[CheckResult]:
    """One critical check a table, whether its contract or the table itself is missing or the two do not agree.

    Args:
        session: an open session of the warehouse.
        layer: the candidate's schema, and where the checks are recorded.
        contracts: what dbt's manifest promises; a table without a contract fails, and so do all where there is none.
    """
    built = _columns(session, layer.schema)
    for table in sorted({*built, *contracts}):
        promised, found = contracts.get(table), built.get(table)
        if not promised:
            observed = "no contract"
        elif found is None:
            observed = "no such table"
        else:
            observed = _difference(promised, found)
        status: Status = "failed" if observed else "passed"
        yield layer.result(
            table,
            CHECK,
            status,
            observed=observed or f"{len(found or {})} columns",
            expected="the columns and types of the contract in dbt's manifest",
            reason="dashboards are built on the contract: mend the model, or add first and deprecate",
        )


def same_type(data_type: str) -> str:
    """A type's name by which the names of engines and of contracts can be compared: ``numeric(18,2)`` as ``decimal(18, 2)``."""
    match = _TYPE.fullmatch(data_type.strip().lower())
    if match is None:
        return data_type.strip().lower()
    name = _SAME.get(match["name"], match["name"])
    if match["sizes"] and name != "varchar":
        return f"{name}({', '.join(size.strip() for size in match['sizes'].split(','))})"
    return name


def _difference(promised: Mapping[str, str], found: Mapping[str, str]) -> str:
    """What does not agree, in words; nothing where all does."""
    missing = [name for name in promised if name not in found]
    beside = [name for name in found if name not in promised]
    other = [
        f"{name} is {same_type(found[name])} instead of {same_type(promised[name])}"
        for name in promised
        if name in found and same_type(found[name]) != same_type(promised[name])
    ]
    parts = [("missing: ", missing), ("not in the contract: ", beside), ("", other)]
    return "; ".join(f"{words}{', '.join(names)}" for words, names in parts if names)


def _columns(session: Session, schema: str) -> dict[str, dict[str, str]]:
    """Type by column by table of a schema."""
    rows = session.rows(
        "select table_name, column_name, case when data_type = 'numeric' and numeric_precision is not null"
        " then 'numeric(' || numeric_precision || ',' || numeric_scale || ')' else data_type end"
        " from information_schema.columns where table_catalog = current_database() and table_schema = ?"
        " order by table_name, ordinal_position",
        [schema],
    )
    tables: dict[str, dict[str, str]] = {}
    for table, column, data_type in rows:
        tables.setdefault(table, {})[column] = data_type
    return tables
