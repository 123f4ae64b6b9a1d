"""The product's story over the wire: from a dropped PEM to a proven switch, as people live it."""

from tests.e2e.conftest import BOTH_TRANSPORTS, World
from tests.e2e.office import Member, Message, buttons_of, text_of

pytestmark = BOTH_TRANSPORTS
ACME = "C0ACMEB2B"
GLOBEX = "C0GLOBEXAS2"
INITECH = "C0INITECHEDI"
CERTIFICATES = "C0CERTS"
FAIR = "C0FAIR"

FIRST_CHOICE = "first"


def propose(person: Member, channel: str, summary: Message, reason: str = "The old one ends soon") -> dict[str, object]:
    """Press "Propose switch", take the form's first choices, give a reason and send it."""
    assert person.press(channel, summary, "Propose switch")["ok"]
    view = person.modal()
    values = {}
    for block in view["blocks"]:
        element = block.get("element") or {}
        if element.get("type") == "static_select":
            values[element["action_id"]] = {"selected_option": element.get("initial_option") or element["options"][0]}
        if element.get("type") == "plain_text_input":
            values[element["action_id"]] = {"value": reason}
    return person.submit(view, values)


def proposed(world: World, ts: str, summary: Message) -> Message:
    """A proposal by Olivia, once the look at the endpoint is in it."""
    olivia = world.member("UOLIVIA")
    assert propose(olivia, ACME, summary)["ok"]
    return olivia.sees(ACME, ts, "waits for approvals", "presents now", "certificate *in use*")


def complete_chain(world: World) -> tuple[str, Message]:
    """ACME's new certificate with its whole chain in one file."""
    olivia = world.member("UOLIVIA")
    ts = olivia.drop(ACME, "acme-b2b-full.p7b", world.sample("acme-b2b-full.p7b"))
    return ts, olivia.sees(ACME, ts, "new certificate", "Chain complete")


def test_from_a_dropped_pem_to_a_proven_switch(world: World) -> None:
    """Leaf without its issuer -> prompt -> issuer -> complete -> proposal -> both sides -> proof.

    Where it is told on PostgreSQL nothing of it is written to SQLite, neither of the store nor of the durable jobs.
    """
    live_the_story(world)
    files = list((world.folder / "data").glob("*.sqlite*"))
    assert bool(files) is not bool(world.settings.database_url)


def live_the_story(world: World) -> None:
    """The main job once through, with every claim on the way."""
    olivia, adam, paula = (world.member(user) for user in ("UOLIVIA", "UADAM", "UPAULA"))

    ts = olivia.drop(ACME, "acme-b2b-new.pem", world.sample("acme-b2b-new.pem"))
    prompt = olivia.sees(ACME, ts, "Missing issuer", "Nordlicht Issuing CA 4", "Nordlicht Trust Services GmbH")
    assert "http://pki.nordlicht.example/issuing-4.crt" in text_of(prompt), "the certificate's own address is named"

    olivia.drop(ACME, "nordlicht-issuing-ca-4.cer", world.sample("nordlicht-issuing-ca-4.cer"), ts)
    answered = olivia.sees(ACME, ts, "Issuer found", "chain is complete")
    assert answered["ts"] == prompt["ts"], "the old prompt is updated in place"
    summary = olivia.sees(ACME, ts, "new certificate", "Chain complete", "Nordlicht Root CA 2019")

    proposal = proposed(world, ts, summary)
    for name in ("AdvanceShipNotice", "OrderToCash", "ProcureToPay"):
        assert name in text_of(proposal)

    assert adam.press(ACME, proposal, "Approve")["ok"]
    half = adam.sees(ACME, ts, "waits for approvals", ":white_check_mark: *Ours*: <@UADAM>")
    world.lab.set_presented("acme", "new")
    assert paula.press(ACME, half, "Confirm")["ok"]

    proof = paula.sees(ACME, ts, "roven", "TLSv1.3")
    for name in ("AdvanceShipNotice", "OrderToCash", "ProcureToPay"):
        assert name in text_of(proof), "the proof names every choreography"
    final = paula.sees(ACME, ts, "Switch", "proven")
    assert final["ts"] == proposal["ts"]
    assert not buttons_of(final), "a decided switch has no buttons"
    used = paula.sees(ACME, ts, "new certificate", "In use on", "acme-https")
    assert used["ts"] == summary["ts"], "the answer to the file says where the certificate is now"
    assert "Propose switch" not in [button["text"]["text"] for button in buttons_of(used)]
    pins = (world.folder / "data/gateway/acme-https/current/pins.json").read_text()
    assert "acme-components" in pins


