"""The few shapes of HTML that the evidence page is made of. What comes from outside passes through `text` or `code`."""

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape

from handlers.views.limits import DN_SHOWN
from handlers.views.text import plain


def section(title: str, content: str) -> str:
    """A part with its heading; `title` is ours, `content` is finished."""
    return f"<section><h2>{title}</h2>{content}</section>"


def facts(*told: tuple[str, str]) -> str:
    """Names of ours and their finished values."""
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in told)
    return f"<dl>{rows}</dl>"


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of finished cells, which a narrow window can scroll."""
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def person(user_id: str, team_id: str) -> str:
    """A person by Slack's ids."""
    return f"{code(user_id)} of {code(team_id)}" if team_id else code(user_id)


def when(at: datetime) -> str:
    """Day and time, in UTC."""
    return f"<time>{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}</time>"


def day_of(at: datetime) -> str:
    """The day alone, in UTC."""
    return f"<time>{at.astimezone(UTC):%Y-%m-%d}</time>"


def time_of(at: datetime) -> str:
    """The time alone, where the day has been said."""
    return f"<time>{at.astimezone(UTC):%H:%M:%S}</time>"


def text(said: str, limit: int = 200) -> str:
    """Text from outside: nothing unseen, no markup, and its direction ends with it."""
    return f"<bdi>{escape(plain(said, limit))}</bdi>"


def code(said: str) -> str:
    """The same for ids, addresses and fingerprints."""
    return f"<code>{escape(plain(said, DN_SHOWN))}</code>"
