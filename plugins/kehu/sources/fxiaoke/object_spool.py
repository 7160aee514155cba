"""An object of Fxiaoke on its way into a scratch file: options as labels, days as days, records that are gone told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.cursor_config import CursorEntity
from kehu.sources.fxiaoke.fxiaoke_client import FxiaokeClient
from kehu.sources.fxiaoke.fxiaoke_objects import VALUE, Field, fields
from kehu.sources.fxiaoke.fxiaoke_records import CHANGED, KEY, Reading
from kehu.sources.http.landed_keys import Landed
from kehu.sources.http.record_file import POSITION, RecordFile
from kehu.sources.http.white_list import mapped_columns
from kehu.sources.mapping import Location
from kehu.sources.spool import Column, LowerBound
from kehu.sources.spool_marks import IS_DELETED

_ALWAYS = (KEY, CHANGED)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class ObjectSpool:
    """One object under one mapping."""

    client: FxiaokeClient
    entity: str
    object: str
    options: CursorEntity
    landed: Landed
    what: str = "object"
    now: datetime | None = None
    _columns: list[Column] = field(default_factory=list)
    _fields: dict[str, Field] = field(default_factory=dict)
    _low: LowerBound | None = None
    _file: Path | None = None

    @property
    def label(self) -> str:
        """The object."""
        return self.object

    def columns(self, work: Workspace) -> Sequence[Column]:
        """The mapped fields; the first call asks what there are."""
        if not self._columns:
            work.resources.callback(self.client.close)
            found = fields(self.client, self.object)
            self.now = self.client.server_time
            self._fields = {column: one for one in found for column in one.columns}
            types = {column: one.type for column, one in self._fields.items()}
            location = Location(self.client.config.name, self.entity, self.object, self.what)
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
        names = [column.name for column in self._columns if column.name != IS_DELETED]
        has_changed = CHANGED in names
        reading = Reading(self.client, self.object, has_changed)
        low = self._low.value if self._low is not None and isinstance(self._low.value, datetime) else None
        raw = [Column(name, name, "") for name in dict.fromkeys(name.removesuffix(VALUE) for name in names)]
        read = RecordFile(work.new_file(".parquet"), raw)
        reading.records([column.name for column in raw], low, read)
        read.close()
        selected = [f"{self._text(name)} as {sql_name(name)}" for name in names]
        rows = f"select {', '.join(selected)}, null::varchar as {IS_DELETED} from ({_last(read)})"
        gone = self._gone(work, read, low)
        if gone is not None:
            of_gone = [f"{self._of_gone(name)} as {sql_name(name)}" for name in names]
            rows += f" union all select {', '.join(of_gone)}, 'true' from ({gone}) as gone"
        target = work.new_file(".parquet")
        work.connection.execute(
            f"copy (select * from ({rows}) order by {sql_name(KEY)}) to {sql_text(str(target))} (format parquet)"
        )
        return target

    def _text(self, column: str) -> str:
        return self._fields[column].text(sql_name(column.removesuffix(VALUE)), column)

    def _of_gone(self, column: str) -> str:
        if column in self.landed.key_fields(self.options, KEY):
            return f"gone.{sql_name(column)}"
        return sql_text(_text_of(self.now)) if column == CHANGED and self.now is not None else "null::varchar"

    def _gone(self, work: Workspace, read: RecordFile, low: datetime | None) -> str | None:
        """The keys of what has landed and is not there any more; None where that is not looked for now."""
        landed = self.landed.keys(self.options, KEY) if self.options.mode == "append" else None
        if landed is None or (low is not None and not self._is_due):
            return None
        if low is not None:
            read = RecordFile(work.new_file(".parquet"), [Column(KEY, KEY, "")])
            Reading(self.client, self.object, False).records([KEY], None, read)
            read.close()
        there = f"select {sql_name(KEY)} from ({_last(read)})"
        return f"select * from ({landed}) where {sql_name(KEY)} not in ({there})"

    @property
    def _is_due(self) -> bool:
        """Whether no batch of this period is there yet: the ids of all records are read once in each."""
        days = self.client.config.sweep_days
        if days == 0:
            return False
        last = self.landed.batches[-1].extracted_at.replace(tzinfo=UTC)
        now = self.client.now().replace(tzinfo=UTC)
        period = timedelta(days=days)
        return (now - _EPOCH) // period != (last - _EPOCH) // period


def _last(part: RecordFile) -> str:
    """Each record of a file once, as it was read last."""
    return (
        f"select * from read_parquet({sql_text(str(part.target))}) where {POSITION} >= {sql_text(part.position(part.begun))}"
        f" qualify row_number() over (partition by {sql_name(KEY)} order by {POSITION} desc) = 1"
    )


def _text_of(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.000+00")


def _with_order(column: Column) -> Column:
    """What the values of a column tell as a cursor."""
    return Column(column.name, column.shown, "timestamptz", "moment") if column.name == CHANGED else column
