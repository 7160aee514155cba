"""Text that others wrote, as a terminal or a log may show it: what would steer either is written as an escape."""

from __future__ import annotations

import unicodedata

_STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's categories of controls (ESC, line breaks), formats (the order of letters turned round), surrogates, separators."""


def printable(text: object, *, lines: bool = False) -> str:
    r"""The text with every steering character as ``\x1b``, ``\n`` or ``\u202e``.

    Args:
        text: what is to be shown.
        lines: leave line breaks and tabs as they are; for texts of Kehu's own.
    """
    shown = str(text)
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(_shown(letter, lines) for letter in shown)


def _shown(letter: str, lines: bool) -> str:
    if unicodedata.category(letter) not in _STEERING or (lines and letter in "\n\t"):
        return letter
    # a byte that is no UTF-8 comes as a surrogate: show the byte
    code = ord(letter)
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else letter.encode("unicode_escape").decode()
