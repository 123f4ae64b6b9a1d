"""Every command over the wire: what it answers, to whom, and what it refuses. One world for the whole file."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.conftest import PATIENT, World
from tests.e2e.forms import filled
from tests.e2e.office import Member, Message, View, buttons_of, text_of, wait_for

ACME = "C0ACMEB2B"
GLOBEX = "C0GLOBEXAS2"
CERTIFICATES = "C0CERTS"
ELSEWHERE = "C0ELSEWHERE"  # no member but people: Countersign was never invited


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demo world with its bot; the tests here do not disturb each other."""
    world = World(tmp_path_factory.mktemp("commands"))
    try:
        world.start_bot()
        yield world
    finally:
        world.close()


def ask(person: Member, text: str, channel: str = CERTIFICATES) -> Message:
    """Type a command and wait for the answer that only this person sees."""
    before = len(person.ephemerals(channel))
    assert person.command(channel, text)["ok"]
    return wait_for(f"an answer to /cert {text}", lambda: person.ephemerals(channel)[before:])[-1]


def form_of(person: Member, text: str, channel: str = CERTIFICATES) -> View:
    """Type a command that is answered by a form."""
    assert person.command(channel, text)["ok"]
    return person.modal()


def dismiss(person: Member, view: View) -> None:
    """Close a form."""
    assert person._post("/client/view/close", {"view_id": view["id"], "clear": True})["ok"]


def typed(**fields: str) -> dict[str, dict[str, str]]:
    """Text fields of a form."""
    return {name: {"value": value} for name, value in fields.items()}


def chosen(view: View, action_id: str, words: str) -> dict[str, dict[str, object]]:
    """A choice in a select of the form, by words of its label."""
    element = next(one["element"] for one in view["blocks"] if (one.get("element") or {}).get("action_id") == action_id)
    option = next(one for one in element["options"] if words in one["text"]["text"])
    return {action_id: {"selected_option": option}}


def names(world: World) -> list[str]:
    """All display names."""
    return [name for (name,) in world.rows("select display_name from partner_certificate order by id")]


@pytest.mark.parametrize(
    ("typed_text", "words"),
    [
        ("", ["/cert partner add", "/cert switch"]),
        ("help", ["/cert partner add", "/cert switch"]),
        ("partners", ["ACME Components", "Globex", "Initech", "<#C0ACMEB2B>"]),
        ("list acme", ["acme-b2b 2", "acme-https"]),
        ("list ACME", ["acme-b2b 2"]),
        ("show globex-as2", ["globex-as2"]),
        ("ca", ["Nordlicht Root CA 2019", "Baltic"]),
        ("connections initech", ["initech-https", "StockReport", "https://127.0.0.1:"]),
        (
            "connection Globex-AS2",
            ["`globex-as2` of *Globex", "*In use:* *globex-as2 2", "holds what is on record", "Invoicing", "*Next:*"],
        ),
        ("switches", []),
        ("audit", ["listed the certificate"]),
        ("audit globex", ["globex"]),
    ],
)
def test_what_is_asked_by_command_is_answered_to_the_one_who_asked_only(
    world: World, typed_text: str, words: list[str]
) -> None:
    """Nobody else in the channel sees a word of it."""
    olivia, adam = world.member("UOLIVIA"), world.member("UADAM")
    if typed_text == "show globex-as2":
        typed_text = f"show {next(name for name in names(world) if name.startswith('globex-as2'))}"
    answer = text_of(ask(olivia, typed_text))
    for word in words:
        assert word in answer
    assert not adam.ephemerals(CERTIFICATES)
    assert not [one for one in adam.channel(CERTIFICATES) if one.get("bot_id")]


