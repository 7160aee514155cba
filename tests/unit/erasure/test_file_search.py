"""Files of a user's own below KEHU_HOME: a value is found in whatever way it is written there, and nothing else is."""

from __future__ import annotations

import gzip
import io
import json
import unicodedata
import zipfile
from pathlib import Path

import pytest

from kehu.erasure.search import search_everywhere
from kehu.settings import load_settings

NAME, EMAIL, NUMBER = "Émile Durand-Åström", "emile.durand77@example.com", "0171 5557788"
VALUES = [
    ("name", NAME),
    ("text", EMAIL),
    ("number", NUMBER),
    ("word", "shop:KX-77A9"),
    ("name", "欧阳修文"),
    ("short", "王芳"),
]


def zipped(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner/list.csv", text)
    return buffer.getvalue()


FOUND = {
    "capitals": f"to {NAME.upper()}".encode(),
    "utf-16": NAME.encode("utf-16"),
    "utf-16-be": f"a,{NAME}".encode("utf-16-be"),
    "latin-1": NAME.encode("latin-1"),
    "gb18030": "姓名,欧阳修文\n".encode("gb18030"),
    "json": json.dumps({"name": NAME}).encode(),
    "gz": gzip.compress(f"x {NAME} y".encode()),
    "gz of utf-16": gzip.compress(NAME.encode("utf-16")),
    "zip": zipped(f"1,{EMAIL}\n"),
    "nfd": unicodedata.normalize("NFD", NAME).encode(),
    "blanks": "Émile\u00a0  Durand-Åström".encode(),
    "last name first": b"Durand-\xc3\x85str\xc3\xb6m, \xc3\x89mile",
    "link": b"https://x.example/?m=Emile.Durand77%40example.com",
    "full width": "ｅｍｉｌｅ．ｄｕｒａｎｄ７７＠ｅｘａｍｐｌｅ．ｃｏｍ".encode(),
    "id": b'{"id":"shop:kx-77a9"}',
    "late in a long file": b"x" * (16 << 20) + NAME.upper().encode(),
}
OTHER = {
    "another id": b"shop:KX-77A91",
    "another number": b"0171 55577881",
    "damaged gz": b"\x1f\x8b" + bytes(range(256)),
    "damaged zip": b"PK\x03\x04" + bytes(range(256)),
    "bytes": bytes(range(256)) * 50,
    "two characters": "王芳".encode(),
    "empty": b"",
}


@pytest.mark.parametrize("way", FOUND)
def test_a_value_is_found_however_it_is_written(way: str, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_bytes(FOUND[way])
    assert search_everywhere(load_settings(home=tmp_path), VALUES).found_in == ["mine.txt"]


@pytest.mark.parametrize("way", OTHER)
def test_what_is_another_thing_is_not_found(way: str, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_bytes(OTHER[way])
    search = search_everywhere(load_settings(home=tmp_path), VALUES)
    assert (search.files, search.found_in) == (1, [])
