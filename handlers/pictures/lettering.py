"""Letters in a picture: the font, what it lacks, and text that fits its place."""

from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from PIL import ImageFont

BOX: Final = "\N{WHITE SQUARE}"
"""Drawn for a character that the font lacks: the words of the message have it."""

# Roboto (Apache-2.0) has Latin, Greek and Cyrillic. Pillow's own font has ASCII alone, not even a German umlaut.
_REGULAR, _BOLD = "Roboto-Regular.ttf", "Roboto-Bold.ttf"
_LACKED: Final = "\U0010ffff"  # a noncharacter (Unicode 23.7): every font draws its empty box for it
_ELLIPSIS: Final = "…"
_LONGEST: Final = 200  # characters looked at: what is cut off anyway need not be measured
_KEPT: Final = 4_096


@lru_cache(maxsize=16)
def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The font at so many pixels. Letters are set one after the other, so every machine draws the same."""
    face = (files(__package__) / "fonts" / (_BOLD if bold else _REGULAR)).read_bytes()
    return ImageFont.truetype(BytesIO(face), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=_KEPT)
def _is_lacked(character: str) -> bool:
    face = font(24)
    empty, drawn = face.getmask(_LACKED), face.getmask(character)
    return not character.isspace() and (drawn.size, bytes(drawn)) == (empty.size, bytes(empty))


def legible(text: str) -> str:
    """The text with a box for each character that cannot be drawn.

    Right-to-left and stacked scripts are not in the font, so nothing in a picture is drawn out of its order.
    """
    return "".join(BOX if _is_lacked(character) else character for character in text[:_LONGEST])


def fitted(text: str, width: int, face: ImageFont.FreeTypeFont) -> str:
    """The longest beginning of the text that is at most so many pixels wide, with an ellipsis where it was cut."""
    shown = legible(text)
    if len(text) <= _LONGEST and face.getlength(shown) <= width:
        return shown
    fits, over = 0, len(shown) + 1
    while over - fits > 1:
        middle = (fits + over) // 2
        if face.getlength(shown[:middle].rstrip() + _ELLIPSIS) <= width:
            fits = middle
        else:
            over = middle
    return shown[:fits].rstrip() + _ELLIPSIS
