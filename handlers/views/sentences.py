"""From codes and their data to sentences for people, by the table in `handlers.views.phrases`.

Every fact is escaped on its way into a sentence, because it may come from a stranger.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.pki.lookalikes import Lookalike
from bot.services.errors import InUse, ServiceError
from handlers.views import fetch_phrases, phrases, switch_phrases, upload_phrases
from handlers.views.deeds import DEEDS
from handlers.views.limits import DN_SHOWN, NAME_SHOWN
from handlers.views.text import NOTHING, code, day, moment, who, words

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T[0-9:.]{8,15}\+00:00")
# The most specific common name of a distinguished name as RFC 4514 writes it, and the escapes of its section 2.4.
_COMMON_NAME = re.compile(r"(?:^|[,+])CN=((?:\\.|[^,+\\])+)")
_ESCAPED = re.compile(r"\\(.)")
_NAME_FINDINGS = frozenset({"changed_issuer"})  # their facts are distinguished names


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return NOTHING


def filled(template: str, data: Mapping[str, object]) -> str:
    """The template with the facts in it, each escaped; a fact that is not there becomes a dash."""
    return template.format_map(_Facts({name: _dated(value) or fact(value) for name, value in data.items()}))


def listed(names: Iterable[str], shown: int = 5) -> str:
    """Up to five names in plain words: a, b and 3 more."""
    return _some(list(names), words, shown)


def _dated(value: object) -> str | None:
    """The core gives its dates as ISO 8601 (bot.pki.findings)."""
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        return None
    try:
        return day(datetime.fromisoformat(value))
    except ValueError:
        return None


def fact(value: object) -> str:
    """One fact of a code's data, safe in mrkdwn."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no"}.get(bool(value), NOTHING) if value is not None else NOTHING
    if isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, str):
        return code(value, DN_SHOWN)
    if isinstance(value, Iterable):
        return one_of([str(one) for one in value])
    return code(str(value), DN_SHOWN)


def one_of(names: Iterable[str], shown: int = 5) -> str:
    """Up to five names to be copied: `a`, `b` and 3 more."""
    return _some(list(names), code, shown)


def _some(names: Sequence[str], show: Callable[[str, int], str], shown: int) -> str:
    told = ", ".join(show(name, NAME_SHOWN) for name in names[:shown])
    return f"{told} and {len(names) - shown:,} more" if names[shown:] else told or NOTHING


def counted(count: int, thing: str, things: str = "") -> str:
    """A number of things: "1 certificate", "2 certificates"; `things` where the plural is another word."""
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"


def refusal(reason: str, data: Mapping[str, object]) -> str:
    """What happened to a file, to be read after its name."""
    template = upload_phrases.REFUSALS.get(reason)
    if reason == "no_certificate":
        causes = (upload_phrases.NOTHING_READ.get(str(data.get(name))) for name in ("problem", "shape"))
        template = next((cause for cause in causes if cause), template)
    return f"was refused ({code(reason)})." if template is None else filled(template, data)


def problem(reason: str, data: Mapping[str, object]) -> str:
    """What is wrong with one block of a file, to be read after "Block 2"."""
    template = upload_phrases.PROBLEMS.get(reason)
    return f"was left out ({code(reason)})" if template is None else filled(template, data)


def finding(reason: str, data: Mapping[str, object]) -> str:
    """One finding, with the facts behind it as people read them."""
    template = phrases.FINDINGS.get(reason)
    if template is None:
        return code(reason)
    texts = {name: str(value) for name, value in data.items()}
    if reason in _NAME_FINDINGS:
        texts = {name: called(value) for name, value in texts.items()}
    return template.format_map(_Facts({name: _dated(value) or words(value, DN_SHOWN) for name, value in texts.items()}))


def looks_like(found: Lookalike) -> str:
    """A name that passes for another: what it reads as, and which letters give it away."""
    letters = ", ".join(f"{words(letter)} (U+{ord(letter):04X})" for letter in found.letters)
    kinds = " and ".join(found.scripts)
    noun = "letter" if len(found.letters) == 1 else "letters"
    written, read = code(found.text, NAME_SHOWN), code(found.reads_as, NAME_SHOWN)
    return f"{written} looks like {read} but has {kinds} {noun}: {letters}"


def called(distinguished_name: str) -> str:
    """The common name in a distinguished name (RFC 4514), else all of it. Not escaped for Slack."""
    found = _COMMON_NAME.search(distinguished_name)
    return _ESCAPED.sub(r"\1", found[1]) if found else distinguished_name


def fetch(reason: str, data: Mapping[str, object]) -> str:
    """Why an issuer was not fetched, as a whole sentence."""
    template = fetch_phrases.FETCH.get(reason)
    if template is None:
        return f"It was refused ({code(reason)})."
    what = fetch_phrases.FETCHED.get(str(data.get("why")), "is no certificate")
    return filled(template.replace("{what}", what), data)


