"""What people type, and what is understood."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import ids
from handlers.parse import MAX_WORDS, parse, split
from handlers.quiet import QUIET_EVENTS
from handlers.views.lists import unclear
from handlers.vocabulary import (
    USAGES,
    Audit,
    Ca,
    Command,
    ConnectionAdd,
    Connections,
    Delete,
    Help,
    Import,
    ListCertificates,
    PartnerAdd,
    Partners,
    ProposeSwitch,
    Rename,
    Show,
    Switches,
    Unclear,
)

TABLE: list[tuple[str, Command]] = [
    ("", Help()),
    ("help", Help()),
    ("HELP", Help()),
    ("?", Help()),
    ("import", Import()),
    ("partners", Partners()),
    ("partner list", Partners()),
    ("partner add", PartnerAdd()),
    ("partner add acme ACME Components", PartnerAdd("acme", "ACME Components")),
    ('partner add Acme "ACME Components" <#C0ACMEB2B|acme-b2b>', PartnerAdd("acme", "ACME Components", "C0ACMEB2B")),
    ("list acme", ListCertificates("acme")),
    ("list", ListCertificates(None)),
    ("show acme-b2b 2026-11-02", Show("acme-b2b 2026-11-02")),
    ('show "acme-b2b 2026-11-02"', Show("acme-b2b 2026-11-02")),
    ("show “smart quotes”", Show("smart quotes")),
    ('rename "old name" "new name"', Rename("old name", "new name")),
    ("rename acme-b2b 2026-11-02 to acme prod", Rename("acme-b2b 2026-11-02", "acme prod")),
    ("rename", Rename()),
    ("delete acme-b2b 2026-11-02", Delete("acme-b2b 2026-11-02")),
    ("ca", Ca()),
    ("ca list", Ca()),
    ("connections acme", Connections("acme")),
    ("connection add", ConnectionAdd()),
    (
        "connection add acme acme-https accepts <https://b2b.example:4080/as2|b2b.example> OrderToCash, Invoicing",
        ConnectionAdd("acme", "acme-https", "accepts", "https://b2b.example:4080/as2", ("OrderToCash", "Invoicing")),
    ),
    ("switch", ProposeSwitch()),
    ("switch acme-https", ProposeSwitch("acme-https")),
    ('switch acme-https "acme 2026" yearly renewal', ProposeSwitch("acme-https", "acme 2026", "yearly renewal")),
    ("switches", Switches(None)),
    ("switches acme", Switches("acme")),
    ("audit", Audit(None)),
    ("audit acme", Audit("acme")),
    ("show a &amp; b &lt;c&gt;", Show("a & b <c>")),
    ("list it's", ListCertificates("it's")),
]


@pytest.mark.parametrize(("typed", "command"), TABLE)
def test_what_is_typed_is_understood(typed: str, command: Command) -> None:
    """By slash command and mention alike."""
    assert parse(typed) == command


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("partnrs", "partners"),
        ("lsit acme", "list"),
        ("shwo x", "show"),
        ("switchs", "switches"),
        ("partner", "partner add"),
        ("partner ad acme ACME", "partner add"),
        ("connection", "connection add"),
        ("conection add acme", "connection add"),
    ],
)
def test_what_is_not_understood_gets_the_nearest_help(typed: str, nearest: str) -> None:
    """A typing error is answered with the right line, not with the whole list."""
    found = parse(typed)

    assert isinstance(found, Unclear)
    assert nearest in [usage.words for usage in found.nearest]


@pytest.mark.parametrize(
    "typed", ["partner add acme", "show", "delete", "rename one", "connection add acme x", "ca acme"]
)
def test_what_is_incomplete_gets_the_usage_of_that_command(typed: str) -> None:
    """With its arguments."""
    found = parse(typed)

    assert isinstance(found, Unclear)
    assert found.known
    assert len(found.nearest) == 1
    assert (
        f"/cert {found.nearest[0].words} {found.nearest[0].arguments}".strip()
        in unclear("/cert", found).blocks[0]["text"]["text"]
    )


@given(st.text(max_size=3000))
def test_no_text_breaks_the_reader(typed: str) -> None:
    """Whatever is typed, there is a command and a bounded number of words."""
    assert len(split(typed)) <= MAX_WORDS
    assert parse(typed) is not None


@given(st.text(alphabet=st.characters(blacklist_characters="\"'“”„‘’«»<>&", blacklist_categories=["Cs"]), min_size=1))
def test_a_quoted_name_comes_back_whole(name: str) -> None:
    """Blanks inside are kept, outside not."""
    if name.strip() and len(name) < 1900:
        assert split(f'"{name}"') == [name.strip()]


@pytest.mark.parametrize("usage", USAGES, ids=lambda usage: usage.words)
def test_every_usage_in_the_help_is_a_command(usage: Any) -> None:
    """The help promises nothing that is not there."""
    typed = parse(f"{usage.words} a b")

    assert not isinstance(typed, Unclear) or typed.known


def _manifest() -> Any:
    return json.loads((Path(__file__).parents[2] / "slack-manifest.json").read_text())


def test_the_manifest_subscribes_to_what_the_listeners_answer() -> None:
    """An event that nobody listens for is answered 404 and delivered again."""
    events = set(_manifest()["settings"]["event_subscriptions"]["bot_events"])

    assert {"app_mention", "app_home_opened"} <= events
    assert {event.split(".")[0] for event in events} == {"app_mention", "app_home_opened", *QUIET_EVENTS}


def test_the_manifest_offers_the_command_and_the_shortcut() -> None:
    """Under the ids that the listeners know."""
    features = _manifest()["features"]

    assert [one["command"] for one in features["slash_commands"]] == ["/cert"]
    assert [one["callback_id"] for one in features["shortcuts"]] == [ids.SHORTCUT_IMPORT]


METHODS = ("chat.postMessage", "chat.update", "chat.postEphemeral", "files.info", "users.info", "usergroups.users.list")


@pytest.mark.parametrize("method", [*METHODS, "conversations.replies", "conversations.history"])
def test_the_manifest_asks_for_the_scopes_of_the_methods_used(method: str) -> None:
    """By the published method schemas."""
    schema = Path(__file__).parents[2] / f"../shared/slack-api/methods/{method}.json"
    if not schema.is_file():
        pytest.skip(f"the published schemas are not beside this checkout: {schema.name}")
    wanted = set(json.loads(schema.read_text())["scope"]["bot"])
    given_scopes = set(_manifest()["oauth_config"]["scopes"]["bot"])

    # The history methods name one scope for each kind of conversation; the bot is in all kinds but group messages.
    assert wanted & given_scopes == wanted - {"mpim:history"}
