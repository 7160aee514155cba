"""Whether what was read out of a connection string can be the address of a server: if not, it may be a part of a password."""

from __future__ import annotations

import re

HINT = "write it as postgresql://user:password@host:port/database, and in user and password %40 for @, %2F for /, %3A for :"
_HOST = re.compile(r"[\w.,\-]*|\[?[0-9A-Fa-f:.%]*\]?|/[^@\s]*", re.ASCII)
_PORTS = re.compile(r"(\d{1,5}(,\d{1,5})*)?")
_HIGHEST_PORT = 65_535


def is_address(host: object, port: object, database: object) -> bool:
    """Whether host (a folder of a socket counts), port and database look like such; what is missing is none of them."""
    ports = str(port or "")
    return (
        _HOST.fullmatch(str(host or "")) is not None
        and _PORTS.fullmatch(ports) is not None
        and all(int(one) <= _HIGHEST_PORT for one in ports.split(",") if one)
        and "@" not in str(database or "")
    )
