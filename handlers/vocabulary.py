"""The commands as values, and the help that goes with them. The same for `/cert` and for a mention of the bot."""

import difflib
from dataclasses import dataclass
from datetime import date

_NEAREST = 3


@dataclass(frozen=True)
class Usage:
    """One line of the help: how to write a command and what it does."""

    words: str
    arguments: str
    purpose: str


USAGES = (
    Usage("help", "", "this list"),
    Usage("import", "", "import certificate files in a form; or just drop the file into a thread"),
    Usage("partners", "", "the partners and their channels"),
    Usage("partner add", "KEY NAME [#channel]", "add a partner; the channel tells later which partner a file is from"),
    Usage("partner channel", "PARTNER #channel", "let one more channel tell that a file is from this partner"),
    Usage("list", "PARTNER", "the partner's certificates, with validity and use"),
    Usage("show", "NAME", "one certificate: chain, findings, where it is used; by name or fingerprint"),
    Usage("rename", '"NAME" "NEW NAME"', "give a certificate another display name"),
    Usage("delete", "NAME", "remove a certificate that nothing refers to"),
    Usage("ca", "", "the CA list: roots, intermediates, and which roots are trust anchors"),
    Usage("connections", "PARTNER", "the partner's connections and the certificate in use on each"),
    Usage("connection", "NAME", "one connection: certificate in use, gateway, last proof, and what is next"),
    Usage(
        "connection add",
        "PARTNER NAME ROLE URI [choreographies]",
        "add a connection; ROLE: accepts or presents; URI: its https address, or `inbound` for a partner that calls us",
    ),
    Usage("connection change", "NAME", "another address, or other choreographies; an open switch of it ends"),
    Usage("policy", "PARTNER", "who has to agree to the partner's switches; trust admins change it"),
    Usage("choreographies", "", "the business processes, what they are for, and the connections that they run over"),
    Usage("choreography", '"NAME" DESCRIPTION', "say what a choreography is for"),
    Usage("switch", '[CONNECTION "CERTIFICATE" REASON]', "propose a switch, in a form that has what you typed"),
    Usage("switches", "[PARTNER]", "the open and the latest switches"),
    Usage(
        "audit",
        "[PARTNER] [by @PERSON] [certificate NAME] [switch ID] [since DAY] [until DAY] [csv]",
        "who did what, newest first; csv sends it to you as a table",
    ),
)


@dataclass(frozen=True)
class Help:
    """The list of commands."""


@dataclass(frozen=True)
class Partners:
    """All partners."""


@dataclass(frozen=True)
class PartnerAdd:
    """A new partner. Without a key it is a wish to be asked for the rest."""

    key: str | None = None
    name: str | None = None
    channel: str | None = None


@dataclass(frozen=True)
class PartnerChannel:
    """One more channel of a partner. What is missing is asked for in a form."""

    partner: str | None = None
    channel: str | None = None


@dataclass(frozen=True)
class ListCertificates:
    """A partner's certificates; no partner: the channel's."""

    partner: str | None


@dataclass(frozen=True)
class Show:
    """One certificate in full."""

    name: str


@dataclass(frozen=True)
class Rename:
    """Another display name. Without names it is a wish to be asked for them."""

    name: str | None = None
    new: str | None = None


@dataclass(frozen=True)
class Delete:
    """Remove a certificate."""

    name: str


@dataclass(frozen=True)
class Ca:
    """The CA list."""


@dataclass(frozen=True)
class Connections:
    """A partner's connections; no partner: the channel's."""

    partner: str | None


@dataclass(frozen=True)
class ShowConnection:
    """One connection in full."""

    name: str


@dataclass(frozen=True)
class ConnectionAdd:
    """A new connection. Without a partner it is a wish to be asked for the rest."""

    partner: str | None = None
    name: str | None = None
    role: str | None = None
    uri: str | None = None
    choreographies: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConnectionChange:
    """Another address or other choreographies, asked for in a form."""

    name: str


@dataclass(frozen=True)
class Policy:
    """A partner's approval policy; no partner: the channel's."""

    partner: str | None


@dataclass(frozen=True)
class Choreographies:
    """All choreographies."""


@dataclass(frozen=True)
class DescribeChoreography:
    """What a choreography is for. What is missing is asked for in a form."""

    name: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class ProposeSwitch:
    """A proposal: what is given stands in the form already, which asks for the rest and for when it happens."""

    connection: str | None = None
    certificate: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Switches:
    """Open and latest switches."""

    partner: str | None


@dataclass(frozen=True)
class Audit:
    """The audit, newest first, of what is given.

    Days are UTC, and `until` is the last of them. `before` is the number of an entry to read on from; `as_table` wants
    it all as a file.
    """

    partner: str | None = None
    person: str | None = None
    certificate: str | None = None
    switch: str | None = None
    since: date | None = None
    until: date | None = None
    before: int | None = None
    as_table: bool | None = None


@dataclass(frozen=True)
class Import:
    """The form for files."""


@dataclass(frozen=True)
class Unclear:
    """Not understood: `said` is what was typed, `nearest` the usages that may have been meant."""

    said: str
    nearest: tuple[Usage, ...]
    known: bool  # the command exists, something about its arguments is missing or too much


Command = (
    Help
    | Partners
    | PartnerAdd
    | PartnerChannel
    | ListCertificates
    | Show
    | Rename
    | Delete
    | Ca
    | Connections
    | ShowConnection
    | ConnectionAdd
    | ConnectionChange
    | Policy
    | Choreographies
    | DescribeChoreography
    | ProposeSwitch
    | Switches
    | Audit
    | Import
    | Unclear
)


def nearest(said: str) -> tuple[Usage, ...]:
    """The usages closest to what was typed, best first; all of one family when its first word fits."""
    said = said.lower().strip()
    by_words = {usage.words: usage for usage in USAGES}
    if said in by_words:
        return (by_words[said], *(usage for usage in USAGES if usage.words.startswith(f"{said} ")))[:_NEAREST]
    first = said.split(" ", maxsplit=1)[0]
    family = [usage for usage in USAGES if usage.words.split()[0] == first]
    close = difflib.get_close_matches(said, by_words, _NEAREST, cutoff=0.6)
    close += difflib.get_close_matches(first, by_words, _NEAREST, cutoff=0.6)
    found = dict.fromkeys([*(usage.words for usage in family), *close])
    return tuple(by_words[words] for words in list(found)[:_NEAREST])
