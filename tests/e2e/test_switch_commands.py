"""Switches and connections by command: what is refused before a form opens, and what the answers' buttons do."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.commands import ACME, CERTIFICATES, ask, button, dismiss, form_of, labels, names, propose
from tests.e2e.conftest import PATIENT, World
from tests.e2e.office import text_of, wait_for


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demo world with its bot; the tests here do not disturb each other."""
    world = World(tmp_path_factory.mktemp("switch-commands"))
    try:
        world.start_bot()
        yield world
    finally:
        world.close()


def test_what_a_typed_switch_would_be_refused_for_is_said_before_any_form_opens(world: World) -> None:
    """A certificate that is in use there, one that is not there, a reason that nobody reads, another's channel."""
    olivia = world.member("UOLIVIA")
    current = next(name for name in names(world) if name.startswith("globex-as2"))
    for text, channel, words in (
        (f'switch globex-as2 "{current}" again', CERTIFICATES, "in use on this connection already"),
        ("switch globex-as2 nothing-like-it", CERTIFICATES, "There is no certificate"),
        (f"switch globex-as2 x {'y' * 501}", CERTIFICATES, "too long"),
        ("switch globex-as2", ACME, "another partner's channel"),
    ):
        assert words in text_of(ask(olivia, text, channel))
    assert not olivia._get("/client/views")["views"]


def test_a_form_that_comes_too_late_for_slack_is_said_to_be_so(world: World) -> None:
    """No incident of ours: whoever asked has to ask again."""
    tess = world.member("UTESS")
    world.misbehave(trigger_seconds=0.01)
    try:
        with ThreadPoolExecutor(1) as asking:
            with world.frozen_bot():
                sent = asking.submit(tess.command, CERTIFICATES, "partner add")
                world.wait_for_payloads(1)
                over = time.monotonic() + 0.02
                wait_for("the trigger to expire", lambda: time.monotonic() > over)
            assert sent.result()["ok"]
        told = tess.told(CERTIFICATES, "please try again")
    finally:
        world.misbehave(trigger_seconds=PATIENT["trigger_seconds"])
    assert "three seconds" in told
    assert "went wrong" not in told


def test_of_two_quick_choices_in_a_form_the_later_one_counts(world: World) -> None:
    """Made while the bot stands still, both on the form as it was: nothing breaks, and the form asks for the last."""
    olivia = world.member("UOLIVIA")
    view = form_of(olivia, "switch acme-https", ACME)
    block = next(one for one in view["blocks"] if (one.get("element") or {}).get("action_id") == "propose.mode")
    where = {"view_id": view["id"], "block_id": block["block_id"], "action_id": "propose.mode"}
    options = {one["value"]: one for one in block["element"]["options"]}
    with ThreadPoolExecutor(2) as choices:
        with world.frozen_bot():
            sent = []
            for count, mode in enumerate(("at", "overlap"), start=1):
                choice = {**where, "selected_option": options[mode]}
                sent.append(choices.submit(olivia._post, "/client/action", choice))
                world.wait_for_payloads(count)
        assert all(one.result()["ok"] for one in sent)
    wait_for(
        "the form to ask for the window", lambda: "until" in [one.get("block_id") for one in olivia.modal()["blocks"]]
    )
    world.settle()
    assert olivia.modal()["title"]["text"] == "Propose a switch"
    dismiss(olivia, olivia.modal())


def test_a_connection_with_an_open_switch_is_decided_on_from_its_answer(world: World) -> None:
    """Who may decide has the buttons, and is told that a click counted; who proposed it has none but the details."""
    olivia, adam = world.member("UOLIVIA"), world.member("UADAM")
    known = names(world)
    olivia.drop(ACME, "full.p7b", world.sample("acme-b2b-full.p7b"))
    (new,) = wait_for("the new certificate", lambda: [one for one in names(world) if one not in known])
    ready = ask(olivia, "connection acme-https")
    assert f"*Next:* propose a switch: *{new}*" in text_of(ready)
    assert {"Propose switch", "Change"} <= set(labels(ready))
    assert olivia.act(CERTIFICATES, ready["ts"], *button(ready, "Propose switch"))["ok"]
    dismiss(olivia, olivia.modal("Propose a switch"))

    propose(world, "acme-https", new, ACME)
    world.settle()  # its message is there, so that it can be linked to
    shown = ask(adam, "connection acme-https", ACME)
    assert f"*Open switch* to *{new}*: *waits for approvals* (ours and the partner's) · <http" in text_of(shown)
    assert {"Approve", "Reject", "Details"} <= set(labels(shown))
    assert not {"Approve", "Propose switch"} & set(labels(ask(olivia, "connection acme-https")))
    assert "open switch" in text_of(ask(olivia, f'switch acme-https "{new}" twice', ACME))

    before = len(adam.ephemerals(ACME))
    assert adam.act(ACME, shown["ts"], *button(shown, "Approve"))["ok"]
    adam.told(ACME, "Noted.", after=before)
    assert world.rows("select user_id from approval") == [("UADAM",)]
    assert "(the partner's)" in text_of(ask(adam, "connection acme-https", ACME))
    world.rows("update switch set state = 'cancelled' where state = 'proposed'")
