"""When the tries that were kept are a proof: by every way, for every choreography, twice, and nothing else since."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from bot.services.proofs import Yardstick, is_proven
from storage.switch_records import Proof, Way
from tests.lab.builders import NOW

OLD, NEW, OTHER = "0a" * 32, "0b" * 32, "0c" * 32
WANTED = Yardstick("switch", frozenset({NEW}), tuple(Way), ("Invoicing", "OrderToCash"))
BOTH = replace(WANTED, purpose="overlap", pins=frozenset({OLD, NEW}), ways=(Way.REPORT, Way.ENDPOINT))

Tries = tuple[Proof, ...]
_numbers = count(1)


def reported(*accepted: str, verdict: str = "agrees", purpose: str = "switch") -> Proof:
    """What the gateway told."""
    detail = {"accepted": sorted(accepted)}
    return Proof(next(_numbers), 1, purpose, None, "files", NOW, 1, verdict, (), None, None, detail, Way.REPORT)


def presented(over: str | None, *shown: str, verdict: str = "matched", purpose: str = "switch") -> Proof:
    """A handshake with the endpoint."""
    return Proof(next(_numbers), 1, purpose, over, "https://h/", NOW, 1, verdict, shown, "TLSv1.3", "C", {})


def passed(over: str | None, verdict: str = "answered") -> Proof:
    """A request through the gateway."""
    return Proof(next(_numbers), 1, "switch", over, "http://g/", NOW, 1, verdict, (), None, None, {}, Way.THROUGH)


def a_round(shown: str = NEW, accepted: tuple[str, ...] = (NEW,), purpose: str = "switch") -> Tries:
    """Every way once, for each choreography."""
    names = ("Invoicing", "OrderToCash")
    return (
        reported(*accepted, purpose=purpose),
        *(presented(one, shown, purpose=purpose) for one in names),
        *(passed(one) for one in names),
    )


def without(tries: Tries, drop: Callable[[Proof], bool]) -> Tries:
    """The tries but these."""
    return tuple(one for one in tries if not drop(one))


def test_two_good_rounds_are_a_proof_whatever_was_seen_before_them() -> None:
    """The newest tries of each kind count."""
    assert is_proven([*a_round(), *a_round()], WANTED)
    assert is_proven([*a_round(shown=OTHER, accepted=(OTHER,)), *a_round(), *a_round()], WANTED)


def test_where_both_are_accepted_the_endpoint_may_show_either() -> None:
    """And the report must have both."""
    rounds = [*a_round(OLD, (OLD, NEW), "overlap"), *a_round(NEW, (OLD, NEW), "overlap")]
    assert is_proven(rounds, BOTH)
    assert not is_proven([*rounds, reported(NEW, purpose="overlap")], BOTH)


NOT_PROVEN: dict[str, Tries] = {
    "nothing": (),
    "one round": a_round(),
    "a choreography in one round only": (*a_round(), *without(a_round(), lambda one: one.choreography == "Invoicing")),
    "a way that was never tried": without((*a_round(), *a_round()), lambda one: one.way is Way.THROUGH),
    "for another purpose": (*a_round(purpose="overlap"), *a_round(purpose="restore")),
    "a good handshake with another certificate": (*a_round(), *a_round(), presented("Invoicing", OTHER)),
    "a good handshake that presented nothing": (*a_round(), *a_round(), presented("Invoicing")),
    "the new one as a link of another's chain": (*a_round(), *a_round(), presented("Invoicing", OTHER, NEW)),
    "an expired certificate": (*a_round(), *a_round(), presented("OrderToCash", NEW, verdict="expired")),
    "a gateway that agrees to something else": (*a_round(), *a_round(), reported(OTHER)),
    "a gateway that accepts the old one as well": (*a_round(), *a_round(), reported(OLD, NEW)),
    "a gateway that differs": (*a_round(), *a_round(), reported(NEW, verdict="differs")),
    "a way through that is blocked": (*a_round(), *a_round(), passed("OrderToCash", verdict="refused")),
}


@pytest.mark.parametrize("tries", NOT_PROVEN.values(), ids=NOT_PROVEN.keys())
def test_anything_less_is_none(tries: Tries) -> None:
    """Each lacks one thing."""
    assert not is_proven(tries, WANTED)
