"""What the forms around a switch make of what people, or anybody else, send."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.services.errors import BadInput
from bot.services.switches import SwitchMode
from bot.services.timing import Timing
from handlers.views import form, modals, policy, propose, timing
from handlers.views.form import Origin
from handlers.views.propose import Draft
from storage.records import Partner, PartnerCertificate, Policy, QuietHours
from storage.switch_records import Connection, Role
from tests.handlers.blockkit import message_faults
from tests.lab.builders import NOW

ABOUT = Origin("C0ACME", "1.2", "acme")
PARTNER = Partner(1, "acme", "ACME", "T0ACME", ("C0ACME",))
POLICIES = (
    Policy(),
    Policy(5, partner_confirms=False, lives_days=60),
    Policy(2, quiet=QuietHours(22 * 60, 6 * 60 + 7, "Europe/Berlin")),
)


def connection(role: Role, certificate: int | None = 1) -> Connection:
    """A connection, with a certificate in use or without."""
    return Connection(7, 1, "acme-https", role, "https://acme.example", "files", certificate, 1, ())


def sent(view: dict[str, Any]) -> dict[str, Any]:
    """What Slack sends of a form that nobody has touched."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        element = block.get("element") or {}
        state = {
            "value": element.get("initial_value"),
            "selected_option": element.get("initial_option"),
            "selected_date_time": element.get("initial_date_time"),
            "selected_options": element.get("initial_options"),
        }
        values[block.get("block_id", "-")] = {element.get("action_id", "-"): state}
    return form.values({"state": {"values": values}})


def test_what_is_chosen_already_is_among_the_choices_however_many_there_are() -> None:
    """Slack takes a hundred: the connection that was typed and its certificate stand beyond them."""
    connections = [replace(connection(Role.ACCEPTS), id=one, name=f"acme-{one}") for one in range(1, 151)]
    certificates = [PartnerCertificate(one, 1, 1, "ab" * 32, b"", f"c{one}", "U", NOW, 1) for one in range(1, 151)]
    made = propose.render(ABOUT, connections, connections[-1], certificates, Draft(150, "why"), NOW)
    assert [one for one in message_faults("-", made["blocks"]) if "options" in one] == []
    filled = propose.filled_in(sent(made))
    assert (filled.certificate_id, filled.reason) == (150, "why")
    assert sent(made)["connection"] == "150"


@pytest.mark.parametrize("reason", ["a renewal", "", 'of "ACME" & <sons>\u0007', "ä" * 500, "\u0001" * 500])
def test_what_was_typed_comes_back_from_the_button_that_opens_the_form(reason: str) -> None:
    """But for a reason that would be too long for a button once it is written down."""
    value = propose.button_for(connection(Role.ACCEPTS), Draft(12, reason))["value"]
    assert len(value) <= 2000
    connection_id, draft = propose.asked(value)
    assert (connection_id, draft.certificate_id) == (7, 12)
    assert draft.reason == ("" if reason.startswith("\u0001") else reason)


@pytest.mark.parametrize("value", ["", "-", "[]", "7", "{}", '{"connection": "7", "certificate": true}', "[" * 2000])
def test_a_value_that_is_none_of_ours_is_an_empty_form(value: str) -> None:
    """It comes back from outside."""
    assert propose.asked(value) == (0, Draft())


@pytest.mark.parametrize("kept", POLICIES)
def test_a_policys_form_sent_untouched_changes_nothing(kept: Policy) -> None:
    """Also where its quiet hours begin at an odd minute."""
    assert policy.filled_in(sent(policy.change(ABOUT, PARTNER, kept))) == kept


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ours": "1", "quiet_from": "60"}, "quiet_to"),
        ({"ours": "1", "quiet_to": "60", "quiet_from": "none"}, "quiet_to"),
        ({"ours": "many"}, "ours"),
        ({"ours": "1", "lives_days": "-3"}, "lives_days"),
        ({"ours": "1", "lives_days": "٣"}, "lives_days"),
        ({}, "ours"),
    ],
)
def test_a_policy_that_cannot_be_read_is_refused_at_its_field(fields: dict[str, str], field: str) -> None:
    """Half of the quiet hours, words for numbers, digits of another script."""
    with pytest.raises(BadInput) as refusal:
        policy.filled_in(fields)
    assert refusal.value.field == field


