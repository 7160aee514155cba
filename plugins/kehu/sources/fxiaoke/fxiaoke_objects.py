"""What a tenant of Fxiaoke has: its objects, their fields, and how a value of each type is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kehu.errors import SourceTableMissing, SourceUnreadable, nearest
from kehu.quoting import sql_text
from kehu.sources.fxiaoke.fxiaoke_client import FxiaokeClient

VALUE = ".value"
"""Behind the name of an option field: its value instead of its label."""
_OPTIONS = {"select_one", "select_many", "record_type"}
_LISTS = {"employee", "department", "employee_many", "department_many", "select_many"}
_MOMENTS = {"date_time", "datetime"}


@dataclass(frozen=True)
class Field:
    """A field of an object.

    Attributes:
        name: of the interface.
        label: as users call it.
        type: as Fxiaoke calls it.
        options: value → label, of option fields.
    """

    name: str
    label: str
    type: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """What can be mapped of it."""
        return (self.name, f"{self.name}{VALUE}") if self.options else (self.name,)

    def text(self, raw: str, column: str) -> str:
        """SQL of a value as it lands.

        Args:
            raw: SQL of the value as it was delivered, as a text.
            column: one of ``columns``.
        """
        is_number = f"regexp_full_match({raw}, '-?[0-9]+')"
        if self.type == "date":
            day = f"strftime(make_timestamp({raw}::bigint * 1000) + interval 8 hours, '%Y-%m-%d')"
            return f"case when {is_number} then {day} else {raw} end"
        if self.type in _MOMENTS:
            moment = f"strftime(make_timestamp({raw}::bigint * 1000), '%Y-%m-%d %H:%M:%S.%g+00')"
            return f"case when {is_number} then {moment} else {raw} end"
        if self.type in _LISTS:
            one = self._label("x") if self.options and not column.endswith(VALUE) else "x"
            each = f"list_transform(from_json({raw}, '[\"VARCHAR\"]'), lambda x: {one})"
            return f"case when {raw} like '[%' then array_to_string({each}, ',') else {self._plain(raw, column)} end"
        return self._plain(raw, column)

    def _plain(self, raw: str, column: str) -> str:
        return self._label(raw) if self.options and not column.endswith(VALUE) else raw

    def _label(self, value: str) -> str:
        branches = " ".join(f"when {sql_text(v)} then {sql_text(label)}" for v, label in self.options.items())
        return f"case {value} {branches} else {value} end"


def objects(client: FxiaokeClient) -> list[tuple[str, str]]:
    """Name and label of the objects that can be read."""
    if client.objects is None:
        found = _part(client.ask("/cgi/crm/v2/object/list", {}), "objects")
        if not isinstance(found, list):
            raise SourceUnreadable("Fxiaoke's answer has no objects", fix="report this", source=client.config.name)
        client.objects = sorted(
            (str(one["describeApiName"]), str(one.get("describeDisplayName") or "")) for one in found
        )
    return client.objects


def fields(client: FxiaokeClient, name: str) -> list[Field]:
    """The fields of an object.

    Raises:
        SourceTableMissing: there is no such object, or the user does not see it; names the nearest.
    """
    known = [one for one, _ in objects(client)]
    if name not in known:
        raise SourceTableMissing(
            "Fxiaoke has no such object for this user",
            fix="correct objects: kehu sources describe lists them; or let the user's role see it",
            source=client.config.name,
            object=name,
            nearest=nearest(name, known) or known[:8],
        )
    answer = client.ask("/cgi/crm/v2/object/describe", {"apiName": name, "includeDetail": False})
    described = _part(answer, "describe")
    given = described.get("fields") if isinstance(described, Mapping) else None
    if not isinstance(given, Mapping):
        raise SourceUnreadable("Fxiaoke's answer has no fields", fix="report this", source=client.config.name)
    found = [_field(str(one), about) for one, about in given.items()]
    known_fields = {one.name for one in found}
    return [*([] if "_id" in known_fields else [Field("_id", "ID", "text")]), *found]


def _field(name: str, about: Mapping[str, Any]) -> Field:
    kind = str(about.get("type") or "")
    options = about.get("options") if kind in _OPTIONS else None
    labels = {str(one.get("value") or one.get("api_name")): str(one.get("label")) for one in options or ()}
    return Field(name, str(about.get("label") or ""), kind, labels)


def _part(answer: Mapping[str, Any], name: str) -> Any:
    """A part of an answer, below data or beside it."""
    data = answer.get("data")
    return data[name] if isinstance(data, Mapping) and name in data else answer.get(name)
