"""A missing issuer that is a well-known public root: named, taken in at a click, approved by somebody else."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from bot.pki.certificate import Certificate
from bot.pki.chain import CaIndex, Verdict
from bot.public_roots import public_roots
from bot.services.errors import NotAllowed, NotFound, Outdated, WrongState
from bot.services.known_roots import KnownRoots
from bot.services.people import Person
from storage.records import AnchorState, PromptState
from tests.at_once import at_once
from tests.conformance.suites import cases
from tests.databases import KINDS, Database, new_database
from tests.lab.builders import NOW, Ca, Issued, days
from tests.services.desk import (
    ACME,
    BOT,
    GUEST,
    HOME,
    IAN,
    OLIVIA,
    OSCAR,
    PAULA,
    STRANGER,
    TESS,
    TOM,
    VERA,
    Desk,
    value,
)


class World:
    """Root (public, not in the CA list) -> issuing -> leaf; the first is all that is missing in ACME's thread."""

    def __init__(self, desk: Desk, root: Ca) -> None:
        self.desk = desk
        self.root = root
        self.issuing = root.intermediate("Issuing")
        self.known = KnownRoots(desk.store, desk.chains, desk.intake, desk.clock)

    def ask(self) -> int:
        """Drop leaf and intermediate; returns the number of the request for the root."""
        self.desk.drop(self.issuing.leaf("acme-b2b"), self.issuing, thread="5.0")
        return self.desk.only_prompt().prompt.id

    def anchor(self, issued: Issued) -> AnchorState | None:
        """What the certificate counts as in the CA list."""
        with self.desk.store.begin() as tx:
            stored = tx.certificates.by_sha256(issued.sha256)
            ca = tx.ca_certificates.by_certificate(stored.id) if stored else None
            return ca.anchor if ca else None


def desk_knowing(database: Database, roots: Sequence[Certificate]) -> Desk:
    """A desk whose well-known public roots are these."""
    known = CaIndex(roots, {one.sha256 for one in roots})
    return Desk(database, lambda: known).found_partners()


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    """A world with one well-known public root."""
    root = Ca.root("Public Root")
    desk = desk_knowing(database, [value(root)])
    yield World(desk, root)
    desk.store.close()


def test_the_request_names_the_public_root_that_it_asks_for(world: World) -> None:
    """And nothing is in the CA list for that."""
    report = world.desk.chains.prompt_report(world.ask())
    assert report.public_root == value(world.root)
    assert world.anchor(world.root) is None


def test_a_click_takes_the_root_in_and_another_trust_admin_makes_it_an_anchor(world: World) -> None:
    """Tess clicks: requested, in the request's thread. Not by Tess but by Tom approved: the chain is complete."""
    prompt = world.ask()
    upload_id = world.known.request(TESS, prompt)
    upload = world.desk.intake.report(upload_id).upload
    assert (upload.channel, upload.thread_ts, upload.uploaded_by) == (ACME, "5.0", TESS.user_id)
    assert world.anchor(world.root) is AnchorState.REQUESTED
    waiting = world.desk.chains.prompt_report(prompt)
    assert (waiting.prompt.state, waiting.report.verdict) == (PromptState.ANSWERED, Verdict.UNAPPROVED_ROOT)
    ca = waiting.awaits_root
    assert ca is not None
    assert world.desk.place(f"root:{ca.id}") == (ACME, "5.0")
    with pytest.raises(NotAllowed) as caught:
        world.desk.ca_list.approve_root(TESS, ca.id, world.root.sha256)
    assert caught.value.reason == "own_upload"
    world.desk.ca_list.approve_root(TOM, ca.id, world.root.sha256)
    assert world.desk.chains.prompt_report(prompt).report.verdict is Verdict.COMPLETE


def test_the_audit_tells_that_the_root_came_from_the_public_list(world: World) -> None:
    """Who clicked, for which partner, which fingerprint."""
    prompt = world.ask()
    world.known.request(OLIVIA, prompt)
    with world.desk.store.begin() as tx:
        found = tx.audit.recent(20, subject=f"prompt:{prompt}")
    (entry,) = (one for one in found if one.action == "prompt.public_root")
    assert entry.actor == OLIVIA.user_id
    assert entry.data["public_root_sha256"] == world.root.sha256
    assert entry.data["partner_id"] == world.desk.partners.by_key("acme").id


def test_a_second_click_changes_nothing(world: World) -> None:
    """It finds the request answered."""
    prompt = world.ask()
    world.known.request(OLIVIA, prompt)
    before = world.desk.actions()
    with pytest.raises(WrongState) as caught:
        world.known.request(TESS, prompt)
    assert caught.value.state == "answered"
    assert world.desk.actions() == before


def test_clicks_at_the_same_moment_are_one_upload(world: World) -> None:
    """Four people press at once: who comes too late is told so, or gets the same upload."""
    prompt = world.ask()

    def click(person: Person) -> int | None:
        try:
            return world.known.request(person, prompt)
        except WrongState:
            return None

    uploads = set(at_once([partial(click, person) for person in (OLIVIA, OSCAR, TESS, PAULA)])) - {None}
    assert len(uploads) == 1
    assert world.desk.actions().count("upload.stored") == 2, "the leaf's file, the root"
    assert world.anchor(world.root) is AnchorState.REQUESTED


