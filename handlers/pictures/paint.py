"""The chain as a PNG: the partner's certificate on top, then who signed it, up to the root or to what is missing.

Twice as many pixels as a telephone is wide, on paper of its own, so that it reads the same in Slack's dark mode.
Bounded whatever the certificates hold: at most `CARDS_SHOWN` cards of one size, each text cut to its place.
"""

from datetime import datetime
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from handlers.pictures import symbols
from handlers.pictures.colours import FAINT, FRAME, INK, PAPER, RAIL, TODAY, TONES
from handlers.pictures.lettering import BOX, fitted, font, legible
from handlers.views.chain_picture import Card, ChainPicture, Mark
from handlers.views.text import utc_day

WIDTH: Final = 720  # 360 points, the narrowest telephones, at two pixels a point
_EDGE: Final = 20
_CARD: Final = 138
_STEP: Final = 46  # between two cards, for the arrow and what it says
_HEAD: Final = 62
_FOOT: Final = 44
_PAD: Final = 20
_SYMBOL: Final = 44
_COLOURS: Final = 64  # of the palette: a tenth of the bytes, and no eye sees it
_BRING: Final = "Drop its file into the thread: PEM, DER or PKCS#7"
_LACKS: Final = f"{BOX}: a letter that cannot be drawn here"


def draw(picture: ChainPicture) -> bytes:
    """The picture as PNG."""
    steps = len(picture.cards) - 1
    height = _HEAD + len(picture.cards) * _CARD + steps * _STEP + _FOOT
    image = Image.new("RGB", (WIDTH, height), PAPER)
    pen = ImageDraw.Draw(image)
    _head(pen, picture)
    top = _HEAD
    for place, card in enumerate(picture.cards):
        _card(pen, card, top, picture.at)
        top += _CARD
        if place < steps:
            _arrow(pen, top, _between(picture, place), is_dashed=picture.cards[place + 1].mark is Mark.MISSING)
            top += _STEP
    _foot(pen, picture, top)
    out = BytesIO()
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _head(pen: ImageDraw.ImageDraw, picture: ChainPicture) -> None:
    mark = Mark.GOOD if picture.is_trusted else Mark.LOOK
    symbols.draw(pen, mark, (_EDGE, 12), 36)
    face = font(27, bold=True)
    pen.text((_EDGE + 50, 15), fitted(picture.verdict, WIDTH - 2 * _EDGE - 50, face), TONES[mark].strong, face)


def _card(pen: ImageDraw.ImageDraw, card: Card, top: int, at: datetime) -> None:
    tone = TONES[card.mark]
    box = (_EDGE, top, WIDTH - _EDGE, top + _CARD)
    if card.mark is Mark.MISSING:
        pen.rectangle(box, tone.soft)
        symbols.dashed_frame(pen, box, tone.strong)
    else:
        pen.rounded_rectangle(box, 14, tone.soft, FRAME, 2)
        pen.rectangle((box[0], top + 14, box[0] + 7, top + _CARD - 14), tone.strong)
    symbols.draw(pen, card.mark, (_EDGE + _PAD, top + 20), _SYMBOL)
    left, right = _EDGE + _PAD + _SYMBOL + 16, WIDTH - _EDGE - _PAD
    _line(pen, card.name, (left, top + 12), right - left, INK, 27, bold=True)
    state = f" – {card.state}" if card.state else ""
    organisation = f", {card.organisation}" if card.organisation else ""
    _line(pen, f"{card.kind}{state}{organisation}", (left, top + 49), right - left, tone.strong, 22)
    if card.begin is not None and card.end is not None:
        _validity(pen, (left, right), top + 88, (card.begin, card.end, at), tone.strong)
    else:
        _line(pen, _BRING, (left, top + 86), right - left, FAINT, 20)


def _validity(
    pen: ImageDraw.ImageDraw, sides: tuple[int, int], top: int, dates: tuple[datetime, datetime, datetime], ink: str
) -> None:
    """The bar from begin to end with what has passed of it, today's mark, and both dates."""
    (left, right), (begin, end, at) = sides, dates
    passed = min(1.0, max(0.0, (at - begin) / (end - begin))) if end > begin else 1.0
    today = left + round((right - left) * passed)
    pen.rounded_rectangle((left, top, right, top + 12), 6, RAIL)
    if today - left >= 12:
        pen.rounded_rectangle((left, top, today, top + 12), 6, ink)
    _pointer(pen, today, top)
    pen.line((today, top - 4, today, top + 14), TODAY, 3)
    face = font(20)
    pen.text((left, top + 18), utc_day(begin), FAINT, face)
    last = utc_day(end)
    pen.text((right - round(face.getlength(last)), top + 18), last, FAINT, face)


def _arrow(pen: ImageDraw.ImageDraw, top: int, words: str, *, is_dashed: bool) -> None:
    middle, ink = _EDGE + _PAD + _SYMBOL // 2, FAINT
    for piece in range(3, _STEP - 16, 9):
        pen.line((middle, top + piece, middle, top + piece + (5 if is_dashed else 9)), ink, 3)
    pen.polygon([(middle - 8, top + _STEP - 16), (middle + 8, top + _STEP - 16), (middle, top + _STEP - 4)], ink)
    _line(pen, words, (middle + 24, top + 9), WIDTH // 2, FAINT, 20)


def _between(picture: ChainPicture, place: int) -> str:
    if picture.left_out and place == len(picture.cards) - 2:
        return f"… {picture.left_out} more, signed by"
    return "signed by"


def _foot(pen: ImageDraw.ImageDraw, picture: ChainPicture, top: int) -> None:
    shown = [text for card in picture.cards for text in (card.name, card.organisation)]
    lacks = f". {_LACKS}" if any(BOX in legible(text) for text in shown) else ""
    _pointer(pen, _EDGE + 7, top + 26)
    _line(pen, f"today, {utc_day(picture.at)} (UTC){lacks}", (_EDGE + 22, top + 11), WIDTH - 2 * _EDGE, FAINT, 20)


def _pointer(pen: ImageDraw.ImageDraw, x: int, y: int) -> None:
    """Today's mark, with its tip at (x, y)."""
    pen.polygon([(x - 7, y - 9), (x + 7, y - 9), (x, y)], TODAY)


def _line(
    pen: ImageDraw.ImageDraw, text: str, at: tuple[int, int], width: int, ink: str, size: int, *, bold: bool = False
) -> None:
    face = font(size, bold=bold)
    pen.text(at, fitted(text, width, face), ink, face)