def near_miss(reason: str, data: Mapping[str, object], whose: str = "the chain", uses: str = "another one") -> str:
    """Why a certificate is not the missing issuer.

    Of another key: which generation of the CA it is among those known here, and which one the partner `uses`. That one
    is not known, so it has no number.
    """
    template = phrases.NEAR_MISSES.get(reason)
    if template is None:
        return code(reason)
    generation, generations = data.get("generation"), data.get("generations")
    known = isinstance(generation, int) and isinstance(generations, int) and generations > 1
    have = f"generation {generation} of the {generations} known here" if known else "one generation of the CA"
    return template.format(have=have, whose=whose, uses=uses)


def handshake(verdict: str) -> str:
    """What a handshake showed."""
    return phrases.HANDSHAKES.get(verdict, (code(verdict), ""))[0]


def remedy(verdict: str) -> str:
    """What to do after a handshake that did not prove the switch."""
    return phrases.HANDSHAKES.get(verdict, ("", ""))[1] or "Look at the facts above, then propose the switch again."


def state(word: str) -> str:
    """A state, for the end of "it is ..."."""
    return phrases.STATES.get(word, code(word))


def deed(action: str) -> str:
    """What somebody did, by the audit, to be read before the thing it was done to."""
    return DEEDS.get(action, code(action, NAME_SHOWN))


def error(refused: ServiceError) -> str:
    """The sentence for whatever a service refused."""
    data = refused.data
    if isinstance(refused, InUse):
        return _in_use(refused)
    sentence = _SENTENCES.get(refused.code)
    return sentence(data) if sentence else f"That was refused ({code(refused.code)})."


def obstacle(reason: str) -> str:
    """Why a switch may not go on."""
    return phrases.OBSTACLES.get(reason, "Something changed since it was shown.")


def _outdated(data: Mapping[str, Any]) -> str:
    reason = next((str(data[key]) for key in ("obstacle", "reason", "code") if data.get(key)), "")
    if reason == "not_seen":
        return f"Not yet. {_on_one(data)}{obstacle(reason)}"
    return f"This is out of date. {_on_one(data)}{obstacle(reason)} Nothing was changed."


def _on_one(data: Mapping[str, Any]) -> str:
    """Of several connections the one that a refusal is about."""
    name = data.get("connection")
    return f"{code(name, NAME_SHOWN)}: " if isinstance(name, str) else ""


def _not_allowed(data: Mapping[str, Any]) -> str:
    return filled(phrases.NOT_ALLOWED.get(str(data.get("reason")), "You may not do that."), data)


def _not_found(data: Mapping[str, Any]) -> str:
    thing = phrases.THINGS.get(str(data.get("what")), "entry")
    text = f"There is no {thing} {code(str(data.get('name', '')), NAME_SHOWN)}."
    near = tuple(data.get("nearest", ()))
    return f"{text} Did you mean {one_of(near)}?" if near else text


def _already_there(data: Mapping[str, Any]) -> str:
    what = str(data.get("what"))
    thing = phrases.THINGS.get(what, "entry")
    if what == "approval":
        return f"This side has decided already{_by_and_at(data)}. Nothing was changed."
    if what in {"switch", "open_switch"}:
        return f"{_on_one(data)}{phrases.OBSTACLES['open_switch']}"
    name = next((str(data[key]) for key in ("name", "key", "public_id", "channel") if data.get(key)), "")
    named = f": {code(name, NAME_SHOWN)}" if name else ""
    return f"There is a {thing} already{named}. Nothing was changed."


def _bad_input(data: Mapping[str, Any]) -> str:
    reason = str(data.get("reason"))
    template = phrases.BAD_INPUT.get(reason)
    template = template or switch_phrases.BAD_INPUT.get(reason) or phrases.OBSTACLES.get(reason)
    if template is None and reason in phrases.GATEWAY:
        return f"That does not work: {phrases.GATEWAY[reason]}."
    if template is None:
        return f"The field {code(str(data.get('field', '')), NAME_SHOWN)} cannot be used ({code(reason, NAME_SHOWN)})."
    return f"{_on_one(data)}{filled(template, data)}"


def _wrong_state(data: Mapping[str, Any]) -> str:
    return f"Already decided: it is {state(str(data.get('state')))}{_by_and_at(data)}. Nothing was changed."


def _by_and_at(data: Mapping[str, Any]) -> str:
    decided, at = data.get("by"), data.get("at")
    person = f" by {who(decided)}" if isinstance(decided, str) and decided else ""
    return f"{person} ({moment(at)})" if isinstance(at, datetime) else person


def _in_use(refused: InUse) -> str:
    kinds = {"connection": "connection", "switch": "open switch", "certificate": "certificate"}
    names = [f"{kinds.get(one.kind, 'entry')} {code(one.name, NAME_SHOWN)}" for one in refused.references[:10]]
    more = len(refused.references) - len(names)
    listed = ", ".join(names) + (f" and {more:,} more" if more > 0 else "")
    return f"It is still needed, so it stays. In use by: {listed}."


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "not_found": _not_found,
    "not_allowed": _not_allowed,
    "already_there": _already_there,
    "outdated": _outdated,
    "bad_input": _bad_input,
    "wrong_state": _wrong_state,
    "fetch_refused": lambda data: fetch(str(data.get("reason")), data),
}