@pytest.mark.parametrize(
    ("typed_text", "words"),
    [
        ("list", ["acme", "globex", "initech"]),
        ("connections", ["acme", "globex", "initech"]),
        ("list nobody", ["nobody"]),
        ("list acem", ["acme"]),
        ("show", ["/cert show NAME"]),
        ("show no such thing", ["no such thing"]),
        ("partner add hooli", ["/cert partner add KEY NAME"]),
        ("partner", ["/cert partner add"]),
        ("conection add x", ["/cert connection add"]),
        ("connection", ["/cert connection NAME", "/cert connection add"]),
        ("connection acme-htps", ["There is no connection `acme-htps`", "`acme-https`"]),
        ("rename only-one", ["/cert rename"]),
        ("delete", ["/cert delete NAME"]),
        ("swich", ["/cert switch"]),
        ("switch no-such-connection", ["no-such-connection"]),
        ("frobnicate the widget", ["/cert help"]),
        ("show <!channel> &lt;@UADAM&gt;", []),
    ],
)
def test_what_is_unknown_or_incomplete_is_answered_with_the_nearest_help(
    world: World, typed_text: str, words: list[str]
) -> None:
    """No answer is a stack trace, and none pings anybody."""
    answer = ask(world.member("UOLIVIA"), typed_text)
    for word in words:
        assert word in text_of(answer)
    assert "<!channel>" not in str(answer)
    assert "<@UADAM>" not in str(answer)
    assert "went wrong" not in text_of(answer)


def test_in_a_partners_channel_the_partner_need_not_be_named(world: World) -> None:
    """The channel tells."""
    adam = world.member("UADAM")
    assert "acme-b2b" in text_of(ask(adam, "list", ACME))
    assert "acme-https" in text_of(ask(adam, "connections", ACME))


def test_a_partner_is_added_by_arguments_or_by_a_form_and_only_once(world: World) -> None:
    """Key, name and channel; what is wrong with a field is said at the field."""
    olivia = world.member("UOLIVIA")
    ask(olivia, "partner add hooli Hooli Freight <#C0CERTSX1|x>")
    assert world.rows("select name from partner where key = 'hooli'") == [("Hooli Freight",)]
    assert "hooli" in text_of(ask(olivia, "partner add hooli Another"))
    ask(olivia, "partner add Bad_Key! Somebody")

    view = form_of(olivia, "partner add")
    refused = olivia.submit(view, typed(key="No Such Key!", name="Umbrella"))
    assert refused["response_action"] == "errors"
    assert list(refused["errors"]) == ["key"]
    refused = olivia.submit(view, typed(key="hooli", name="Umbrella"))
    assert list(refused["errors"]) == ["key"]
    assert olivia.submit(view, typed(key="umbrella", name="Umbrella & <Sons>"))["response_action"] == "update"
    dismiss(olivia, olivia.modal())
    assert world.rows("select name from partner where key = 'umbrella'") == [("Umbrella & <Sons>",)]
    assert world.rows("select count(*) from partner where created_by = 'UOLIVIA'") == [(2,)]


def test_a_connection_is_added_by_arguments_or_by_a_form_and_bad_addresses_are_refused(world: World) -> None:
    """https, a host, and nothing that hides another; nothing is stored of what is refused."""
    olivia = world.member("UOLIVIA")
    ask(olivia, "connection add initech initech-edi accepts <https://edi.initech.example:4080/as2> Orders, Invoicing")
    assert world.rows("select uri, role from connection where name = 'initech-edi'") == [
        ("https://edi.initech.example:4080/as2", "accepts")
    ]
    for uri in (
        "http://edi.example/",
        "javascript:alert(1)",
        "https://user:secret@edi.example/",
        "https:///nowhere",
        "https://edi.example:99999/",
        "file:///etc/passwd",
        "edi.example",
    ):
        ask(olivia, f"connection add initech bad-address accepts {uri}")
    ask(olivia, "connection add initech bad-role sideways https://edi.example/")
    ask(olivia, "connection add nobody no-partner accepts https://edi.example/")
    ask(olivia, "connection add initech initech-edi accepts https://edi.example/")
    assert world.rows("select count(*) from connection where name like 'bad-%' or name = 'no-partner'") == [(0,)]

    assert "initech-in" in text_of(ask(olivia, "connection add initech initech-in accepts inbound Orders"))
    assert "the partner comes to us" in text_of(ask(olivia, "connections initech"))

    view = form_of(olivia, "connection add", GLOBEX)
    fields = {**chosen(view, "partner", "Globex"), **chosen(view, "role", "presents: our")}
    for uri in ("http://globex.example/", "inbound"):  # what we present has to be seen somewhere
        refused = olivia.submit(view, {**fields, **typed(name="globex-out", uri=uri)})
        assert list(refused["errors"]) == ["uri"]
    good = {**fields, **typed(name="globex-out", uri="https://globex.example/as2", choreographies="Invoicing, Returns")}
    assert olivia.submit(view, good)["response_action"] == "update"
    dismiss(olivia, olivia.modal())
    assert world.rows("select role from connection where name = 'globex-out'") == [("presents",)]
    assert "Returns" in text_of(ask(olivia, "connections globex"))


