"""Colours. Blue says healthy, orange says needs care, grey says gone: told apart with any kind of colour vision.

No chart leaves a meaning to colour alone: everything that is coloured also carries its name.
"""

from __future__ import annotations

INK = "#17222d"
MUTED = "#5d6b78"
LINE = "#d9dfe4"
FAINT = "#f1f4f6"
PAPER = "#ffffff"

BLUE = "#0b4f6c"
MID_BLUE = "#3b87a8"
LIGHT_BLUE = "#8bbdd0"
ORANGE = "#d9722e"
RED = "#a63d24"
AMBER = "#e0b04c"
PALE_AMBER = "#ecd59c"
TEAL = "#4f9d8f"
PALE_TEAL = "#a5cfc4"
GREY = "#a9b3bc"

SEQUENCE = ("#eef4f7", "#cfe2ea", "#a3c8d8", "#6ba5bd", "#3b87a8", "#1d6a8c", "#0b4f6c")

# by what a segment means, whatever it is called: the column meaning of the seeds
RFM = {
    "champions": BLUE,
    "loyal": MID_BLUE,
    "potential_loyalist": LIGHT_BLUE,
    "new": TEAL,
    "promising": PALE_TEAL,
    "need_attention": AMBER,
    "about_to_sleep": PALE_AMBER,
    "at_risk": ORANGE,
    "cant_lose": RED,
    "hibernating": GREY,
}

LIFECYCLE = {
    "prospect": LINE,
    "new": TEAL,
    "active": LIGHT_BLUE,
    "loyal": BLUE,
    "returned": MID_BLUE,
    "at_risk": ORANGE,
    "lost": GREY,
}

TIERS = {"high": BLUE, "medium": MID_BLUE, "low": LIGHT_BLUE, "unknown": LINE}

VERDICTS = {
    "passed": MID_BLUE,
    "noted": LIGHT_BLUE,
    "warning": AMBER,
    "accepted": PALE_AMBER,
    "failed": RED,
    "skipped": LINE,
}

_OTHERS = (MID_BLUE, TEAL, AMBER, LIGHT_BLUE, ORANGE, PALE_TEAL, GREY)


def colours(known: dict[str, str], segments: list[str]) -> dict[str, str]:
    """A colour for each segment: the known one, else the next of the spare colours in the order given."""
    spare = iter(_OTHERS * (len(segments) // len(_OTHERS) + 1))
    return {segment: known.get(segment) or next(spare) for segment in segments}


def mix(colour: str, share: float, other: str = PAPER) -> str:
    """``colour`` with ``share`` of itself left (0–1), the rest from ``other``."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(share * one + (1 - share) * two):02x}" for one, two in pairs)


def text_on(colour: str) -> str:
    """Ink or paper, whichever reads better on ``colour`` (WCAG contrast)."""
    light = _luminance(colour)
    on_paper = 1.05 / (light + 0.05)
    on_ink = (light + 0.05) / (_luminance(INK) + 0.05)
    return PAPER if on_paper >= on_ink else INK


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
