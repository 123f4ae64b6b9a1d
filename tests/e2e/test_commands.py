"""Every command over the wire: what it answers, to whom, and what it refuses. One world for the whole file."""

from collections.abc import Iterator

import pytest

from tests.e2e.commands import (
    ACME,
    CERTIFICATES,
    ELSEWHERE,
    GLOBEX,
    ask,
    button,
    chosen,
    dismiss,
    form_of,
    names,
    propose,
    typed,
)
from tests.e2e.conftest import World
from tests.e2e.office import Member, buttons_of, text_of, wait_for


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demo world with its bot; the tests here do not disturb each other."""
    world = World(tmp_path_factory.mktemp("commands"))
    try:
        world.start_bot()
        yield world
    finally:
        world.close()


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