def test_the_partners_own_people_may_ask_for_it_as_they_may_drop_it(world: World) -> None:
    """Paula of ACME in ACME's channel; it awaits our approval all the same."""
    world.known.request(PAULA, world.ask())
    assert world.anchor(world.root) is AnchorState.REQUESTED


@pytest.mark.parametrize("person", [VERA, TOM, IAN, STRANGER, GUEST, BOT], ids=lambda one: one.name)
def test_who_may_not_upload_may_not_ask_for_it(world: World, person: Person) -> None:
    """No operator, a trust admin who is none, another partner's, a stranger, a guest, a bot."""
    prompt = world.ask()
    before = world.desk.actions()
    with pytest.raises(NotAllowed):
        world.known.request(person, prompt)
    assert world.desk.actions() == before


def test_what_is_no_public_root_is_not_offered(world: World) -> None:
    """Another company's root of the same name, with its own key; and no request at all."""
    issuing = Ca.root("Public Root").intermediate("Issuing")
    world.desk.drop(issuing.leaf("acme-b2b"), issuing, thread="5.0")
    report = world.desk.only_prompt()
    assert report.public_root is None
    with pytest.raises(Outdated):
        world.known.request(OLIVIA, report.prompt.id)
    with pytest.raises(NotFound):
        world.known.request(OLIVIA, 4711)


def test_a_public_root_that_the_ca_list_has_and_a_rule_forbids_is_not_offered_again(
    database: Database,
) -> None:
    """It has expired: adding it would not help, and the request says why it is not it."""
    root = Ca.root("Public Root", not_after=NOW - days(1))
    desk = desk_knowing(database, [value(root)])
    world = World(desk, root)
    prompt = world.ask()
    desk.drop(root, channel=HOME, thread="9.0")
    report = desk.chains.prompt_report(prompt)
    assert report.missing is not None
    assert report.missing.known_root == value(root)
    assert report.public_root is None
    desk.store.close()


def test_a_root_from_a_file_is_known_as_public_until_it_is_approved(world: World) -> None:
    """The whole chain in one file: its report and the root's own request say so."""
    report = world.desk.drop(world.issuing.leaf("acme-b2b"), world.issuing, world.root)
    leaf = report.items[0]
    assert (leaf.report.verdict, leaf.report.known_root) == (Verdict.UNAPPROVED_ROOT, value(world.root))
    ca = next(item.ca for item in report.items if item.certificate.sha256 == world.root.sha256)
    assert ca is not None
    assert world.desk.ca_list.root_report(ca.id).public_root == value(world.root)


def test_another_certificate_of_a_public_root_is_told_from_the_listed_one(world: World) -> None:
    """The same name and key, renewed: the request shows the listed one's fingerprint beside its own."""
    renewed = world.root.cross_sign(world.root, not_after=NOW + days(9_000))
    (item,) = world.desk.drop(renewed).items
    assert item.ca is not None
    report = world.desk.ca_list.root_report(item.ca.id)
    assert report.certificate.sha256 == renewed.sha256
    assert report.public_root == value(world.root)


def test_details_hold_the_opinion_of_the_public_web_where_there_is_a_root(world: World) -> None:
    """Root (absent, then approved) -> issuing -> leaf without alternative names."""
    leaf = world.issuing.leaf("acme-b2b")
    report = world.desk.drop(leaf, world.issuing)
    assert world.desk.intake.details(report.upload.id, leaf.sha256).public_web is None
    world.desk.trust(world.root)
    found = world.desk.intake.details(report.upload.id, leaf.sha256)
    assert found.item.report.verdict is Verdict.COMPLETE
    assert found.public_web is not None
    assert not found.public_web.accepted
    assert world.desk.intake.details(report.upload.id, world.issuing.sha256).public_web is None, "a CA's"
    with pytest.raises(NotFound):
        world.desk.intake.details(report.upload.id, world.root.sha256)


def test_real_sites_lack_nothing_but_the_approval_of_their_public_root(tmp_path: Path) -> None:
    """As served, without the root, at the moment of the suite: click, approval by another, chain complete."""
    named = 0
    for place, case in enumerate(one for one in cases("limbo_core.json") if one.id.startswith("online::")):
        folder = tmp_path / str(place)
        folder.mkdir()
        with new_database(KINDS[0], folder) as database:
            desk = Desk(database).found_partners()
            desk.now = case.moment
            desk.drop("\n".join([case.raw["peer_certificate"], *case.raw["untrusted_intermediates"]]))
            named += completes_by_approval(desk)
            desk.store.close()
    assert named >= 10, "Mozilla's list loses a root now and then, not all of them"


def completes_by_approval(desk: Desk) -> bool:
    """Click and approve where the only request names a public root; False where it names none."""
    prompt = desk.only_prompt()
    if prompt.public_root is None:
        return False
    assert public_roots().get(prompt.public_root.sha256) == prompt.public_root
    known = KnownRoots(desk.store, desk.chains, desk.intake, desk.clock)
    (item,) = desk.intake.report(known.request(TESS, prompt.prompt.id)).items
    assert item.ca is not None
    desk.ca_list.approve_root(TOM, item.ca.id, item.certificate.sha256)
    assert desk.chains.prompt_report(prompt.prompt.id).report.verdict is Verdict.COMPLETE
    return True
