"""What documents show to their readers: commands, paths and links, taken out of the Markdown."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.repository import ROOT

DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / folder / "README.md" for folder in ("bench", "dags", "expectations", "tests/data")),
]
FILLED = {
    "CUSTOMER": "shop:1001",
    "ENTITY": "orders",
    "<entity>": "orders",
    "ID": "r20260331_20260401t060000",
    "RELEASE": "r20260331_20260401t060000",
    "SOURCE": "shop",
    "<source>": "shop",
    "D": "2026-03-31",
    "CHECK": "psi:rfm",
}
"""What a reader writes for the words in capitals."""
_FENCE = re.compile(r"(?ms)^```.*?^```")
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"[\w.<>{}*-]+(?:/[\w.<>{}*,-]*)+|[\w<>-]+\.(?:py|sql|ya?ml|toml|md)")


@dataclass(frozen=True)
class Shown:
    """A command or a path, and the document that shows it."""

    document: str
    text: str

    @property
    def words(self) -> list[str]:
        """The command with everything filled in that a reader fills in; brackets mean that one may leave it out."""
        words = shlex.split(self.text.replace("[", " ").replace("]", " "))
        return [FILLED.get(word, word) for word in words]


def commands(document: Path, program: str) -> Iterator[Shown]:
    """The commands of a program, in lines of code and within sentences."""
    name = str(document.relative_to(ROOT))
    text = document.read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    for code in [*lines, *_CODE.findall(text)]:
        # a comment or an explanation stands two blanks behind
        command = re.split(r"\s{2,}|\s+#|;", code.strip())[0].removeprefix(".venv/bin/")
        if command.startswith(f"{program} ") and "…" not in command:
            yield Shown(name, command)


def paths(document: Path) -> Iterator[Shown]:
    """What looks like a path of the repository, in code within sentences."""
    name = str(document.relative_to(ROOT))
    for code in _CODE.findall(_FENCE.sub("", document.read_text(encoding="utf-8"))):
        if _PATH.fullmatch(code):
            yield Shown(name, code)


def links(document: Path) -> Iterator[Shown]:
    """Relative links with their anchors."""
    name = str(document.relative_to(ROOT))
    for target in _LINK.findall(document.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            yield Shown(name, target)


def anchors(document: Path) -> set[str]:
    """What the headings of a document are called in links, as GitHub names them."""
    headings = re.findall(r"(?m)^#+\s+(.*)$", document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
