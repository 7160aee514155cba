"""Whether bytes are surely Western European text, or as well text of another alphabet that uses the same bytes.

Every single-byte encoding can read every file: ``Gdańsk`` in windows-1250 is ``Gdañsk`` in windows-1252. What tells them apart
is spelling. The letters of a file must be those of one Western language, and each must stand where that language has it:
``ñ`` before a vowel, ``ø`` not beside ``á``, signs such as ``£`` and ``¹`` not inside a word. What is not
surely Western is asked for.
"""

from __future__ import annotations

import re

_LANGUAGES = {
    "French": "éèàçùâêîôûëïüÿœ",
    "German": "äöüßéèàâ",
    "Spanish": "áéíóúüñ",
    "Portuguese": "áàâãçéêíóôõúü",
    "Italian": "àèéìòùî",
    "Swedish, Finnish": "åäöéüà",
    "Danish, Norwegian": "æøåéöäü",
    "Dutch": "éèëïöüáíóúâê",
    "Catalan": "àçèéíïòóúü",
}
_VOWEL = "aeiouyáàâãäåéèêëíîïóôöúûüœæøìòùõ"
_LETTER = r"[^\W\d_]"
_MISPLACED = re.compile(
    "|".join(
        (
            rf"ñ(?![{_VOWEL}])",
            rf"(?<=[aeoyé])è|(?<=[^q]u)è|è(?=[{_VOWEL}])|iè\b",
            r"ê\b(?<!cê\b)(?<!dê\b)(?<!vê\b)(?<!lê\b)(?<!rê\b)|[aeo]ê",
            r"ã(?![oens]|\b)",
            r"õ(?!e)",
            rf"û(?=[{_VOWEL}])",
            r"ì\B|ù\B",
            r"(?<=[aeouy])ò",
            r"œ(?!u)",
            rf"{_LETTER}[£¥¹³²¿¡¼½¾ªº¯¸´¨·¬¦¤¢]|[£¥¹³²¼½¾ªº¯¸´¨·¬¦¤¢]{_LETTER}",
            rf"{_LETTER}[‡†‰•„‚…–—™]{_LETTER}",
        )
    ),
    re.IGNORECASE,
)
_CAPITAL = "ÀÂÃÄÅÆÇÈÊËÌÎÏÐÑÒÔÕÖØÙÛÜÝÞŒŸŠŽ"
_MIXED_CASE = re.compile(rf"[a-zà-öø-ÿ][{_CAPITAL}]|[A-Z][{_CAPITAL}][a-z]")
_QUESTION = re.compile(r"¿[^?\n]*(?!\?)$", re.MULTILINE)
_SIGNS = set("€£¥§©®°±´·×÷«»¡¿ªº¹²³¼½¾µ‘’“”‚„…–—•™†‡‰\u00a0\u00ad")
_ORDINAL = re.compile(r"(?<=[\dnN])[ªº]|(?<=\bm)[²³]|(?<=\b[ck]m)[²³]", re.IGNORECASE)


def is_surely_western(text: str) -> bool:
    """Whether a text that was read as windows-1252 makes sense as such and as nothing else."""
    plain = _ORDINAL.sub("", text)
    if any("\x80" <= sign <= "\x9f" for sign in plain) or _MISPLACED.search(plain) or _MIXED_CASE.search(plain):
        return False
    if _QUESTION.search(plain):
        return False
    letters = {letter.lower() for letter in plain if not letter.isascii()} - _SIGNS
    return any(letters <= set(alphabet) for alphabet in _LANGUAGES.values())
