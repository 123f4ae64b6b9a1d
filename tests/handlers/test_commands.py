"""What people type, and what is understood."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.parse import MAX_WORDS, parse, split
from handlers.views.lists import unclear
from handlers.vocabulary import (
    USAGES,
    Audit,
    Ca,
    Choreographies,
    Command,
    ConnectionAdd,
    Connections,
    Delete,
    DescribeChoreography,
    Help,
    Import,
    ListCertificates,
    PartnerAdd,
    PartnerChannel,
    Partners,
    ProposeSwitch,
    Rename,
    Show,
    ShowConnection,
    Switches,
    Unclear,
)

TABLE: list[tuple[str, Command]] = [
    ("", Help()),
    ("help", Help()),
    ("HELP", Help()),
    ("?", Help()),
    ("partner channel", PartnerChannel()),
    ("partner channel acme <#C0ACMEB2B|acme-b2b>", PartnerChannel("acme", "C0ACMEB2B")),
    ("partner channel <#C0ACMEB2B> ACME", PartnerChannel("acme", "C0ACMEB2B")),
    ("partner channel <#C0ACMEB2B>", PartnerChannel(None, "C0ACMEB2B")),
    ("partner link acme", PartnerChannel("acme", None)),
    ("choreographies", Choreographies()),
    ("choreography", DescribeChoreography()),
    ("choreography OrderToCash", DescribeChoreography("OrderToCash")),
    (
        "choreography “Order to cash” orders in, invoices out",
        DescribeChoreography("Order to cash", "orders in, invoices out"),
    ),
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
    ("connection acme-https", ShowConnection("acme-https")),
    ("connection show acme-https", ShowConnection("acme-https")),
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
    ("audit by <@U0ADAM77|adam>", Audit(person="U0ADAM77")),
    (
        'audit acme certificate "acme-b2b 2026-11-02" csv',
        Audit("acme", certificate="acme-b2b 2026-11-02", as_table=True),
    ),
    ("audit since 2026-11-01 until 2026-11-24", Audit(since=date(2026, 11, 1), until=date(2026, 11, 24))),
    ("audit switch 5f0c before 120", Audit(switch="5f0c", before=120)),
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
        ("connection", "connection"),
        ("connection", "connection add"),
        ("connection ad acme x", "connection add"),
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
    assert found.nearest[0].words in typed
    assert (
        f"/cert {found.nearest[0].words} {found.nearest[0].arguments}".strip()
        in unclear("/cert", found).blocks[0]["text"]["text"]
    )


def misread(typed: str) -> Unclear:
    """What was not understood."""
    found = parse(typed)
    assert isinstance(found, Unclear)
    return found


def test_a_partners_person_is_shown_no_command_that_is_not_for_partners() -> None:
    """Nor a slash command: theirs are words beside a mention."""
    wrong, near = (
        str(unclear("/cert", said, ours=False).blocks) for said in map(misread, ("frobnicate", "connection"))
    )
    assert "/cert" not in wrong
    assert "Mention me with `help`" in wrong
    assert "`connection NAME`" in near
    assert "connection add" not in near


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
