"""Names that pass for others, after Unicode Technical Standard #39."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pki.lookalikes import LETTERS_TOLD, LOOKED_AT, lookalike


@pytest.mark.parametrize(
    ("name", "reads_as", "script"),
    [
        ("\u0410CME Components", "ACME Components", "Cyrillic"),
        ("\u0410\u0421\u041c\u0415", "ACME", "Cyrillic"),
        ("Gl\u03bfbex", "Globex", "Greek"),
        ("\u0391\u0392\u0392", "ABB", "Greek"),
        ("\uff21\uff23\uff2d\uff25", "ACME", "Fullwidth"),
        ("\U0001d400CME", "ACME", "Mathematical"),
        ("b2b.p\u0430ypal.example", "b2b.paypal.example", "Cyrillic"),
    ],
)
def test_a_name_with_letters_that_pass_for_latin_ones_is_found_and_read_as_people_read_it(
    name: str, reads_as: str, script: str
) -> None:
    """Mixed scripts (UTS #39 section 5.1), whole words in disguise (section 4), letters of another shape (UAX #15)."""
    found = lookalike(name)
    assert found is not None
    assert (found.reads_as, found.scripts) == (reads_as, (script,))
    assert all(letter in name and not letter.isascii() for letter in found.letters)


@pytest.mark.parametrize(
    "name",
    [
        "ACME Components GmbH",
        "Müller & Søn Żółć",
        "\u041e\u041e\u041e \u0420\u043e\u043c\u0430\u0448\u043a\u0430",  # OOO Romashka: its sh is nobody's twin
        "\u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac",
        "\u65e5\u672c\u96fb\u6c17 NEC",
        "Sony \u30bd\u30cb\u30fc",
        "5 \u00b5m Filter \u2122",
        "",
        "2026-11-02",
    ],
)
def test_an_honest_name_is_left_alone(name: str) -> None:
    """Accents, other scripts, and Latin beside a script that looks like nothing Latin (UTS #39, highly restrictive)."""
    assert lookalike(name) is None


@given(st.text(max_size=LOOKED_AT + 50))
def test_any_text_is_looked_at_and_what_is_found_is_bounded(name: str) -> None:
    """Never an exception; ASCII letters are never the odd ones, and every odd letter is a letter of the name."""
    found = lookalike(name)
    if found is None:
        return
    assert len(found.text) <= LOOKED_AT
    assert 0 < len(found.letters) <= LETTERS_TOLD
    assert all(letter in name and unicodedata.category(letter).startswith("L") for letter in found.letters)
    assert not [letter for letter in found.letters if letter.isascii()]
