"""Writes the report of a release: one HTML file that needs nothing else.

The page carries plotly.js once, and a content security policy that lets only its own two scripts run and nothing be
loaded. Equal releases give equal bytes: no clock, no random ids, every query ordered.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Literal

import jinja2
from plotly.offline import get_plotlyjs

from kehu.files.durable import write_durably
from kehu.report.background import UNKNOWN, Background
from kehu.report.blocks import Page
from kehu.report.chapters import chapters
from kehu.report.release_reader import Records, ReleaseReader
from kehu.report.sections import headline, quality, remarks
from kehu.report.wording import Wording

TEMPLATES = Path(__file__).parent / "templates"
GLOSSARY = ("net_revenue", "rfm", "lifecycle", "retention", "repeat", "gini", "clv")

_JOINT = re.compile(r"(?<=\w[_./:])(?=[A-Za-z_]\w{2})")

_LANGUAGE_TAGS = {"en": "en", "zh": "zh-CN"}


def write_report(
    release: Records,
    output: Path,
    language: Literal["en", "zh"],
    currency: str,
    background: Background = UNKNOWN,
) -> Path:
    """Write the page of an opened release, whatever warehouse holds it.

    Args:
        release: answers queries on tables named ``analytics.<table>``.
        output: the HTML file, replaced in one step if it exists.
        language: ``en`` or ``zh``.
        currency: code of the currency in which the release's amounts are.
        background: what the release's manifest says.

    Returns:
        ``output``.

    Raises:
        UsageError: there are no texts in that language.
        ReleaseError: the release cannot be read, or lacks tables of the contract.
    """
    words = Wording(language, currency)
    write_durably(output, render(read_page(ReleaseReader(release), words, background), words))
    return output


def read_page(reader: ReleaseReader, words: Wording, background: Background) -> Page:
    """Everything that the page says, from aggregates of the release and its manifest."""
    top = headline.read(reader, words)
    day = words.day(top.release["as_of_date"])
    return Page(
        language_tag=_LANGUAGE_TAGS[words.language],
        title=words.say("page.title", day=day),
        name=words.say("page.name"),
        headline=headline.sentence(top, words),
        facts=headline.facts(top, words),
        figures=headline.figures(top, words),
        remarks=remarks.build(quality.read(reader), words),
        sections=tuple(one.build(reader, words, background) for one in chapters()),
        footnotes=tuple((words.say(f"glossary.{term}.term"), words.say(f"glossary.{term}.text")) for term in GLOSSARY),
        footer=words.say("page.footer", id=top.release["release_id"] or "–"),
    )


def render(page: Page, words: Wording) -> str:
    """The page as HTML. Every text is escaped by the template, every text in a chart by the drawing."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["pieces"] = _pieces
    script = _asset("report.js")
    return environment.get_template("report.html.j2").render(
        page=page,
        say=words.say,
        css=_asset("report.css"),
        library=_library(),
        script=script,
        policy=_policy([_library(), script]),
    )


def _pieces(text: str) -> list[str]:
    """The text in parts between which a line may break: at the joints of long names, and nowhere within a word."""
    return _JOINT.split(text)


@cache
def _library() -> str:
    """The plotly.js that comes with the installed plotly."""
    return get_plotlyjs()


@cache
def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _policy(scripts: list[str]) -> str:
    """Only these scripts run, nothing is fetched, no form leaves the page."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
