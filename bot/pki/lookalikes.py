"""Names that are written to be taken for others: letters of one script that look like those of another.

After Unicode Technical Standard #39 (Unicode Security Mechanisms), cut down to what certificates meet: Latin names that
hold letters of a script with Latin look-alikes (section 5.1, mixed scripts), and words wholly in such letters (section
4, whole-script confusables). A name that is honestly Cyrillic or Greek has letters that look like no Latin one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

LOOKED_AT: Final = 1_000
"""Characters of a name that are looked at: RFC 5280 appendix A allows 64 in a common name."""

LETTERS_TOLD: Final = 5
"""Odd letters that are named; one is enough to distrust the whole."""

_LATIN: Final = "Latin"
_SCRIPTS: Final = frozenset({"Cyrillic", "Greek", "Armenian", "Cherokee", "Coptic"})
"""Scripts whose letters pass for Latin ones in common fonts (UTS #39, confusables.txt)."""

_STYLED: Final = frozenset({"Fullwidth", "Mathematical"})
"""Latin letters of another shape, which a font may show as plain ones; NFKC tells which they are (UAX #15)."""

_PAIRS: Final = {
    "Cyrillic": (
        "АВЕЅІЈКМНОРСТУХҮԌԚԜӀаеѕіјорсухһԁԛԝӏүѵ",
        "ABESIJKMHOPCTYXYGQWIaesijopcyxhdqwlyv",
    ),
    "Greek": (
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϳαγινορσυϲ",
        "ABEZHIKMNOPTYXCjayivopouc",
    ),
}
"""Letters and the Latin ones that confusables.txt (UTS #39) gives for them, where the target is a basic letter."""

_READS_AS: Final[Mapping[str, str]] = {
    odd: plain for odds, plains in _PAIRS.values() for odd, plain in zip(odds, plains, strict=True)
}
_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A name that is not what it looks like.

    `reads_as` is what a reader takes it for; `scripts` says where the odd `letters` come from, both in the order of the
    name, each once.
    """

    text: str
    reads_as: str
    scripts: tuple[str, ...]
    letters: tuple[str, ...]


def lookalike(text: str) -> Lookalike | None:
    """What the name passes for; None for a name that is written in one script, or that nobody could mistake."""
    shown = text[:LOOKED_AT]
    odd = {letter for word in _WORD.findall(shown) for letter in _odd(word, shown)}
    if not odd:
        return None
    letters = tuple(dict.fromkeys(letter for letter in shown if letter in odd))
    return Lookalike(
        text=shown,
        reads_as="".join(_read(letter) if letter in odd else letter for letter in shown),
        scripts=tuple(dict.fromkeys(_script(letter) for letter in letters)),
        letters=letters[:LETTERS_TOLD],
    )


def _odd(word: str, whole: str) -> Iterator[str]:
    """The letters of a word that pass for Latin ones and are none."""
    scripts = {_script(letter) for letter in word}
    foreign = scripts & _SCRIPTS
    hidden = len(word) > 1 and len(scripts) == 1 and all(_passes(script, whole) for script in foreign)
    for letter in word:
        script = _script(letter)
        if script in _STYLED or (script in foreign and (_LATIN in scripts or hidden)):
            yield letter


def _passes(script: str, whole: str) -> bool:
    """Whether every letter of this script in the whole name has a Latin twin: then nothing gives it away."""
    return all(letter in _READS_AS for letter in whole if _script(letter) == script)


@lru_cache(maxsize=4_096)
def _script(letter: str) -> str:
    """The script, by the letter's name in the Unicode database, which begins with it."""
    if not letter.isalpha():
        return ""
    return unicodedata.name(letter, "").partition(" ")[0].capitalize()


def _read(letter: str) -> str:
    plain = _READS_AS.get(letter)
    return plain if plain is not None else unicodedata.normalize("NFKC", letter)
