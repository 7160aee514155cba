"""The fields that a mapping reads, of all that an object has: only they are asked for, because custom fields hold secrets."""

from __future__ import annotations

from collections.abc import Mapping

from kehu.landing.workspace import Workspace
from kehu.sources.cursor_config import CursorEntity
from kehu.sources.mapping import Location, check_mapping
from kehu.sources.spool import Column
from kehu.sources.spool_marks import IS_DELETED


def mapped_columns(
    work: Workspace, options: CursorEntity, fields: Mapping[str, str], always: tuple[str, ...], location: Location
) -> list[Column]:
    """The columns that are read: the mapped ones, and those that are always needed where the object has them.

    Args:
        work: where expressions are checked.
        options: the mapping.
        fields: all fields of the object, with the system's names of their types.
        always: fields that are read whatever the mapping says.
        location: the object, for errors.

    Raises:
        MappedColumnMissing: a mapped field is not there; names the nearest.
    """
    shown = {**dict.fromkeys(fields, "VARCHAR"), IS_DELETED: "VARCHAR"}
    used = check_mapping(work, options, shown, location).used
    wanted = [name for name in fields if name in used or name in always]
    return [Column(name, name, fields[name]) for name in wanted] + [Column(IS_DELETED, IS_DELETED, "boolean", "none")]
