"""What a Zoho CRM has: its modules, their fields, and which of them are look-ups of other records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kehu.errors import SourceTableMissing, SourceUnreadable, nearest
from kehu.sources.http.answers import server_clock
from kehu.sources.zoho.zoho_client import ZohoClient

_LOOKUPS = {"lookup", "ownerlookup", "userlookup", "multiuserlookup"}


@dataclass(frozen=True)
class Field:
    """A field of a module."""

    name: str
    label: str
    type: str

    @property
    def columns(self) -> tuple[str, ...]:
        """What can be mapped of it: of a record that it names, id and name."""
        return (f"{self.name}.id", f"{self.name}.name") if self.type in _LOOKUPS else (self.name,)


def modules(client: ZohoClient) -> list[tuple[str, str]]:
    """Name and label of the modules that can be read."""
    if client.modules is None:
        body = client.ask("GET", "/crm/v8/settings/modules").body
        found = [one for one in _list(body, "modules") if one.get("api_supported", True)]
        client.modules = sorted((str(one["api_name"]), str(one.get("plural_label") or "")) for one in found)
    return client.modules


def fields(client: ZohoClient, module: str) -> tuple[list[Field], datetime | None]:
    """The fields of a module, and the server's clock.

    Raises:
        SourceTableMissing: there is no such module, or the user does not see it; names the nearest.
    """
    known = [name for name, _ in modules(client)]
    if module not in known:
        raise SourceTableMissing(
            "Zoho has no such module for this user",
            fix="correct objects: kehu sources describe lists the modules; or let the user's profile see it",
            source=client.config.name,
            module=module,
            nearest=nearest(module, known) or known[:8],
        )
    answer = client.ask("GET", "/crm/v8/settings/fields", params={"module": module})
    found = [
        Field(str(one["api_name"]), str(one.get("field_label") or ""), str(one.get("data_type") or ""))
        for one in _list(answer.body, "fields")
    ]
    names = {one.name for one in found}
    return [*([] if "id" in names else [Field("id", "Record Id", "bigint")]), *found], server_clock(answer)


def _list(body: object, name: str) -> Sequence[dict[str, object]]:
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise SourceUnreadable(f"Zoho's answer has no {name}", fix="report this")
    return found
