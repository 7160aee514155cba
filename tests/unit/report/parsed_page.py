"""A report read back: its texts, tables, charts and everything that could load or run something."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

VOID = {"meta", "link", "br", "circle", "rect", "img", "input", "hr", "wbr"}


class ParsedPage(HTMLParser):
    """What a browser would find in the page; fails on a tag that is closed in the wrong place."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.source = path.read_text(encoding="utf-8")
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.styles: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self._cell: list[str] | None = None
        self._rows: list[list[str]] = []
        self._caption = ""
        self.feed(self.source)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.elements.append((tag, names))
        if tag in VOID:
            return
        self._open.append((tag, names))
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        opened, _ = self._open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"
        if tag in ("td", "th") and self._cell is not None:
            self._rows[-1].append("".join(self._cell))
            self._cell = None
        elif tag == "table":
            assert self._caption not in self.tables, "two tables of one name"
            self.tables[self._caption] = self._rows

    def handle_data(self, data: str) -> None:
        tag, names = self._open[-1] if self._open else ("", {})
        if tag == "script":
            self.scripts.append((names, data))
        elif tag == "style":
            self.styles.append(data)
        else:
            if self._cell is not None:
                self._cell.append(data)
            if tag == "caption":
                self._caption += data
            if data.strip():
                self.texts.append((f"{tag}.{names.get('class') or ''}".rstrip("."), data.strip()))

    @property
    def text(self) -> str:
        """All that a reader can see, with ordinary spaces."""
        return plain(" ".join(text for _, text in self.texts))

    @property
    def programs(self) -> list[str]:
        """Scripts that run; drawings are data."""
        return [text for names, text in self.scripts if names.get("type") != "application/json"]

    @property
    def drawings(self) -> dict[str, dict[str, Any]]:
        """Plotly data and layout by id: ``rfm-map-wide``."""
        return {
            str(names["id"]): json.loads(text)
            for names, text in self.scripts
            if names.get("type") == "application/json"
        }

    def texts_of(self, where: str) -> list[str]:
        """Texts directly in a tag, ``h2``, or in a tag of a class, ``p.missing``."""
        return [plain(text) for place, text in self.texts if place == where]

    def figures(self) -> dict[str, tuple[str, str]]:
        """Value and note of each headline figure by label."""
        labels, values = self.texts_of("dt")[:6], self.texts_of("dd.value")
        return dict(zip(labels, zip(values, self.texts_of("dd.note"), strict=True), strict=True))

    def table(self, caption: str) -> list[dict[str, str]]:
        """Rows of a table by column title."""
        titles, *rows = self.tables[caption]
        return [dict(zip(titles, row, strict=True)) for row in rows]

    def urls(self) -> list[str]:
        """Every address that an element names, and every one in a style sheet."""
        names = ("src", "href", "srcset", "action", "data", "poster", "background", "xlink:href", "formaction", "ping")
        found = [str(attrs[name]) for _, attrs in self.elements for name in names if name in attrs]
        styles = self.styles + [str(attrs["style"]) for _, attrs in self.elements if "style" in attrs]
        for style in styles:
            found += re.findall(r"url\(([^)]*)\)|@import\s+([^;]*)", style)
        return found


def plain(text: str) -> str:
    """Text with ordinary spaces, as a test writes it."""
    return text.replace("\u00a0", " ")


def number(text: str) -> float:
    """The number in a text such as ``USD 1,234.50`` or ``−12.5%``."""
    found = re.search(r"[−-]?[\d,]+(\.\d+)?", text)
    assert found, f"no number in {text!r}"
    return float(found.group().replace(",", "").replace("−", "-"))
