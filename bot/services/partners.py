"""Collaboration partners: who they are, and which Slack channel tells them."""

import difflib
import re
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from bot.services.errors import AlreadyThere, BadInput, NotFound
from bot.services.journal import record
from bot.services.people import SYSTEM, Person, PersonRole, require
from bot.services.wording import MAX_NAME, free_text
from storage.records import Partner
from storage.store import Store, Transaction

KEY = re.compile(r"[a-z0-9-]{1,40}")
"""What a key consists of: typed in commands, part of display names, so short and without blanks."""

SLACK_ID = re.compile(r"[A-Z0-9]{2,40}")
"""A channel or team id. Slack promises no length (docs: "store as strings"), today they have 9 to 11 characters."""


class Partners:
    """The use cases around partners."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def add(
        self, person: Person, key: str, name: str, channel: str | None, slack_team_id: str | None, source: str
    ) -> Partner:
        """A new partner, with the channel that tells it and the Slack team of its people, where there is one.

        Raises:
            NotAllowed: unless an operator asks.
            BadInput: key, name, channel or slack_team_id.
            AlreadyThere: "partner" when the key is taken, "channel" when the channel belongs to a partner already.
        """
        require(person, PersonRole.OPERATOR)
        if not KEY.fullmatch(key):
            raise BadInput("key", "not_a_key")
        name = free_text("name", name, MAX_NAME)
        _check_id("slack_team_id", slack_team_id)
        with self._store.begin() as tx:
            if tx.partners.by_key(key):
                raise AlreadyThere("partner", name=key)
            try:
                partner = tx.partners.add(key, name, slack_team_id, person.user_id, self._clock())
            except IntegrityError:
                raise AlreadyThere("partner", name=key) from None
            data = {"partner_id": partner.id, "slack_team_id": slack_team_id}
            record(tx, self._clock(), person, "partner.added", f"partner:{partner.id}", source, data)
            if channel is not None:
                self._link(tx, person, partner, channel, source)
            return _one(tx, partner.id)

    def list(self) -> tuple[Partner, ...]:
        """All partners by name."""
        with self._store.reading() as tx:
            return tx.partners.list()

    def by_key(self, key: str) -> Partner:
        """The partner with this key.

        Raises:
            NotFound: with the keys that are close to it.
        """
        with self._store.reading() as tx:
            return partner_of(tx, key)

    def by_channel(self, channel: str) -> Partner | None:
        """The partner that this Slack channel tells, or None."""
        with self._store.reading() as tx:
            return tx.partners.by_channel(channel)

    def by_id(self, partner_id: int) -> Partner:
        """The partner with this number.

        Raises:
            NotFound: there is none.
        """
        with self._store.reading() as tx:
            return _one(tx, partner_id)

    def link_channel(self, person: Person, partner_key: str, channel: str, source: str = "") -> Partner:
        """Let one more Slack channel tell the partner.

        Raises:
            NotAllowed: unless an operator asks.
            NotFound: no such partner.
            BadInput: channel.
            AlreadyThere: "channel" when it belongs to a partner already.
        """
        require(person, PersonRole.OPERATOR)
        with self._store.begin() as tx:
            partner = partner_of(tx, partner_key)
            self._link(tx, person, partner, channel, source)
            return _one(tx, partner.id)

    def follow_channel(self, old: str, new: str) -> bool:
        """Slack gave a channel another id: whatever is tied to the old one follows. False where nothing is.

        Ids that are none are left alone: they come from outside.
        """
        if old == new or not (SLACK_ID.fullmatch(old) and SLACK_ID.fullmatch(new)):
            return False
        with self._store.begin() as tx:
            partner = tx.partners.by_channel(old)
            if not tx.channels.move(old, new):
                return False
            if partner is not None:
                data = {"partner_id": partner.id, "from": old, "channel": new}
                record(tx, self._clock(), SYSTEM, "partner.channel_moved", f"partner:{partner.id}", "", data)
            return True

    def _link(self, tx: Transaction, person: Person, partner: Partner, channel: str, source: str) -> None:
        _check_id("channel", channel)
        if tx.partners.by_channel(channel):
            raise AlreadyThere("channel", channel=channel)
        try:
            tx.partners.link(partner.id, channel)
        except IntegrityError:
            raise AlreadyThere("channel", channel=channel) from None
        data = {"partner_id": partner.id, "channel": channel}
        record(tx, self._clock(), person, "partner.channel_linked", f"partner:{partner.id}", source, data)


def partner_of(tx: Transaction, key: str) -> Partner:
    """The partner with this key.

    Raises:
        NotFound: with the keys that are close to it.
    """
    partner = tx.partners.by_key(key.strip().lower())
    if partner is None:
        raise NotFound("partner", key, difflib.get_close_matches(key.lower(), [one.key for one in tx.partners.list()]))
    return partner


def _one(tx: Transaction, partner_id: int) -> Partner:
    partner = tx.partners.by_id(partner_id)
    if partner is None:
        raise NotFound("partner", str(partner_id))
    return partner


def _check_id(field: str, value: str | None) -> None:
    if value is not None and not SLACK_ID.fullmatch(value):
        raise BadInput(field, "not_a_slack_id")
