"""Twenty thousand spoiled files through all that the product does with an upload; `make bench` takes a million."""

from __future__ import annotations

from bot.pki.chain import Verdict
from tests.bench.mutation import run

INPUTS = 20_000
SEED = 20_261_124


def test_no_spoiled_file_makes_anything_raise() -> None:
    """Refused with a reason, or judged; and the mix is rich enough to have met both, many times."""
    tally = run(INPUTS, SEED)
    judged = sum(tally.outcomes[verdict.value] for verdict in Verdict)
    assert tally.crashes == []
    assert sum(tally.outcomes.values()) == INPUTS
    assert judged > INPUTS / 4
    assert INPUTS - judged > INPUTS / 4