def test_a_partner_that_has_not_flipped_ends_rolled_back(world: World) -> None:
    """The endpoint still presents the old certificate: the old state comes back, and the thread says what was seen."""
    adam, paula = world.member("UADAM"), world.member("UPAULA")
    ts, summary = complete_chain(world)
    gateway = world.folder / "data/gateway/acme-https/current"
    before = (gateway / "pins.json").read_text()

    proposal = proposed(world, ts, summary)
    assert adam.press(ACME, proposal, "Approve")["ok"]
    half = adam.sees(ACME, ts, "waits for approvals", ":white_check_mark: *Ours*: <@UADAM>")
    assert paula.press(ACME, half, "Confirm")["ok"]

    proof = paula.sees(ACME, ts, "olled back", "still the old certificate")
    assert "acme-b2b" in text_of(proof), "the certificate that was seen instead is named"
    assert (gateway / "pins.json").read_text() == before


def test_a_self_signed_certificate_needs_no_chain_and_the_partners_word_is_recorded(world: World) -> None:
    """Globex is not on Slack: one of ours records who said yes, when and how."""
    olivia, adam = world.member("UOLIVIA"), world.member("UADAM")
    ts = olivia.drop(GLOBEX, "globex-as2-new.pem", world.sample("globex-as2-new.pem"))
    summary = olivia.sees(GLOBEX, ts, "new certificate", "elf-signed")
    assert propose(olivia, GLOBEX, summary)["ok"]
    proposal = olivia.sees(GLOBEX, ts, "waits for approvals", "presents now", "certificate *in use*")

    assert adam.press(GLOBEX, proposal, "Approve")["ok"]
    half = adam.sees(GLOBEX, ts, "waits for approvals", ":white_check_mark: *Ours*: <@UADAM>")
    world.lab.set_presented("globex", "new")
    assert olivia.press(GLOBEX, half, "Record")["ok"]
    view = olivia.modal()
    values = {}
    for block in view["blocks"]:
        element = block.get("element") or {}
        if element.get("type") == "plain_text_input":
            values[element["action_id"]] = {"value": "Grace Hopper"}
        if element.get("type") == "static_select":
            values[element["action_id"]] = {"selected_option": element["options"][0]}
        if element.get("type") == "datetimepicker":
            values[element["action_id"]] = {"selected_date_time": element["initial_date_time"]}
    assert olivia.submit(view, values)["ok"]
    olivia.sees(GLOBEX, ts, "roven", "TLSv1.3")
    olivia.sees(GLOBEX, ts, "Switch", "proven", "Grace Hopper")


def test_an_issuer_dropped_in_another_channel_completes_the_waiting_thread(world: World) -> None:
    """The prompt waits in one thread; the issuer comes by another channel that belongs to no partner."""
    olivia = world.member("UOLIVIA")
    ts = olivia.drop(ACME, "acme-b2b-new.pem", world.sample("acme-b2b-new.pem"))
    olivia.sees(ACME, ts, "Missing issuer")
    elsewhere = olivia.drop(CERTIFICATES, "ca.cer", world.sample("nordlicht-issuing-ca-4.cer"))
    olivia.sees(CERTIFICATES, elsewhere, "added to the CA list", "was missing for")
    olivia.sees(ACME, ts, "Issuer found")
    olivia.sees(ACME, ts, "new certificate", "Chain complete")


def test_a_certificate_dropped_where_no_partner_is_told_asks_for_the_partner(world: World) -> None:
    """#certificates belongs to no partner: a form asks, and the answer stores it."""
    olivia = world.member("UOLIVIA")
    ts = olivia.drop(CERTIFICATES, "x.pem", world.sample("initech-edi-new.pem"))
    question = olivia.sees(CERTIFICATES, ts, "Which partner")
    assert not {"ACME", "Globex"} & set(text_of(question).split()), "the question names no other partner"
    assert olivia.press(CERTIFICATES, question, "Choose the partner")["ok"]
    form = olivia.modal("Choose the partner")
    select = next(block["element"] for block in form["blocks"] if block["type"] == "input")
    initech = next(option for option in select["options"] if "Initech" in option["text"]["text"])
    assert olivia.submit(form, {select["action_id"]: {"selected_option": initech}})["ok"]
    olivia.sees(CERTIFICATES, ts, "new certificate", "Initech", "Chain complete")


def test_only_operators_can_say_whose_a_certificate_is(world: World) -> None:
    """A channel that two partners share: the question names neither, and the form that does is not theirs to open."""
    olivia, paula = world.member("UOLIVIA"), world.member("UPAULA")
    ts = olivia.drop(FAIR, "x.pem", world.sample("globex-as2-new.pem"))
    question = olivia.sees(FAIR, ts, "Which partner")
    assert paula.press(FAIR, question, "Choose the partner")["ok"]
    paula.told(FAIR, "for our team", ts)
    assert world.rows("select count(*) from upload where state = 'needs_partner'") == [(1,)]


def test_a_certificate_that_is_there_already_is_said_to_be_there(world: World) -> None:
    """The same certificate as PEM and as DER is one certificate."""
    olivia = world.member("UOLIVIA")
    first = olivia.drop(INITECH, "a.pem", world.sample("initech-edi-new.pem"))
    olivia.sees(INITECH, first, "new certificate")
    second = olivia.drop(INITECH, "b.cer", world.sample("initech-edi-new.cer"))
    olivia.sees(INITECH, second, "already")
