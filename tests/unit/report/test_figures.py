"""The house style: colours that can be read, round axes, text that stays text."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.report import palette
from kehu.report.figures import round_ticks, shortened, wrapped


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_reads_on_paper_and_on_every_filled_area():
    assert contrast(palette.INK, palette.PAPER) > 7
    assert contrast(palette.MUTED, palette.PAPER) > 4.5
    for colour in {*palette.SEQUENCE, *palette.VERDICTS.values(), *palette.LIFECYCLE.values()}:
        assert contrast(palette.text_on(colour), colour) >= 4
    for colour in palette.RFM.values():
        assert contrast(palette.INK, palette.mix(colour, 0.26)) > 7
        assert contrast(palette.MUTED, palette.mix(colour, 0.26)) > 3


def test_the_heat_scale_grows_darker_step_by_step():
    steps = [luminance(colour) for colour in palette.SEQUENCE]
    assert all(lighter > darker for lighter, darker in itertools.pairwise(steps))


def test_what_is_lost_and_what_is_healthy_differ_for_red_green_blind_readers():
    """Deuteranopia and protanopia keep blue against yellow: the blue channel must tell them apart."""

    def blue_minus_yellow(colour):
        red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
        return blue - (red + green) / 2

    assert min(blue_minus_yellow(palette.RFM[name]) for name in ("champions", "loyal", "potential_loyalist")) > 20
    assert max(blue_minus_yellow(palette.RFM[name]) for name in ("at_risk", "cant_lose", "need_attention")) < -20


def test_unknown_segments_get_different_colours_in_the_order_given():
    chosen = palette.colours(palette.RFM, ["champions", "vip", "gold"])
    assert chosen["champions"] == palette.BLUE
    assert len({chosen["vip"], chosen["gold"]}) == 2
    assert len(palette.colours({}, [f"s{number}" for number in range(40)])) == 40


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9))
def test_ticks_are_round_few_and_span_the_values(low, span):
    high = low + span
    if high - low < 1e-6 * abs(low):
        return
    ticks = round_ticks(low, high)
    step = ticks[1] - ticks[0]
    assert ticks[0] <= low + step * 1e-6
    assert ticks[-1] >= high - step * 1e-6
    assert 2 <= len(ticks) <= 6


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Potential loyalists", 9, "Potential<br>loyalists"),
        ("New", 9, "New"),
        ("a b c d e f", 3, "a b<br>c…"),
        ("<script>", 20, "&lt;script&gt;"),
        ("不能流失的客户", 9, "不能流失的<br>客户"),
        ("不能流失的客户", 4, "不能<br>流…"),
        ("VIP客户 of the year", 7, "VIP客户<br>of the…"),
        ("", 9, ""),
    ],
)
def test_wrapped(text, limit, expected):
    assert wrapped(text, limit) == expected


def test_shortened():
    assert shortened("不能流失的客户", 22) == "不能流失的客户"
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"
