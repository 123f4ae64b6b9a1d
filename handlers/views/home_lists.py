"""The other pages of App Home: partners, one partner, what a search found, the CA list, the roles."""

from collections.abc import Iterator, Mapping, Sequence

from bot.services.people import PersonRole
from bot.services.sights import CaLine, CertificateSight, ConnectionSight, Found, PartnerLine, PartnerSight, Some
from handlers import ids
from handlers.views import address, drift, sentences
from handlers.views import certificate as cards
from handlers.views.blocks import Block, button, context, header, section
from handlers.views.home_parts import Shell, go, pager, until
from handlers.views.leaf import Leaf, Tab
from handlers.views.limits import LINES_SHOWN, NAME_SHOWN
from handlers.views.text import channel_link, code, remaining, short_fingerprint, strong, who, words
from handlers.views.values import AnchorState

_CHANNELS_SHOWN = 3
_PEOPLE_SHOWN = 30

_ANCHORS: Mapping[AnchorState, str] = {
    AnchorState.REQUESTED: ":closed_lock_with_key: root, *waits for a trust admin*",
    AnchorState.APPROVED: ":anchor: trust anchor",
    AnchorState.LINK: "intermediate",
    AnchorState.DECLINED: ":no_entry: declined root",
}
# What a role is called, the setting that says who holds it, and what it may.
_ROLES: Mapping[PersonRole, tuple[str, str, str]] = {
    PersonRole.OPERATOR: ("Operators", "OPERATORS", "bring certificates, look after partners, propose switches"),
    PersonRole.APPROVER: ("Approvers", "APPROVERS", "approve switches for our side, never their own"),
    PersonRole.TRUST_ADMIN: ("Trust admins", "TRUST_ADMINS", "approve roots, never those that they brought"),
}


def partners(shell: Shell, found: Some[PartnerLine], size: int) -> list[Block]:
    """The partners, those of the reader's channels first."""
    if not found.total:
        add = button("Add partner", f"{ids.OPEN_MODAL}{ids.MODAL_PARTNER}", "-", "primary")
        return [header("Partners"), section("There is no partner yet.", add)]
    return [
        header(f"Partners ({found.total:,})"),
        *partner_lines(shell, found),
        *pager(shell.leaf, len(found.shown), found.total, size),
    ]


def partner_lines(shell: Shell, found: Some[PartnerLine]) -> Iterator[Block]:
    """A line for each, with what there is of it and the way to more."""
    for one in found.shown:
        totals, partner = one.totals, one.partner
        ends = f", the first in use {_ends(shell, one)}" if totals.ends else ""
        channels = ", ".join(channel_link(each) for each in partner.channels[:_CHANNELS_SHOWN]) or "no channel"
        yield section(
            f"{strong(partner.name)}{f' – {channels}' if shell.is_ours else ''}\n"
            f"{sentences.counted(totals.certificates, 'certificate')}, "
            f"{sentences.counted(totals.connections, 'connection')}{ends}",
            go("Open", "partner", Leaf(Tab.PARTNER, partner_id=partner.id)),
        )


def _ends(shell: Shell, one: PartnerLine) -> str:
    ends = one.totals.ends
    if ends is None:
        return ""
    left = remaining(ends, shell.now)
    return left if ends < shell.now else f"has {left}" if left.endswith("left") else left


def partner(shell: Shell, found: PartnerSight, size: int) -> list[Block]:
    """One partner: its connections, and its certificates, the last to end on top."""
    of = strong(found.partner.name)
    blocks = [header(found.partner.name)]
    if not found.connections.total:
        blocks.append(section(f"{of} has no connection yet."))
    blocks += [section(_connection(shell, one)) for one in found.connections.shown]
    more = found.connections.total - len(found.connections.shown)
    if more > 0:
        blocks.append(context(f"… and {sentences.counted(more, 'more connection')}"))
    if not found.certificates.total:
        return [*blocks, section(f"{of} has no certificate yet. Drop its file into the partner's channel.")]
    blocks.append(header(sentences.counted(found.certificates.total, "certificate").capitalize()))
    blocks += [certificate_line(shell, one) for one in found.certificates.shown]
    return [*blocks, *pager(shell.leaf, len(found.certificates.shown), found.certificates.total, size)]


