"""Who may ask for a fetch, when it is offered, and that asking often or at once is one upload."""

import socket
import threading

import pytest

from bot.services.errors import NotAllowed, NotFound, WrongState
from bot.services.fetching import Fetching, FetchRefused
from bot.services.people import Person
from storage.records import PromptState
from tests.services.ca_server import answering, response
from tests.services.desk import BOT, GLOBEX, GUEST, HOME, IAN, OLIVIA, OSCAR, PAULA, STRANGER, VERA
from tests.services.fetching_case import Case


def test_asking_twice_is_one_upload(case: Case) -> None:
    """The second click finds the request answered; so does one that was fetching at the same time."""
    prompt = case.ask()
    case.serve(case.issuing.der)
    case.fetching.fetch_issuer(OLIVIA, prompt)
    count = len(case.desk.actions())
    with pytest.raises(WrongState) as caught:
        case.fetching.fetch_issuer(OLIVIA, prompt)
    assert caught.value.state == "answered"
    assert len(case.desk.actions()) == count


def test_the_answer_may_come_otherwise_while_it_is_fetched(case: Case) -> None:
    """Somebody drops the issuer between question and answer: the fetched file is known already, nothing breaks."""
    prompt = case.ask()
    answer = answering(response(case.issuing.der))

    def slow(connection: socket.socket, stop: threading.Event) -> None:
        case.desk.drop(case.issuing, channel=HOME, thread="9.0")
        answer(connection, stop)

    case.serve(slow)
    (item,) = case.desk.intake.report(case.fetching.fetch_issuer(OLIVIA, prompt)).items
    assert item.already
    assert case.desk.chains.prompt_report(prompt).prompt.state is PromptState.ANSWERED


def test_two_clicks_at_the_same_time_are_one_upload(case: Case) -> None:
    """Oscar clicks while Olivia's fetch is under way, and is served first."""
    prompt = case.ask()
    answer = answering(response(case.issuing.der))
    ids: list[int] = []

    def first(connection: socket.socket, stop: threading.Event) -> None:
        if not ids:
            ids.append(0)
            ids.append(case.fetching.fetch_issuer(OSCAR, prompt))
        answer(connection, stop)

    case.serve(first)
    assert case.fetching.fetch_issuer(OLIVIA, prompt) == ids[1]
    assert case.desk.actions().count("upload.stored") == 3  # the anchor, the leaf, the issuer


def test_the_partners_own_people_may_ask_for_their_own_request(case: Case) -> None:
    """Paula of ACME clicks in ACME's channel."""
    prompt = case.ask()
    case.serve(case.issuing.der)
    case.fetching.fetch_issuer(PAULA, prompt)
    assert case.desk.chains.prompt_report(prompt).prompt.answered_by == PAULA.user_id


@pytest.mark.parametrize("person", [VERA, IAN, STRANGER, GUEST, BOT], ids=lambda one: one.name)
def test_who_may_not_upload_may_not_fetch(case: Case, person: Person) -> None:
    """No operator, another partner's, a stranger, a guest, a bot: the CA is not even asked."""
    prompt = case.ask()
    with pytest.raises(NotAllowed):
        case.fetching.check(person, prompt)
    with pytest.raises(NotAllowed):
        case.fetching.fetch_issuer(person, prompt)
    assert case.site.names.asked == []


def test_a_partners_people_may_not_fetch_for_another_partner(case: Case) -> None:
    """Paula and a request in Globex's channel."""
    prompt = case.ask(channel=GLOBEX)
    with pytest.raises(NotAllowed):
        case.fetching.fetch_issuer(PAULA, prompt)


def test_it_is_offered_where_there_is_an_address_and_the_request_waits(case: Case) -> None:
    """With http or https; not when switched off, not when answered."""
    desk = case.desk
    prompt = case.ask()
    waiting = desk.chains.prompt_report(prompt).prompt
    off = Fetching(desk.store, desk.chains, desk.intake, None, desk.clock)
    assert (case.standing(prompt).offered, off.standing(waiting).offered) == (True, False)
    with pytest.raises(FetchRefused) as caught:
        off.check(OLIVIA, prompt)
    assert caught.value.reason == "switched_off"
    case.serve(case.issuing.der)
    case.fetching.fetch_issuer(OLIVIA, prompt)
    assert not case.standing(prompt).offered


def test_without_a_web_address_there_is_nothing_to_fetch(case: Case) -> None:
    """A directory alone."""
    prompt = case.ask("ldap://ldap.ca.example/cn=Issuing")
    assert not case.standing(prompt).offered
    with pytest.raises(FetchRefused) as caught:
        case.fetching.fetch_issuer(OLIVIA, prompt)
    assert caught.value.reason == "no_url"


def test_a_failure_is_shown_until_the_request_is_answered(case: Case) -> None:
    """404, then something broke on our side, then the issuer is dropped by hand."""
    prompt = case.ask()
    assert case.standing(prompt).failure is None
    case.serve(response(b"gone", "404 Not Found"))
    case.refused(prompt)
    case.fetching.give_up(OSCAR, prompt)
    standing = case.standing(prompt)
    assert standing.offered
    assert standing.failure is not None
    assert (standing.failure.by, standing.failure.refusals[0].reason) == (OSCAR.user_id, "internal_error")
    case.desk.drop(case.issuing)
    assert case.standing(prompt).failure is None


def test_an_unknown_request_is_not_found(case: Case) -> None:
    """As after a clean-up."""
    with pytest.raises(NotFound):
        case.fetching.fetch_issuer(OLIVIA, 4711)
