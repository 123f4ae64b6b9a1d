"""The CA list as an index: changed in place, it answers as one that was built anew; dead ends are known as such."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.pki.certificate import Certificate
from bot.pki.chain import CaIndex, Candidates, build_chain
from tests.lab.builders import NOW, Ca, days
from tests.pki.values import value


@lru_cache
def crowd() -> tuple[Certificate, ...]:
    """Roots, two generations of A, cross-signs in both directions, no key ids here and there."""
    one, two = Ca.root("One"), Ca.root("Two", ski=False, aki=False)
    a, a2 = one.intermediate("A"), two.intermediate("A", aki=False)
    b = a.intermediate("B", ski=False)
    c = b.intermediate("C", aki=False)
    cross = [two.cross_sign(a), c.cross_sign(one), one.cross_sign(c), a2.cross_sign(b, not_after=NOW - days(1))]
    return tuple(value(each) for each in (one, two, a, a2, b, c, *cross))


def leaf_of(index: CaIndex) -> set[tuple[str, ...]]:
    """The paths of every certificate of the crowd, as fingerprints."""
    reports = [build_chain(one, index, NOW) for one in crowd()]
    return {tuple(link.sha256 for link in path.certificates) for report in reports for path in report.paths}


def shas(candidates: Candidates) -> tuple[list[str], list[str], set[str], set[str]]:
    """Order counts where an anchor is in reach; the parts are compared as sets besides."""
    parts: tuple[Iterable[Certificate], ...] = tuple(candidates)
    reaching, dead, orphaned = ([one.sha256 for one in part] for part in parts)
    return reaching, dead, set(orphaned), set(reaching)


changes = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(("add", "anchor", "remove"))), max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes, st.integers(1, 7))
def test_an_index_that_was_changed_answers_like_a_new_one(steps: list[tuple[int, str]], every: int) -> None:
    """Whatever was added, approved and removed, and whenever it was asked in between."""
    changed = CaIndex()
    for number, (place, what) in enumerate(steps):
        certificate = crowd()[place]
        if what == "remove":
            changed.remove(certificate.sha256)
        else:
            changed.add(certificate, anchor=what == "anchor")
        if number % every == 0:
            leaf_of(changed)
    anchors = {one.sha256 for one in changed if changed.is_anchor(one)}
    fresh = CaIndex(list(changed)[::-1], anchors)
    for one in crowd():
        assert changed.reaches_anchor(one) == fresh.reaches_anchor(one)
        assert shas(changed.named(one.subject)) == shas(fresh.named(one.subject))
        assert shas(changed.fitting(one.subject, one.ski)) == shas(fresh.fitting(one.subject, one.ski))
        keyed = (one.subject, one.key.spki_sha256)
        assert shas(changed.keyed(*keyed)) == shas(fresh.keyed(*keyed))
    assert leaf_of(changed) == leaf_of(fresh)


def test_candidates_are_told_apart_by_what_is_above_them() -> None:
    """A under a root that is approved, under one that is only known, under one that is nowhere."""
    good, known, gone = Ca.root("Good"), Ca.root("Known"), Ca.root("Gone")
    a = good.intermediate("A")
    by_known, by_gone = known.cross_sign(a), gone.cross_sign(a)
    values = [value(one) for one in (by_gone, by_known, a, good, known)]
    named = CaIndex(values, {good.sha256}).named(value(a).subject)
    assert [[one.sha256 for one in part] for part in named] == [[a.sha256], [by_known.sha256], [by_gone.sha256]]


def test_an_approval_reaches_everything_below_at_once() -> None:
    """Root -> A -> B, the root approved last; and withdrawn again."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    b = a.intermediate("B")
    index = CaIndex([value(b), value(a), value(root)])
    assert not index.reaches_anchor(value(b))
    index.add(value(root), anchor=True)
    assert index.reaches_anchor(value(b))
    index.add(value(root), anchor=False)
    assert not index.reaches_anchor(value(b))


def test_a_key_under_other_names_is_found_until_its_last_certificate_goes() -> None:
    """Two certificates of A's key for the name A2, taken out one by one."""
    a = Ca.root("Root").intermediate("A")
    two = [Ca.root(f"Root {number}").intermediate("A2", key=a.key) for number in range(2)]
    index = CaIndex([value(one) for one in (a, *two)])
    name, key_id = value(a).subject, value(a).ski or b""
    for left in (2, 1, 0):
        assert len(list(index.renamed(name, key_id))) == left
        index.remove(two[left - 1].sha256)
    index.remove(a.sha256)
    assert list(index.renamed(value(two[0]).subject, key_id)) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes)
def test_whatever_a_path_runs_over_is_told_by_names_beforehand(steps: list[tuple[int, str]]) -> None:
    """Every link above a certificate, in whole paths and in those that end in nothing."""
    index = CaIndex()
    for place, what in steps:
        certificate = crowd()[place]
        if what == "remove":
            index.remove(certificate.sha256)
        else:
            index.add(certificate, anchor=what == "anchor")
    for one in crowd():
        report = build_chain(one, index, NOW)
        for path in (report.path, *(whole.certificates for whole in report.paths)):
            for link in path[1:]:
                assert one.issuer.canonical in index.issuers_below([link])


def test_a_certificate_of_another_house_is_not_below() -> None:
    """One -> A beside Other, and nothing hangs on nothing."""
    one, other = Ca.root("One"), Ca.root("Other")
    a = one.intermediate("A")
    listed = [value(each) for each in (one, a, other)]
    index = CaIndex(listed, {one.sha256})
    assert index.issuers_below(listed[:1]) == {listed[0].subject.canonical, listed[1].subject.canonical}
    assert value(other.leaf("x")).issuer.canonical not in index.issuers_below(listed[:2])
    assert index.issuers_below([]) == frozenset()
