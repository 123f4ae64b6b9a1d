"""The mortal world behind HAProxy or Envoy, and the choice between the three gateways."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.databases import MEMORY
from tests.e2e.edge import CHOREOGRAPHIES, NAMES, EdgeWorld
from tests.e2e.launcher import Launching
from tests.e2e.mortal import MortalWorld, pins
from tests.e2e.test_story import ACME
from tests.gateways.site import GW_NEW, admitted

FILES, HAPROXY, ENVOY = "files", "haproxy", "envoy"
GATEWAYS = (FILES, HAPROXY, ENVOY)


class MortalEdgeWorld(MortalWorld, EdgeWorld):
    """Behind a real program, with its way through and its own report; what the program does is seen from outside."""

    has_way_through = True

    def take_in(self, launching: Launching) -> None:
        """ACME's new certificate, and our own next one."""
        super().take_in(launching)
        self.choices[NAMES.ours] = self.choice(NAMES.ours, self._drop_ours)
        self.settle()

    def _drop_ours(self) -> None:
        olivia = self.member("UOLIVIA")
        data = "".join(one.pem for one in (GW_NEW, *GW_NEW.above[:-1])).encode("ascii")
        ts = olivia.drop(ACME, "nordwind-gw.pem", data)
        olivia.sees(ACME, ts, "new certificate", "Chain complete")

    def check_gateway(self, connection: str, in_use: str) -> None:
        """Disk and running program: who gets in, what is presented; and every choreography is answered."""
        assert pins(self.root, connection) == [in_use]
        if connection == NAMES.outbound:
            port, both = self.ports.inbound, (self.acme("old"), self.acme("new"))
            assert [holder.sha256 for holder in both if admitted(port, holder)] == [in_use]
        else:
            assert sha256(self.presented()).hexdigest() == in_use
        assert [name for name in CHOREOGRAPHIES if self.answered(name)] == [*CHOREOGRAPHIES]


@contextmanager
def mortal_world(gateway: str, database_url: str, launching: Launching) -> Iterator[MortalWorld]:
    """The world on this gateway; both new certificates are there, and nothing is approved yet.

    In memory: what a killed process wrote is there for the next one, whether or not it has reached a disk.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="countersign-", dir=MEMORY)))
        world: MortalWorld
        if gateway == FILES:
            world = MortalWorld(folder, database_url=database_url)
        else:
            world = edge = MortalEdgeWorld(gateway, folder, database_url=database_url)
            stack.callback(edge.way.close)
        stack.callback(world.close)
        if isinstance(world, MortalEdgeWorld):
            stack.enter_context(world.program())
        world.take_in(launching)
        yield world
