"""Rows of which a used cell shows something else than what can be read: rejects, as an empty cell would be a wrong value."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kehu.quoting import sql_text
from kehu.sources.tables import BROKEN, Table, union_all


def without_broken(table: Table, used: Collection[str]) -> Table:
    """The table with such rows among its rejects.

    Args:
        table: a table.
        used: the columns that the mapping reads; a broken cell of another column costs nobody a row.
    """
    if not table.has_broken:
        return table
    chosen = f"[{', '.join(map(sql_text, sorted(used)))}]::varchar[]"
    is_broken = f"coalesce(list_has_any(map_keys({BROKEN}), {chosen}), false)"
    pairs = ", ".join(f"{sql_text(name)}, {table.text(name)}" for name in table.columns)
    entries = f"list_filter(map_entries({BROKEN}), lambda x: list_contains({chosen}, x.key))"
    told = f"list_transform({entries}, lambda x: x.key || ': ' || x.value)"
    rejects = (
        f"select _file, _row_number, json_object({pairs})::varchar as _raw, array_to_string({told}, '; ') as _error"
        f" from ({table.relation}) where {is_broken}"
    )
    return replace(
        table,
        relation=f"select * exclude ({BROKEN}) from ({table.relation}) where not {is_broken}",
        rejects=union_all([table.rejects, rejects]) if table.rejects else rejects,
        has_broken=False,
    )