def _connection(shell: Shell, one: ConnectionSight) -> str:
    connection = one.connection
    presents = {"accepts": "the partner presents", "presents": "our gateway presents"}[connection.role]
    if not shell.is_ours:
        presents = {"accepts": "you present", "presents": "the other side presents"}[connection.role]
    runs = sentences.listed([each.name for each in connection.choreographies], 8)
    lines = [f"{code(connection.name, NAME_SHOWN)} – {address.shown(connection)}"]
    if one.current and one.certificate:
        end = until(one.certificate.not_before, one.certificate.not_after, shell.now)
        lines += [f"{presents} {strong(one.current.display_name)}", end]
    else:
        lines.append(f"{presents}: no certificate yet")
    differs = [drift.mark(one.drift)] if one.drift else []
    return "\n".join([*lines, f"Choreographies: {runs}", *differs])


def certificate_line(shell: Shell, one: CertificateSight) -> Block:
    """One certificate with what is left of it, and a button that shows it."""
    line = one.line
    mark = ":no_entry: " if line.not_after < shell.now else ""
    used = f", *in use* on {sentences.one_of(line.connections, 3)}" if line.connections else ""
    owner = f" ({words(one.partner.name)})" if shell.is_ours and shell.leaf.tab is not Tab.PARTNER else ""
    text = (
        f"{mark}{strong(line.display_name)}{owner}{used}\n"
        f"{until(line.not_before, line.not_after, shell.now)}{shell.thread(one.place)}"
    )
    return section(text, button("Show", ids.HOME_CERTIFICATE, str(line.entry_id)))


def found(shell: Shell, what: Found) -> list[Block]:
    """What a search found."""
    total = len(what.certificates) + len(what.cas)
    said = code(shell.leaf.query, NAME_SHOWN)
    if not total:
        return [section(f"Nothing is called {said}, and no fingerprint or serial number is.")]
    more = [context("There are more: a longer text finds fewer.")] if what.is_cut else []
    lines = [certificate_line(shell, one) for one in what.certificates] + [_ca(shell, one) for one in what.cas]
    return [section(f"*Found for* {said}"), *lines, *more]


def not_searched(sentence: str) -> list[Block]:
    """Why there was no search; `sentence` is finished mrkdwn."""
    return [section(f":information_source: {sentence}")]


def ca_list(shell: Shell, some: Some[CaLine], size: int) -> list[Block]:
    """One page of the CA list."""
    if not some.total:
        return [section("The CA list is empty. Drop root and intermediate certificates into any channel that I am in.")]
    return [
        header(f"CA list ({some.total:,})"),
        *[_ca(shell, one) for one in some.shown],
        *pager(shell.leaf, len(some.shown), some.total, size),
    ]


def _ca(shell: Shell, one: CaLine) -> Block:
    end = until(one.certificate.not_before, one.certificate.not_after, shell.now)
    text = (
        f"{strong(cards.common_name(one.certificate))} – {_ANCHORS[one.ca.anchor]}\n"
        f"{end}, SHA-256 `{short_fingerprint(one.certificate.sha256)}`"
    )
    return section(text, button("Show", ids.HOME_CA, str(one.ca.id)))


def roles(held: Mapping[PersonRole, Sequence[tuple[str, Sequence[str]]]]) -> list[Block]:
    """Who holds which role, and where that is set. `held` gives each name of the setting with its group's members."""
    blocks = [header("Roles")]
    for role, (title, setting, may) in _ROLES.items():
        lines = [_holder(name, members) for name, members in held.get(role, ())[:LINES_SHOWN]]
        more = len(held.get(role, ())) - len(lines)
        lines += [f"… and {more:,} more"] if more > 0 else []
        nobody = [":warning: Nobody. Until the setting names somebody, none of this can be done."]
        blocks.append(section(f"*{title}* {may}.\n" + "\n".join(lines or nobody)))
        blocks.append(context(f"Set by `{setting}`: in the environment that I run in, or in its `.env` file."))
    blocks.append(context("Guests, apps and people of other teams never hold a role. A change counts within a minute."))
    return blocks


def _holder(name: str, members: Sequence[str]) -> str:
    if name == "*":
        return "• every full member of our team"
    if not name.startswith("S"):
        return f"• {who(name)}"
    people = ", ".join(who(one) for one in members[:_PEOPLE_SHOWN])
    more = f" and {len(members) - _PEOPLE_SHOWN:,} more" if members[_PEOPLE_SHOWN:] else ""
    return f"• user group {code(name)}: {people}{more}" if people else f"• user group {code(name)}: :warning: nobody"
