"""The colours of a picture, each dark enough on its paper to be read (WCAG 2.2, 1.4.3: 4.5 to 1 for text)."""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.views.chain_picture import Mark

PAPER = "#ffffff"
FRAME = "#c9ced6"
INK = "#1d1c1d"
FAINT = "#565b63"
RAIL = "#d5d9df"
TODAY = "#1d1c1d"


@dataclass(frozen=True, slots=True)
class Tone:
    """Of one mark: `strong` for symbols and text, `soft` for the card."""

    strong: str
    soft: str


TONES: Mapping[Mark, Tone] = {
    Mark.GOOD: Tone("#0b6b3a", "#f1f9f4"),
    Mark.LOOK: Tone("#8a5300", "#fff8ea"),
    Mark.BAD: Tone("#a8141f", "#fdf0f0"),
    Mark.MISSING: Tone("#5b3aa0", "#f7f4fd"),
}
