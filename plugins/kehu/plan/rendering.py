"""A plan's document for a terminal, for a pull request, and as a page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from html import escape

from kehu.plan.document import Document, Section
from kehu.printable import printable

_WIDEST = 60
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .4rem}.verdict{font-size:1.05rem}
.wide{overflow-x:auto}table{border-collapse:collapse}th,td{padding:.25rem .8rem;text-align:left;border-bottom:1px solid #d8dee4}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
"""


def as_text(document: Document) -> str:
    """For a terminal."""
    return "\n".join(_text_lines(document))


def as_markdown(document: Document) -> str:
    """For a pull request."""
    return "\n".join(_markdown_lines(document)) + "\n"


def as_page(document: Document) -> str:
    """A page of one file that loads nothing."""
    sections = "\n".join(_html(section) for section in document.sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(document.title)}</title><style>{_STYLE}</style></head>"
        f'<body><h1>{escape(document.title)}</h1><p class="verdict">{escape(document.verdict)}</p>\n{sections}</body></html>\n'
    )


def _text_lines(document: Document) -> Iterator[str]:
    yield document.title
    yield document.verdict
    for section in document.sections:
        yield ""
        yield section.title
        if section.note:
            yield section.note
        table = [section.headers, *section.rows]
        shown = [[_short(cell) for cell in row] for row in table]
        widths = [max(_width(row[at]) for row in shown) for at in range(len(section.headers))]
        for row in shown:
            yield (
                "  "
                + "  ".join(_padded(cell, widths[at], at in section.numbers) for at, cell in enumerate(row)).rstrip()
            )


def _markdown_lines(document: Document) -> Iterator[str]:
    yield f"## {_cell(document.title)}"
    yield ""
    yield _cell(document.verdict)
    for section in document.sections:
        yield ""
        yield f"### {_cell(section.title)}"
        yield ""
        if section.note:
            yield _cell(section.note)
            yield ""
        yield _row(section.headers)
        yield _row(["---:" if at in section.numbers else "---" for at in range(len(section.headers))])
        for row in section.rows:
            yield _row([_cell(cell) for cell in row])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Text in which nothing is Markdown or HTML: values are what others wrote."""
    shown = escape(printable(text), quote=False)
    for letter in "\\`*_[]|#":
        shown = shown.replace(letter, f"\\{letter}")
    return shown


def _html(section: Section) -> str:
    head = "".join(_html_cell("th", name, at in section.numbers) for at, name in enumerate(section.headers))
    body = "".join(
        f"<tr>{''.join(_html_cell('td', cell, at in section.numbers) for at, cell in enumerate(row))}</tr>"
        for row in section.rows
    )
    note = f"<p>{escape(section.note)}</p>" if section.note else ""
    return f'<h2>{escape(section.title)}</h2>{note}<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _html_cell(tag: str, text: str, is_number: bool) -> str:
    kind = ' class="number"' if is_number else ""
    return f"<{tag}{kind}>{escape(printable(text))}</{tag}>"


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= _WIDEST else f"{shown[: _WIDEST - 1]}…"


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese letter takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int, to_the_right: bool) -> str:
    blank = " " * (width - _width(text))
    return blank + text if to_the_right else text + blank
