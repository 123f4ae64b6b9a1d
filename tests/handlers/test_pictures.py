"""The chain as a picture: what it shows, in words too, and that no certificate makes it large or unreadable."""

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from bot.pki.chain import Verdict, build_chain
from handlers.pictures import symbols
from handlers.pictures.colours import FAINT, PAPER, TONES
from handlers.pictures.lettering import BOX, fitted, font, legible
from handlers.pictures.paint import WIDTH, draw
from handlers.views.chain_picture import ChainPicture, Mark, chain_picture
from handlers.views.limits import CARDS_SHOWN, FILE_ALT_TEXT
from tests.handlers.hostile import Dealt, dealt
from tests.handlers.reports import World
from tests.lab.builders import NOW, Ca, days
from tests.pki.values import index, value

HIGHEST = 1_400  # pixels: six cards
LARGEST = 100_000  # bytes: what a telephone loads at once


def picture(*known: Ca, anchors: tuple[Ca, ...] = (), leaf: Ca | None = None) -> ChainPicture:
    """The chain of a certificate by the last CA, where these are known."""
    issuer = leaf or known[0]
    report = build_chain(value(issuer.leaf("b2b.example")), index(*known, anchors=list(anchors)), NOW)
    made = chain_picture(report, "acme 2026-11-02", NOW)
    assert made is not None
    return made


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(hand=dealt, many=st.sampled_from((0, 1, 12, 200)), verdict=st.sampled_from(Verdict))
def test_whatever_the_certificates_hold_the_picture_stays_small(hand: Dealt, many: int, verdict: Verdict) -> None:
    """Long names, marks that stack, right-to-left marks, a path of fifty."""
    made = chain_picture(World(hand, many).chain(verdict), hand[0][0], NOW)
    if made is None:
        assert verdict in {Verdict.SELF_SIGNED, Verdict.BUDGET_EXHAUSTED}
        return
    png = draw(made)
    with Image.open(BytesIO(png)) as image:
        assert (image.format, image.width) == ("PNG", WIDTH)
        assert image.height <= HIGHEST
    assert len(png) < LARGEST
    assert len(made.cards) <= CARDS_SHOWN
    assert 0 < len(made.in_words) <= FILE_ALT_TEXT


def test_a_complete_chain_is_told_from_the_certificate_to_the_trust_anchor() -> None:
    """Leaf -> issuing CA -> root."""
    root = Ca.root("Nordlicht Root")
    issuing = root.intermediate("Nordlicht Issuing")
    made = picture(issuing, anchors=(root,))
    assert [card.kind for card in made.cards] == ["Partner certificate", "Intermediate", "Trust anchor"]
    assert made.is_trusted
    assert {card.mark for card in made.cards} == {Mark.GOOD}
    for words in ("acme 2026-11-02", "b2b.example", "Nordlicht Issuing", "Nordlicht Root", "Chain complete"):
        assert words in made.in_words


def test_what_is_missing_has_a_card_of_its_own_without_dates() -> None:
    """Leaf -> (issuing CA is not there)."""
    issuing = Ca.root("Nordlicht Root").intermediate("Nordlicht Issuing")
    made = picture(leaf=issuing)
    last = made.cards[-1]
    assert (last.kind, last.name, last.mark) == ("Missing issuer", "Nordlicht Issuing", Mark.MISSING)
    assert (last.begin, last.end) == (None, None)
    assert "Missing issuer Nordlicht Issuing" in made.in_words


def test_the_same_picture_is_drawn_once_a_day_and_again_when_the_chain_is_another() -> None:
    """The digest decides whether a new one is wanted."""
    root = Ca.root("Root")
    made = picture(root, anchors=(root,))
    assert replace(made, at=NOW + days(0.2)).digest == made.digest
    assert replace(made, at=NOW + days(1)).digest != made.digest
    assert picture(leaf=root).digest != made.digest


def test_no_mark_is_told_by_colour_alone() -> None:
    """Each has a shape of its own, a word of its own, and colours that can be read (WCAG 2.2, 1.4.3 and 1.4.1)."""
    shapes = []
    for mark in Mark:
        image = Image.new("RGB", (44, 44), PAPER)
        symbols.draw(ImageDraw.Draw(image), mark, (0, 0), 44)
        shapes.append(image.convert("L").point(lambda light: 255 if light > 200 else 0))
    for place, one in enumerate(shapes):
        assert all(ImageChops.difference(one, other).getbbox() for other in shapes[place + 1 :])
    assert len({mark.value for mark in Mark}) == len(Mark)
    for tone in TONES.values():
        assert _contrast(tone.strong, tone.soft) >= 4.5
        assert _contrast(FAINT, tone.soft) >= 4.5


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, "contrast ratio"."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Müller & Søn Żółć Ελλάς Компания", "Müller & Søn Żółć Ελλάς Компания"),
        ("\u65e5\u672c ACME", f"{BOX}{BOX} ACME"),
        ("\u05d0\u05d1 1", f"{BOX}{BOX} 1"),
    ],
)
def test_a_letter_that_the_font_lacks_is_a_box_in_its_place(name: str, drawn: str) -> None:
    """Europe's letters are drawn; of the others one sees how many there are, in the order of the certificate."""
    assert legible(name) == drawn


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.integers(60, 700))
def test_text_ends_within_its_place(text: str, width: int) -> None:
    """Whatever is written: cut with an ellipsis."""
    face = font(22)
    assert face.getlength(fitted(text, width, face)) <= width
