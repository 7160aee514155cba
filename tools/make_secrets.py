"""Writes ``.env`` from ``.env.example`` with generated keys and passwords: ``python3 tools/make_secrets.py [FOLDER]``.

Only its owner can read the file, from its first byte on. A file that is there is never touched: its passwords are those of
databases that exist. Runs before any dependency is installed, so it uses the standard library alone.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

_GENERATED = re.compile(r"\(generated(?:: (?P<kind>\w+))?\)")
_EMPTY = re.compile(r"^(?P<name>[A-Z][A-Z0-9_]*)=$")


def main(folder: Path) -> int:
    """Write ``folder/.env``; returns an exit code: 1 if it is there already."""
    target = folder / ".env"
    text = "".join(filled((folder / ".env.example").read_text(encoding="utf-8").splitlines()))
    try:
        # O_EXCL: two at once, or a file that somebody has just put there, and only one wins.
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        print(f"{target} is there already and stays as it is: docs/runbooks/key_rotation.md", file=sys.stderr)
        return 1
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o600)
        file.write(text)
    print(f"{target} holds new keys and passwords. Keep a copy where you keep secrets, not beside the backups.")
    return 0


def filled(lines: list[str]) -> Iterator[str]:
    """The lines with a value behind every empty name whose comment, the line before, says (generated)."""
    wanted = None
    for line in lines:
        name = _EMPTY.match(line)
        yield f"{line}{_value(wanted['kind'])}\n" if name and wanted else f"{line}\n"
        wanted = _GENERATED.search(line) if line.startswith("#") else None


def _value(kind: str | None) -> str:
    """32 random bytes, 64 where SHA-512 wants them, as hexadecimal digits: safe in a URL, a shell and as an argument."""
    if kind == "fernet":
        return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_hex(64 if kind == "long" else 32)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]))
