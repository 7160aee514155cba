"""A module of Zoho CRM on its way into a scratch file: field sets joined, repeated records once, deleted ones told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.cursor_config import CursorEntity
from kehu.sources.http.landed_keys import Landed
from kehu.sources.http.record_file import POSITION, RecordFile
from kehu.sources.http.white_list import mapped_columns
from kehu.sources.mapping import Location
from kehu.sources.spool import Column, LowerBound
from kehu.sources.spool_marks import IS_DELETED
from kehu.sources.zoho.bulk_read import bulk_names, read_bulk
from kehu.sources.zoho.related_records import is_related, read_related, related_fields
from kehu.sources.zoho.zoho_client import ZohoClient
from kehu.sources.zoho.zoho_modules import fields
from kehu.sources.zoho.zoho_records import Reading

KEY, CHANGED = "id", "Modified_Time"
_ALWAYS = (KEY, CHANGED)


@dataclass
class ModuleSpool:
    """One module under one mapping."""

    client: ZohoClient
    entity: str
    module: str
    options: CursorEntity
    landed: Landed
    what: str = "module"
    now: datetime | None = None
    _columns: list[Column] = field(default_factory=list)
    _low: LowerBound | None = None
    _file: Path | None = None

    @property
    def label(self) -> str:
        """The module."""
        return self.module

    def columns(self, work: Workspace) -> Sequence[Column]:
        """The mapped fields; the first call asks what there are."""
        if not self._columns:
            work.resources.callback(self.client.close)
            found, self.now = (related_fields if is_related(self.module) else fields)(self.client, self.module)
            types = {column: one.type for one in found for column in one.columns}
            location = Location(self.client.config.name, self.entity, self.module, self.what)
            columns = mapped_columns(work, self.options, types, _ALWAYS, location)
            self._columns = [_with_order(column) for column in columns]
        return self._columns

    def plan(self, low: LowerBound | None) -> None:
        """From where on to read."""
        self._low = low

    def file(self, work: Workspace) -> Path:
        """The records; the first call reads them."""
        if self._file is None:
            self._file = self._read(work)
        return self._file

    def _read(self, work: Workspace) -> Path:
        columns = [column for column in self._columns if column.name != IS_DELETED]
        since = self._low.value if self._low is not None and isinstance(self._low.value, datetime) else None
        if is_related(self.module):
            read = RecordFile(work.new_file(".parquet"), columns)
            read_related(self.client, self.module, [column.name for column in columns], read)
            read.close()
            return self._together(work, [read], None)
        reading = Reading(self.client, self.module, since, self.now)
        parts = self._by_job(work, reading, columns) or [
            _spooled(work, reading, chosen) for chosen in _field_sets(columns, self.client.config.max_fields)
        ]
        parts = [*parts, self._torn(work, reading, parts, columns)] if len(parts) > 1 else parts
        return self._together(work, parts, self._deleted(work, reading, columns))

    def _by_job(self, work: Workspace, reading: Reading, columns: list[Column]) -> list[RecordFile]:
        """Everything by jobs, where that is allowed and the module has more than a page."""
        names = bulk_names([column.name for column in columns])
        if reading.since is not None or self.client.config.bulk == "never" or names is None:
            return []
        if not reading.has_more_than_a_page():
            return []
        file = RecordFile(work.new_file(".parquet"), columns)
        read_bulk(self.client, self.module, names, file)
        file.close()
        return [file]

    def _torn(self, work: Workspace, reading: Reading, parts: list[RecordFile], columns: list[Column]) -> RecordFile:
        """Records that changed between the reading of two sets of fields, each read whole."""
        names = sql_name(CHANGED) if any(column.name == CHANGED for column in columns) else "null"
        each = " union all ".join(f"select {KEY}, {names} as changed from ({_last(part)})" for part in parts)
        found = work.rows(
            f"select {KEY} from ({each}) group by {KEY} having count(*) <> {len(parts)} or count(distinct changed) > 1"
            f" order by {KEY}"
        )
        file = RecordFile(work.new_file(".parquet"), columns)
        for (record,) in found:
            whole = reading.one(str(record))
            file.write([whole] if whole is not None else [])
        file.close()
        return file

    def _deleted(self, work: Workspace, reading: Reading, columns: list[Column]) -> RecordFile:
        """What was deleted since the last reading; of a whole one, what was deleted while it went on."""
        file = RecordFile(work.new_file(".parquet"), [column for column in columns if column.name in _ALWAYS])
        for page in reading.deleted(reading.since or reading.begun):
            file.write([{KEY: one.get("id"), CHANGED: one.get("deleted_time")} for one in page])
        file.close()
        return file

    def _together(self, work: Workspace, parts: Sequence[RecordFile], deleted: RecordFile | None) -> Path:
        """One row a record, and one a record that is gone."""
        names = [column.name for column in self._columns if column.name != IS_DELETED]
        live = _last(parts[0]) if len(parts) == 1 else _joined(parts, names)
        kept = f"select * from ({live})"
        if deleted is not None:
            kept += f" where {KEY} not in (select {KEY} from ({_last(deleted)}))"
        target = work.new_file(".parquet")
        rows = f"select {', '.join(map(sql_name, names))}, null::varchar as {IS_DELETED} from ({kept})"
        gone = self._gone(kept, deleted)
        if gone is not None:
            values = [self._of_gone(name) for name in names]
            selected = [f"{value} as {sql_name(name)}" for value, name in zip(values, names, strict=True)]
            rows += f" union all select {', '.join(selected)}, 'true' from ({gone}) as gone"
        work.connection.execute(
            f"copy (select * from ({rows}) order by {KEY}) to {sql_text(str(target))} (format parquet)"
        )
        return target

    def _gone(self, kept: str, deleted: RecordFile | None) -> str | None:
        """Key and time of what is gone: told by Zoho since the last reading, else what has landed and is not found."""
        if self.options.mode != "append":
            return None
        if self._low is not None and deleted is not None:
            is_known = self.landed.key_fields(self.options, KEY) == (KEY,)
            return f"select {KEY}, {CHANGED} as _changed from ({_last(deleted)})" if is_known else None
        landed = self.landed.keys(self.options, KEY)
        if landed is None:
            return None
        now = f"{sql_text(self.now.isoformat(timespec='seconds'))}" if self.now else "null"
        return f"select *, {now} as _changed from ({landed}) where {KEY} not in (select {KEY} from ({kept}))"

    def _of_gone(self, name: str) -> str:
        """SQL of a field of a record that is gone: its key and the time are known."""
        if name == CHANGED:
            return "gone._changed"
        known = (KEY,) if self._low is not None else self.landed.key_fields(self.options, KEY)
        return f"gone.{sql_name(name)}" if name in known else "null::varchar"


def _spooled(work: Workspace, reading: Reading, columns: list[Column]) -> RecordFile:
    file = RecordFile(work.new_file(".parquet"), columns)
    reading.stable(_asked(columns), file)
    file.close()
    return file


def _asked(columns: Sequence[Column]) -> list[str]:
    """The fields behind the columns."""
    return list(dict.fromkeys(column.name.partition(".")[0] for column in columns if column.name != KEY)) or [KEY]


def _field_sets(columns: list[Column], most: int) -> Iterator[list[Column]]:
    """The columns in sets whose fields fit into one request, each with what is always needed."""
    always = [column for column in columns if column.name in _ALWAYS]
    rest = [column for column in columns if column.name not in _ALWAYS]
    by_field = list(dict.fromkeys(column.name.partition(".")[0] for column in rest))
    room = most - 1
    for start in range(0, max(1, len(by_field)), room):
        chosen = set(by_field[start : start + room])
        yield [*always, *(column for column in rest if column.name.partition(".")[0] in chosen)]


def _last(part: RecordFile) -> str:
    """Each record of a file once, as it was read last."""
    return (
        f"select * from read_parquet({sql_text(str(part.target))})"
        f" where {KEY} is not null qualify row_number() over (partition by {KEY} order by {POSITION} desc) = 1"
    )


def _joined(parts: Sequence[RecordFile], names: Sequence[str]) -> str:
    """The sets of fields side by side; records in the last part, which were read whole, take the place of the sets."""
    *sets, whole = parts
    torn = f"select {KEY} from ({_last(whole)})"
    selected = []
    for name in names:
        owner = next(number for number, part in enumerate(sets) if name in {column.name for column in part.columns})
        selected.append(f"part_{owner}.{sql_name(name)}")
    source = f"({_last(sets[0])}) as part_0" + "".join(
        f" inner join ({_last(part)}) as part_{number} on part_0.{KEY} = part_{number}.{KEY}"
        for number, part in enumerate(sets[1:], start=1)
    )
    kept = f"select {', '.join(selected)} from {source} where part_0.{KEY} not in ({torn})"
    return f"{kept} union all by name select {', '.join(map(sql_name, names))} from ({_last(whole)})"


def _with_order(column: Column) -> Column:
    """What the values of a column tell as a cursor."""
    return Column(column.name, column.shown, "timestamptz", "moment") if column.name == CHANGED else column
