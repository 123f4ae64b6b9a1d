"""Large CA lists: the work is counted here, never timed; `make bench` has the times."""

from __future__ import annotations

import pytest

from bot.pki.certificate import Certificate
from bot.pki.chain import CaIndex, ChainLimits, NearMissReason, Verdict, build_chain
from tests.bench.stores import Kind, chain, store
from tests.lab.builders import NOW

SIZE = 2_000
EVERY_KIND = pytest.mark.parametrize("kind", Kind)


def listed(kind: Kind) -> CaIndex:
    """The list, its root approved."""
    made = store(kind, SIZE)
    return CaIndex(made.values(), {made.chain.root.sha256})


def leaf(kind: Kind) -> Certificate:
    """The end entity."""
    return Certificate.from_der(chain(kind is not Kind.NO_KEY_IDS).leaf.der)


@EVERY_KIND
def test_a_list_is_of_its_kind(kind: Kind) -> None:
    """200 namesakes of int1 with other keys and 100 dead ends of int2's key, or none; and all are certificates."""
    made = store(kind, SIZE)
    values = made.values()
    int1, int2 = (Certificate.from_der(one.der) for one in (made.chain.int1, made.chain.int2))
    namesakes = [one for one in values if one.subject.canonical == int1.subject.canonical]
    same_key = [one for one in values if one.key.spki_sha256 == int2.key.spki_sha256]
    assert len(values) == len({one.sha256 for one in values}) == SIZE
    assert (len(namesakes), len(same_key)) == ((1, 1) if kind is Kind.PLAIN else (201, 101))
    assert len({one.key.spki_sha256 for one in namesakes}) == len(namesakes)
    assert all((one.ski is None) == (kind is Kind.NO_KEY_IDS) for one in values)


@EVERY_KIND
def test_three_links_cost_three_signatures_whatever_else_is_there(kind: Kind) -> None:
    """And a handful of steps: dead ends are not even looked at."""
    limits = ChainLimits(steps=3)
    report = build_chain(leaf(kind), listed(kind), NOW, limits=limits)
    assert report.verdict is Verdict.COMPLETE
    assert [one.subject.common_name for one in report.path[1:]] == [
        "Bench Issuing CA 1",
        "Bench Policy CA 2",
        "Bench Root",
    ]
    assert report.signatures == 3


@EVERY_KIND
def test_intermediates_that_came_along_cost_no_more(kind: Kind) -> None:
    """The same with int1 and int2 from the partner's own file, in the list or not."""
    made = chain(kind is not Kind.NO_KEY_IDS)
    along = [Certificate.from_der(one.der) for one in (made.int1, made.int2)]
    source = listed(kind)
    for _ in range(2):
        report = build_chain(leaf(kind), source, NOW, extra=along)
        assert (report.verdict, report.signatures) == (Verdict.COMPLETE, 3)
        source.remove(made.int2.sha256)


def test_the_absent_intermediate_is_named_and_not_those_above_its_dead_ends() -> None:
    """Int2 is gone, 100 certificates for its name and key lead nowhere."""
    source = listed(Kind.CROSS)
    made = chain(True)
    source.remove(made.int2.sha256)
    report = build_chain(leaf(Kind.CROSS), source, NOW)
    assert report.verdict is Verdict.INCOMPLETE
    (missing,) = report.missing
    wanted = Certificate.from_der(made.int2.der)
    assert (missing.name, missing.aki, missing.depth) == (wanted.subject, wanted.ski, 2)
    assert {one.reason for one in missing.near_misses} == {NearMissReason.LEADS_NOWHERE}
    assert missing.answered_by(wanted)
    assert report.signatures == 2


def test_an_absent_issuer_among_namesakes_is_named() -> None:
    """Int1 is gone, 200 namesakes with other keys lead nowhere: a few are tried in spite of their key ids, no more."""
    source = listed(Kind.CROSS)
    source.remove(chain(True).int1.sha256)
    report = build_chain(leaf(Kind.CROSS), source, NOW)
    assert [one.name.common_name for one in report.missing] == ["Bench Issuing CA 1"]
    assert {one.reason for one in report.missing[0].near_misses} == {NearMissReason.SAME_NAME_OTHER_KEY}
    assert report.signatures <= 4


def test_adding_and_removing_a_certificate_keeps_the_answer_true() -> None:
    """In place, in a list of thousands."""
    source = listed(Kind.CROSS)
    int2 = Certificate.from_der(chain(True).int2.der)
    for _ in range(3):
        source.remove(int2.sha256)
        assert build_chain(leaf(Kind.CROSS), source, NOW).verdict is Verdict.INCOMPLETE
        source.add(int2, anchor=False)
        assert build_chain(leaf(Kind.CROSS), source, NOW).verdict is Verdict.COMPLETE
