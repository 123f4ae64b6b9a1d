"""A leaf that waits for its issuer, and the server of the CA that gives it."""

import pytest

from bot.services.fetching import Fetching, FetchRefused, FetchStanding
from bot.services.people import Person
from tests.gateways.peers import Behaviour
from tests.lab.builders import Ca
from tests.services.ca_server import HOST, Site, answering, response
from tests.services.desk import ACME, OLIVIA, Desk

URL = f"http://{HOST}/certs/Issuing%20G2.cer?x=1"


class Case:
    """A leaf waits in ACME's thread for its issuer, whose address it names."""

    def __init__(self, desk: Desk, site: Site) -> None:
        self.desk = desk
        self.site = site
        self.root = Ca.root("Root")
        self.issuing = self.root.intermediate("Issuing")
        desk.trust(self.root)

    @property
    def fetching(self) -> Fetching:
        """The use case as the bot wires it, on the small internet."""
        desk = self.desk
        return Fetching(desk.store, desk.chains, desk.intake, self.site.fetcher, desk.clock)

    def ask(self, *urls: str, channel: str = ACME) -> int:
        """Drop the leaf; returns the number of its request."""
        self.desk.drop(self.issuing.leaf("acme-b2b", aia=urls or (URL,)), channel=channel, thread="5.0")
        return self.desk.only_prompt().prompt.id

    def serve(self, what: bytes | Behaviour) -> None:
        """What the CA's server gives."""
        self.site.internet.serve(answering(response(what)) if isinstance(what, bytes) else what)

    def standing(self, prompt: int) -> FetchStanding:
        """What the request's message shows about fetching."""
        return self.fetching.standing(self.desk.chains.prompt_report(prompt).prompt)

    def refused(self, prompt: int, by: Person = OLIVIA) -> FetchRefused:
        """The refusal, after which nothing is stored and the request still waits."""
        before = self.desk.actions()
        with self.desk.noticing() as subjects, pytest.raises(FetchRefused) as caught:
            self.fetching.fetch_issuer(by, prompt)
        assert subjects == {f"prompt:{prompt}"}
        news = set(self.desk.actions()[len(before) :])
        assert news == {"prompt.fetch_refused"}
        assert self.desk.only_prompt().prompt.id == prompt
        return caught.value
