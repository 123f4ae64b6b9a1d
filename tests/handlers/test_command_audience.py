"""Who may ask what, and what an answer that everybody reads may be about."""

import pytest

from bot.services.errors import NotAllowed, NotFound
from bot.services.people import Person, PersonRole, Spot
from handlers import audience, vocabulary
from handlers.audience import Asked
from storage.records import Partner

ACME = Partner(1, "acme", "ACME Components", "T0ACME", ("C0ACME",))
INITECH = Partner(2, "initech", "Initech", "T0INITECH", ("C0INI",))
OLIVIA = Person("UOLIVIA", "T0HOME", "Olivia", frozenset({PersonRole.OPERATOR}), is_home=True)
GUEST = Person("UGUEST", "T0HOME", "Guest", is_home=True, is_guest=True)
PAULA = Person("UPAULA", "T0ACME", "Paula")
IAN = Person("UIAN", "T0INITECH", "Ian")
SPOT = Spot("C0ACME", "1.2")

EVERY: list[vocabulary.Command] = [
    vocabulary.Partners(),
    vocabulary.PartnerAdd("x", "X"),
    vocabulary.PartnerChannel("x", "C0X"),
    vocabulary.ListCertificates(None),
    vocabulary.Show("x"),
    vocabulary.Rename("x", "y"),
    vocabulary.Delete("x"),
    vocabulary.Ca(),
    vocabulary.Connections(None),
    vocabulary.ShowConnection("x"),
    vocabulary.ConnectionAdd(),
    vocabulary.Choreographies(),
    vocabulary.DescribeChoreography("x", "y"),
    vocabulary.ProposeSwitch(),
    vocabulary.Switches(None),
    vocabulary.Audit(None),
]
FOR_PARTNERS = (
    vocabulary.ListCertificates,
    vocabulary.Connections,
    vocabulary.ShowConnection,
    vocabulary.Switches,
)


def _allowed(asked: Asked) -> set[type]:
    allowed = set()
    for command in EVERY:
        try:
            audience.check(asked, command)
        except NotAllowed:
            continue
        allowed.add(type(command))
    return allowed


def test_one_of_ours_may_ask_everything_by_command() -> None:
    """Only they see the answer."""
    assert _allowed(Asked(OLIVIA, SPOT, ACME)) == {type(command) for command in EVERY}


def test_a_partners_person_may_ask_for_lists_in_the_own_channel_only() -> None:
    """Nothing that changes anything, nothing about all partners."""
    assert _allowed(Asked(PAULA, SPOT, ACME, public=True, shared=True)) == set(FOR_PARTNERS)


@pytest.mark.parametrize("person", [IAN, GUEST])
def test_strangers_and_guests_get_no_answer(person: Person) -> None:
    """Another partner's person in this channel, and guests of ours."""
    assert _allowed(Asked(person, SPOT, ACME, public=True)) == set()


def test_what_would_name_other_partners_is_not_answered_where_a_partner_reads_along() -> None:
    """Whoever asks: the answer is for all in the channel."""
    allowed = _allowed(Asked(OLIVIA, SPOT, ACME, public=True, shared=True))

    assert allowed.isdisjoint({vocabulary.Partners, vocabulary.Ca, vocabulary.Audit, vocabulary.PartnerAdd})
    assert vocabulary.Show in allowed


def test_in_a_shared_channel_of_no_known_partner_nothing_is_answered() -> None:
    """Nobody knows who reads it."""
    assert _allowed(Asked(OLIVIA, SPOT, None, public=True, shared=True)) == set()


def test_help_is_for_everybody() -> None:
    """It tells nothing about anybody."""
    audience.check(Asked(IAN, SPOT, ACME, public=True), vocabulary.Help())


def test_a_partner_learns_nothing_by_asking_for_another() -> None:
    """Neither its list nor whether it is there."""
    asked = Asked(PAULA, SPOT, ACME, public=True)

    assert not audience.named(asked, "initech")
    assert audience.named(asked, "ACME")
    with pytest.raises(NotFound):
        audience.narrowed(asked, INITECH)


def test_one_of_ours_is_told_to_ask_in_private_about_another_partner() -> None:
    """The refusal itself goes to the one who asked."""
    with pytest.raises(NotAllowed) as refused:
        audience.narrowed(Asked(OLIVIA, SPOT, ACME, public=True), INITECH)

    assert refused.value.reason == "shared_channel"
    assert audience.narrowed(Asked(OLIVIA, SPOT, ACME), INITECH) == INITECH
