"""Forms of Airflow's UI for the connections of systems: what each kind of source asks for, secrets hidden."""

from __future__ import annotations

from typing import Any

from kehu.sources.kind import Kind
from kehu.sources.registry import KINDS, kind_of


class SystemHook:
    """What Airflow looks for behind a type of connections; Kehu asks the systems itself."""

    conn_name_attr = "connection"
    default_conn_name = "crm"


def get_provider_info() -> dict[str, Any]:
    """What Airflow learns of Kehu at its start."""
    kinds = [kind for kind in map(kind_of, KINDS) if kind.credentials]
    return {
        "package-name": "kehu",
        "name": "Kehu",
        "description": "Connections of the systems that Kehu reads.",
        "connection-types": [_form(kind) for kind in kinds],
    }


def _form(kind: Kind) -> dict[str, Any]:
    hook = f"{SystemHook.__module__}.{SystemHook.__name__}"
    return {
        "connection-type": kind.name,
        "hook-class-name": hook,
        "hook-name": kind.title,
        "ui-field-behaviour": {
            "hidden-fields": ["host", "schema", "login", "password", "port", "extra"],
            "relabeling": {},
        },
        "conn-fields": {
            one.name: {
                "label": one.label,
                "schema": {"type": ["string", "null"], **({"format": "password"} if one.is_secret else {})},
            }
            for one in kind.credentials
        },
    }
