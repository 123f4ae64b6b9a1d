"""The signs of a picture: each mark has a shape of its own, for whoever cannot tell its colour."""

from PIL import ImageDraw

from handlers.pictures.colours import PAPER, TONES
from handlers.views.chain_picture import Mark

_DASH, _GAP = 14, 10


def draw(pen: ImageDraw.ImageDraw, mark: Mark, at: tuple[int, int], size: int) -> None:
    """The sign of a mark in a square of `size` pixels: a tick, an exclamation mark, a cross, a question mark."""
    left, top = at
    ink = TONES[mark].strong
    stroke = max(3, size // 9)

    def spot(x: float, y: float) -> tuple[float, float]:
        return left + x * size, top + y * size

    if mark is Mark.GOOD:
        pen.ellipse([spot(0, 0), spot(1, 1)], ink)
        pen.line([spot(0.25, 0.52), spot(0.43, 0.70), spot(0.76, 0.33)], PAPER, stroke, joint="curve")
    elif mark is Mark.LOOK:
        pen.polygon([spot(0.5, 0.02), spot(1, 0.95), spot(0, 0.95)], ink)
        pen.line([spot(0.5, 0.34), spot(0.5, 0.64)], PAPER, stroke)
        pen.ellipse([spot(0.445, 0.73), spot(0.555, 0.84)], PAPER)
    elif mark is Mark.BAD:
        pen.rectangle([spot(0.03, 0.03), spot(0.97, 0.97)], ink)
        pen.line([spot(0.28, 0.28), spot(0.72, 0.72)], PAPER, stroke)
        pen.line([spot(0.72, 0.28), spot(0.28, 0.72)], PAPER, stroke)
    else:
        pen.ellipse([spot(0, 0), spot(1, 1)], PAPER, ink, stroke)
        pen.arc([spot(0.32, 0.22), spot(0.68, 0.56)], 160, 70, ink, stroke)
        pen.line([spot(0.5, 0.55), spot(0.5, 0.66)], ink, stroke)
        pen.ellipse([spot(0.44, 0.72), spot(0.56, 0.84)], ink)


def dashed_frame(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int], ink: str) -> None:
    """A frame of dashes: something belongs here and is not there."""
    left, top, right, bottom = box
    for start in range(left, right, _DASH + _GAP):
        stop = min(start + _DASH, right)
        pen.line((start, top, stop, top), ink, 3)
        pen.line((start, bottom, stop, bottom), ink, 3)
    for start in range(top, bottom, _DASH + _GAP):
        stop = min(start + _DASH, bottom)
        pen.line((left, start, left, stop), ink, 3)
        pen.line((right, start, right, stop), ink, 3)