def test_a_proposals_form_sent_untouched_is_the_draft() -> None:
    """Mode, moment, window and reason come back as they were; the window where none was chosen is three days."""
    entry = PartnerCertificate(3, 1, 1, "ab" * 32, b"", "acme 2026", "UOLIVIA", NOW, 1)
    known = connection(Role.ACCEPTS)
    window = NOW + timedelta(days=3)
    for kept, comes_back in (
        (Timing(), Timing()),
        (Timing(SwitchMode.AT, due_at=NOW), Timing(SwitchMode.AT, due_at=NOW)),
        (Timing(SwitchMode.FIRST_SEEN), Timing(SwitchMode.FIRST_SEEN, until=window)),
        (Timing(SwitchMode.OVERLAP, until=NOW), Timing(SwitchMode.OVERLAP, until=NOW)),
    ):
        page = propose.render(ABOUT, [known], known, [entry], Draft(3, "Why", kept), NOW)
        assert propose.filled_in(sent(page)) == Draft(3, "Why", comes_back)


@pytest.mark.parametrize(
    "moment", ["", "soon", "-1764000000", "99999999999999999999", "1e9", "١٧٦٤٠٠٠٠٠٠", None, 12, []]
)
def test_what_is_no_moment_counts_as_not_given(moment: object) -> None:
    """Then the service asks for one."""
    draft = propose.filled_in({"mode": "whenever", "due_at": moment, "certificate": "9; drop"})
    assert draft == Draft()


def test_every_connection_that_can_be_switched_as_well_is_ticked_up_to_what_slack_takes() -> None:
    """Ten boxes are one group of Slack's; where there is none, nothing is asked."""
    known = connection(Role.ACCEPTS)
    others = [replace(known, id=100 + number, name=f"acme-{number}") for number in range(12)]
    for beside, ticked in ((others, 10), (others[:1], 1), ([], 0)):
        page = propose.render(ABOUT, [known], known, [], Draft(), NOW, beside)
        assert propose.filled_in(sent(page)).also == tuple(one.id for one in beside[:ticked])
    assert propose.filled_in({"also": ["7", "x", "٣", "9" * 30, None]}).also == (7,)
    assert propose.filled_in({"also": "7"}).also == ()


def test_the_gateway_is_asked_for_where_there_are_several() -> None:
    """The first one stands there already."""
    assert "gateway" not in sent(modals.connection_add(ABOUT, [PARTNER], None, ["files"]))
    form = modals.connection_add(ABOUT, [PARTNER], None, ["edge", "files"])
    assert sent(form)["gateway"] == "edge"
    (hint,) = (one["hint"]["text"] for one in form["blocks"] if one["block_id"] == "gateway")
    assert "has to know the connection" in hint, "else its first switch is undone, and why comes as a surprise"


def test_what_the_partners_endpoint_cannot_show_is_not_offered() -> None:
    """A certificate that our gateway presents has a moment only; without one in use there is nothing to overlap."""
    assert propose.modes(connection(Role.PRESENTS)) == (SwitchMode.NOW, SwitchMode.AT)
    assert SwitchMode.OVERLAP not in propose.modes(connection(Role.ACCEPTS, certificate=None))
    assert set(propose.modes(connection(Role.ACCEPTS))) == set(SwitchMode) == set(timing.MODES)


def test_a_mode_that_the_other_connection_cannot_have_becomes_now() -> None:
    """The connection was chosen anew after the mode."""
    draft = Draft(timing=Timing(SwitchMode.OVERLAP, until=datetime(2026, 12, 1, tzinfo=UTC)))
    known = connection(Role.PRESENTS)
    assert propose.filled_in(sent(propose.render(ABOUT, [known], known, [], draft, NOW))).timing == Timing()
