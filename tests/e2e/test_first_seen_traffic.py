"""The partner moves when it likes: without an overlap our requests fail for a while, and the proof says how long."""

import random
import re
import time
from datetime import datetime
from pathlib import Path

import pytest

from storage.switch_records import Way
from tests.e2e.edge import ACME, CHOREOGRAPHIES, NAMES, PAUSE_S, Answer, agreed, edge_world, proposed
from tests.e2e.office import text_of
from tests.gateways.load import after, load

pytestmark = pytest.mark.gateway


@pytest.mark.parametrize("kind", ["haproxy", "envoy"])
def test_without_an_overlap_requests_fail_from_the_flip_to_the_switch_and_at_no_other_time(
    kind: str, tmp_path: Path
) -> None:
    """None before ACME flips, none once it is proven; the gap is in the proof and in the record of it.

    That none fails in an overlap, whenever the partner flips, is shown in `test_through_gateways`.
    """
    with edge_world(kind, tmp_path) as world:
        file = "acme-b2b-full.p7b"
        ts, proposal = proposed(world, file, world.sample(file), NAMES.outbound, "first_seen")
        with load(world.ours, PAUSE_S) as good:
            paula = agreed(world, ts, proposal)
            paula.sees(ACME, ts, "approved and scheduled", "looked at every few seconds")
            time.sleep(random.uniform(0.0, 1.0))  # noqa: S311 - the partner moves when it likes: the story's own chance
            after(good)
        # The bot stands still for the length of one request a choreography, so that each of them meets the gap.
        with world.frozen_bot():
            world.lab.set_presented("acme", "new")
            assert {world.ask(name).status for name in CHOREOGRAPHIES} <= {502, 503}
        proof = paula.sees(ACME, ts, "*Proven:*", "First seen at the endpoint", "s later", *CHOREOGRAPHIES)
        with load(world.ours, PAUSE_S) as good:
            after(good)
        assert [world.ask(name) for name in CHOREOGRAPHIES] == [Answer(200, name, "new") for name in CHOREOGRAPHIES]

        shown = re.search(r"accepted and proven (\d+\.\d) s later", text_of(proof))
        assert shown is not None
        handshakes = "select purpose, at from proof where purpose in ('seen', 'switch') and way = ? order by id"
        rows = world.rows(handshakes, Way.ENDPOINT)
        first = next(at for purpose, at in rows if purpose == "seen")
        gap = (datetime.fromisoformat(str(rows[-1][1])) - datetime.fromisoformat(str(first))).total_seconds()
        assert gap > 0
        assert shown[1] == f"{gap:.1f}"
