"""The pages that show what the gate found: Great Expectations' data docs, readable without a network, and an index."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from kehu.files.durable import write_durably
from kehu.gate.results import CheckResult

_TEMPLATES = Path(__file__).parent / "templates"
_LAYERS = ("drift", "marts", "landing", "intake", "transform")

_REMOVED = re.compile(
    r"<script\b.*?</script>|<link\b[^>]*>|<img\b[^>]*>|<footer\b.*?</footer>|<title>.*?</title>|url\([^)]*https?:[^)]*\)",
    re.DOTALL | re.IGNORECASE,
)
"""What Great Expectations' pages would fetch from the network, and what does nothing without it."""
_TO_INDEX = re.compile(r'href="(?:\.\./)+index\.html"')
_TO_SUITE = re.compile(r'<a href="(?:\.\./)+expectations/[^"]*"\s*>(.*?)</a>', re.DOTALL)


class DataDocs:
    """The folder of one release's pages: ``index.html``, and a page for every checked table of every layer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / "index.html"

    @contextmanager
    def building(self, layer: str) -> Iterator[Path]:
        """An empty folder for Great Expectations' site; after the block its pages are the layer's pages.

        Nothing of an earlier check of the layer stays; if the block fails, nothing of this one does either.
        """
        site = self.folder / f".{layer}.building"
        shutil.rmtree(site, ignore_errors=True)
        site.mkdir(parents=True)
        try:
            yield site
            self._publish(layer, site)
        finally:
            shutil.rmtree(site, ignore_errors=True)

    def write_index(self, release_id: str, results: Sequence[CheckResult]) -> None:
        """Write the page with all checks, those that block first; link the tables that have a page."""
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_TEMPLATES / "style.css", self.folder / "style.css")
        environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=select_autoescape(default=True))
        known = [result for result in results if result.layer in _LAYERS]
        known.sort(key=_order)
        page = environment.get_template("index.html.j2").render(
            release_id=release_id,
            layers=[(layer, list(group)) for layer, group in groupby(known, key=lambda r: r.layer)],
            blocking=[result for result in known if result.blocks],
            warnings=[result for result in known if result.status == "failed" and not result.blocks],
            pages={f"{file.parent.name}/{file.stem}" for file in self.folder.glob("*/*.html")},
        )
        write_durably(self.index, page)

    def _publish(self, layer: str, site: Path) -> None:
        pages = self.folder / layer
        shutil.rmtree(pages, ignore_errors=True)
        pages.mkdir(parents=True)
        for file in sorted(site.glob(f"validations/{layer}/*/**/*.html")):
            table = file.relative_to(site / "validations" / layer).parts[0]
            (pages / f"{table}.html").write_text(self_contained(file.read_text("utf-8"), table), encoding="utf-8")


def _order(result: CheckResult) -> tuple[object, ...]:
    trouble = 0 if result.blocks else 1 if result.status == "failed" else 2
    return _LAYERS.index(result.layer), trouble, result.table_name, result.check_name


def self_contained(html: str, title: str) -> str:
    """A page of Great Expectations that loads nothing: no scripts, no foreign styles, its own style sheet beside it."""
    html = _REMOVED.sub("", html)
    html = _TO_INDEX.sub('href="../index.html"', html)
    html = _TO_SUITE.sub(r"\1", html)
    return html.replace("</head>", f'<title>{title}</title>\n<link rel="stylesheet" href="../style.css">\n</head>', 1)
