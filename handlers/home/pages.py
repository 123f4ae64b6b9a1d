"""From a person and a leaf to their Home: one read of the services, rendered by the views. Decides who sees which."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bot.services import Services
from bot.services.errors import BadInput, NotAllowed, NotFound
from bot.services.people import PersonRole
from bot.services.sights import Reader
from handlers.home.whereabouts import Whereabouts
from handlers.people import People
from handlers.views import home, home_lists, sentences
from handlers.views.blocks import Block, View
from handlers.views.home_parts import Shell
from handlers.views.leaf import Leaf, Tab

PARTNERS_SHOWN = 20
CERTIFICATES_SHOWN = 20
CA_SHOWN = 20


class Pages:
    """Renders Homes."""

    def __init__(self, services: Services, people: People, whereabouts: Whereabouts, command: str = "/cert") -> None:
        self._services = services
        self._people = people
        self._whereabouts = whereabouts
        self._command = command
        self._pages: Mapping[Tab, Callable[[Reader, Shell], list[Block]]] = {
            Tab.FRONT: self._front,
            Tab.PARTNERS: self._partners,
            Tab.PARTNER: self._partner,
            Tab.SEARCH: self._search,
            Tab.CA: self._ca,
            Tab.ROLES: self._roles,
        }

    def forget(self, user_id: str) -> None:
        """The person joined or left a channel."""
        self._whereabouts.forget(user_id)

    def reader(self, user_id: str, team_id: str | None) -> Reader:
        """The person, with the channels that they are in where that matters.

        Raises:
            SlackUnavailable: Slack could not be asked.
        """
        person = self._people.person(user_id, team_id or None)
        reader = Reader(person)
        return Reader(person, self._whereabouts.channels(user_id)) if reader.is_ours else reader

    def view(self, user_id: str, team_id: str, leaf: Leaf) -> View:
        """The person's Home at a leaf; the front page where that one is not for them.

        Raises:
            SlackUnavailable: Slack could not be asked.
        """
        reader = self.reader(user_id, team_id)
        person = reader.person
        sees_setup = reader.is_ours and (person.is_admin or person.has(PersonRole.TRUST_ADMIN))
        if leaf.tab in {Tab.CA, Tab.ROLES} and not sees_setup:
            leaf = Leaf()
        shell = Shell(
            leaf, reader.is_ours, sees_setup, self._command, datetime.now(UTC), self._whereabouts.known_address
        )
        try:
            blocks = self._pages[leaf.tab](reader, shell)
        except NotFound:  # it has gone since the button was made, or was never for this person
            shell = Shell(Leaf(), reader.is_ours, sees_setup, self._command, shell.now, self._whereabouts.known_address)
            blocks = self._front(reader, shell)
        except NotAllowed as refused:
            return home.closed(refused.reason)
        return home.view(shell, blocks)

    def _front(self, reader: Reader, shell: Shell) -> list[Block]:
        front = self._services.overview.front(reader, everyone=shell.leaf.everyone)
        standing = {
            one.of.prompt.id: self._services.fetching.standing(one.of.prompt) for one in front.waiting.prompts.shown
        }
        return home.front(shell, front, standing)

    def _partners(self, reader: Reader, shell: Shell) -> list[Block]:
        found = self._services.overview.partners(reader, shell.leaf.offset, PARTNERS_SHOWN)
        return home_lists.partners(shell, found, PARTNERS_SHOWN)

    def _partner(self, reader: Reader, shell: Shell) -> list[Block]:
        leaf = shell.leaf
        found = self._services.overview.partner(reader, leaf.partner_id, leaf.offset, CERTIFICATES_SHOWN)
        return home_lists.partner(shell, found, CERTIFICATES_SHOWN)

    def _search(self, reader: Reader, shell: Shell) -> list[Block]:
        try:
            found = self._services.overview.search(reader, shell.leaf.query)
        except BadInput as refused:
            return home_lists.not_searched(sentences.error(refused))
        return home_lists.found(shell, found)

    def _ca(self, _reader: Reader, shell: Shell) -> list[Block]:
        return home_lists.ca_list(shell, self._services.overview.ca_page(shell.leaf.offset, CA_SHOWN), CA_SHOWN)

    def _roles(self, _reader: Reader, _shell: Shell) -> list[Block]:
        held = {role: [(one.name, one.members) for one in self._people.holders(role)] for role in PersonRole}
        return home_lists.roles(held)
