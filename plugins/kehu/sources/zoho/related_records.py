"""Records that belong to those of another module, such as the members of campaigns: ``Campaigns/Contacts``.

A record is known by both ids. Zoho does not tell when somebody joined or left: everything is read each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from kehu.sources.http.record_file import RecordFile
from kehu.sources.zoho.zoho_client import ZohoClient
from kehu.sources.zoho.zoho_modules import Field, fields
from kehu.sources.zoho.zoho_records import Reading

PARENT, MEMBER = "Parent.", "Member.id"


def is_related(module: str) -> bool:
    """Whether a name is that of records which belong to others."""
    return "/" in module


def related_fields(client: ZohoClient, module: str) -> tuple[list[Field], datetime | None]:
    """The fields of both, those of the outer one behind ``Parent.``, and the server's clock."""
    outer, _, inner = module.partition("/")
    above, now = fields(client, outer)
    below, _ = fields(client, inner)
    found = [Field("id", "both ids", "text"), Field(MEMBER, "Record Id", "text")]
    found += [Field(f"{PARENT}{one.name}", one.label, "text") for one in above]
    return [*found, *(one for one in below if one.name not in ("id", "Modified_Time"))], now


def read_related(client: ZohoClient, module: str, columns: Sequence[str], file: RecordFile) -> None:
    """All of them into a file."""
    outer, _, inner = module.partition("/")
    of_parent = [name.removeprefix(PARENT) for name in columns if name.startswith(PARENT)]
    plain = [name.partition(".")[0] for name in columns if not name.startswith(PARENT) and name not in ("id", MEMBER)]
    for page in Reading(client, outer, None, None).pages(list(dict.fromkeys(of_parent)) or ["id"]):
        for parent in page:
            above = {f"{PARENT}{name}": _plain(parent.get(name)) for name in ("id", *of_parent)}
            path = f"{outer}/{parent['id']}/{inner}"
            for members in Reading(client, path, None, None).pages(list(dict.fromkeys(plain)) or ["id"]):
                file.write(list(_known_by_both(members, above, str(parent["id"]))))


def _known_by_both(
    members: Sequence[Mapping[str, Any]], above: Mapping[str, Any], parent: str
) -> Iterator[Mapping[str, Any]]:
    for member in members:
        yield {**member, **above, MEMBER: member["id"], "id": f"{parent}:{member['id']}"}


def _plain(value: Any) -> Any:
    return value.get("id") if isinstance(value, Mapping) else value