def test_a_certificate_is_renamed_by_arguments_or_by_a_form(world: World) -> None:
    """The old name is not found any more, the new one is; a name is taken once in a list."""
    olivia = world.member("UOLIVIA")
    old = next(name for name in names(world) if name.startswith("globex-as2"))
    ask(olivia, f'rename "{old}" "globex *first* <b>"')
    assert "globex *first* <b>" in names(world)
    view = form_of(olivia, "rename")
    refused = olivia.submit(view, typed(name="no such certificate", new="x"))
    assert list(refused["errors"]) == ["name"]
    assert olivia.submit(view, typed(name="globex *first* <b>", new="globex second"))["response_action"] is None
    shown = ask(olivia, "show globex second")
    assert olivia.act(CERTIFICATES, shown["ts"], *button(shown, "Rename"))["ok"]
    assert olivia.submit(olivia.modal(), typed(new=old))["response_action"] is None
    assert old in names(world)


def button(message: Message, label: str) -> tuple[str, str]:
    """Block and action of a button."""
    found = next(one for one in buttons_of(message) if one["text"]["text"].startswith(label))
    return found["block_id"], found["action_id"]


def propose(world: World, connection: str, certificate: str, channel: str) -> None:
    """Type a switch, and send the form that has all of it."""
    olivia = world.member("UOLIVIA")
    view = form_of(olivia, f'switch {connection} "{certificate}" yearly renewal', channel)
    kept = filled(view)
    assert kept["propose.connection"]["selected_option"]["text"]["text"].startswith(connection)
    assert kept["propose.certificate"]["selected_option"]["text"]["text"] == certificate
    assert kept["reason"] == {"value": "yearly renewal"}
    assert kept["propose.mode"]["selected_option"]["value"] == "now"
    assert olivia.submit(view, kept)["ok"]


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


def labels(message: Message) -> list[str]:
    """What its buttons say."""
    return [one["text"]["text"] for one in buttons_of(message)]


def test_nothing_is_deleted_while_something_refers_to_it(world: World) -> None:
    """A certificate in use, one that an open switch leads to, a CA certificate in a chain; each is named at once.

    What came to be needed between the question and the click is refused at the click.
    """
    olivia, tess = world.member("UOLIVIA"), world.member("UTESS")
    in_use = next(name for name in names(world) if name.startswith("initech-edi"))
    assert "initech-https" in refusal(olivia, f"delete {in_use}")
    assert in_use in names(world)

    known = names(world)
    olivia.drop("C0INITECHEDI", "new.pem", world.sample("initech-edi-new.pem"))
    (new,) = wait_for("the new certificate", lambda: [one for one in names(world) if one not in known])
    question = ask(olivia, f"delete {new}")
    propose(world, "initech-https", new, "C0INITECHEDI")
    ((public_id,),) = world.rows("select public_id from switch where state = 'proposed'")
    assert public_id in refusal(olivia, f"delete {new}")
    before = len(olivia.ephemerals(CERTIFICATES))
    assert olivia.act(CERTIFICATES, question["ts"], *button(question, "Delete"))["ok"]
    assert public_id in text_of(wait_for("the refusal", lambda: olivia.ephemerals(CERTIFICATES)[before:])[-1])
    world.rows("update switch set state = 'cancelled' where state = 'proposed'")

    assert in_use in refusal(tess, "delete Baltic Business CA 2")
    question = ask(olivia, f"delete {new}")
    assert olivia.act(CERTIFICATES, question["ts"], *button(question, "Delete"))["ok"]
    wait_for("the deletion", lambda: new not in names(world))


def refusal(person: Member, text: str) -> str:
    """Type a deletion that is refused before anything is asked; why."""
    answer = ask(person, text)
    assert not buttons_of(answer)
    return text_of(answer)


def test_a_command_whose_answer_would_be_posted_is_refused_where_the_bot_is_no_member(world: World) -> None:
    """A proposal that nobody sees could never be decided."""
    olivia = world.member("UOLIVIA")
    assert "/invite" in text_of(ask(olivia, "import", ELSEWHERE))
    assert "/invite" in text_of(ask(olivia, "switch", ELSEWHERE))
    assert "acme" in text_of(ask(olivia, "partners", ELSEWHERE))
