"""Slack channels, wherever the store names one."""

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.tables import PartnerChannelRow, PlaceRow, UploadRow


class Channels:
    """The repository of what is tied to a channel's id."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def move(self, old: str, new: str) -> int:
        """A channel has another id from now on: partners, message places and uploads follow it.

        Returns:
            how many rows were changed; 0 the second time.
        """
        moved = 0
        if self._session.get(PartnerChannelRow, new) is not None:
            # Linked anew by hand before the event came.
            self._session.exec(sa.delete(PartnerChannelRow).where(col(PartnerChannelRow.channel) == old))
        for row in (PartnerChannelRow, PlaceRow, UploadRow):
            channel = col(row.channel)
            moved += self._session.exec(sa.update(row).where(channel == old).values(channel=new)).rowcount
        self._session.expire_all()
        return moved
