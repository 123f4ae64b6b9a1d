"""Text from outside on its way into Slack."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views import text
from tests.lab.builders import NOW, days

anything = st.text(max_size=400) | st.sampled_from(["<!channel>", "&<>" * 200, "`" * 50, "\u1fef", "\u202eabc"])


@given(anything, st.integers(2, 300))
def test_escaped_text_fits_its_limit_and_holds_no_markup_signs(given_text: str, limit: int) -> None:
    """The limit is for what is sent, after the entities."""
    made = text.escape(given_text, limit)

    assert len(made) <= limit
    assert "<" not in made
    assert ">" not in made


@given(anything, st.integers(8, 300))
def test_a_code_span_cannot_be_left_from_inside(given_text: str, limit: int) -> None:
    """Only its own two backticks are there."""
    assert text.code(given_text, limit).count("`") in {0, 2}


@given(anything, st.integers(2, 300))
def test_plain_text_is_one_line_never_empty_and_fits(given_text: str, limit: int) -> None:
    """Slack refuses empty and too long labels."""
    made = text.plain(given_text, limit)

    assert 0 < len(made) <= limit
    assert len(made.splitlines()) == 1


@given(anything)
def test_cleaning_twice_changes_nothing(given_text: str) -> None:
    """What was cleaned is clean."""
    assert text.clean(text.clean(given_text)) == text.clean(given_text)


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("CN=<!channel>,O=a & b", "`CN=&lt;!channel&gt;,O=a &amp; b`"),
        ("tick`tock", "`tickˋtock`"),
        ("\u1fef", "`ˋ`"),
        ("evil\u202egnp.exe", "`evil\ufffdgnp.exe`"),
        ("two\nlines", "`two lines`"),
        ("", "–"),
        ("\u00e9", "`é`"),
    ],
)
def test_hostile_names_are_shown_as_what_they_are(given_text: str, shown: str) -> None:
    """A reader sees that something odd is there."""
    assert text.code(given_text) == shown


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("ACME Components", "*ACME Components*"),
        ("a*b", "`a*b`"),
        ("under_score", "`under_score`"),
        (":boom:", "`:boom:`"),
        ("Smith & Sons", "*Smith &amp; Sons*"),
        ("", "–"),
    ],
)
def test_names_with_markup_of_their_own_are_not_set_in_bold(given_text: str, shown: str) -> None:
    """Their signs would end the bold."""
    assert text.strong(given_text) == shown


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("Nordlicht Issuing CA 4", "Nordlicht Issuing CA 4"),
        ("DNS:b2b.example", "DNS:b2b.example"),
        ("*urgent*", "`*urgent*`"),
        ("<!channel>", "`&lt;!channel&gt;`"),
        ("> quoted", "`&gt; quoted`"),
        ("• listed", "`• listed`"),
        ("see https://evil.example", "`see https://evil.example`"),
    ],
)
def test_what_people_read_is_plain_unless_slack_would_read_it_as_markup(given_text: str, shown: str) -> None:
    """Then it is shown as what it is."""
    assert text.words(given_text) == shown


@given(anything)
def test_a_quote_is_one_line(given_text: str) -> None:
    """Nothing of it escapes the quote."""
    made = text.quote(given_text)

    assert made.startswith("> ")
    assert len(made.splitlines()) == 1


def test_dates_are_shown_in_the_readers_zone_with_utc_to_fall_back_on() -> None:
    """docs.slack.dev, "Date formatting"."""
    expected = f"<!date^{int(NOW.timestamp())}^{{date_short_pretty}} at {{time}}|2026-11-24 12:00 UTC>"
    assert text.moment(NOW) == expected


@pytest.mark.parametrize("at", [datetime(9999, 12, 31, tzinfo=UTC), datetime(1950, 1, 1, tzinfo=UTC)])
def test_dates_that_slack_cannot_show_are_written_out(at: datetime) -> None:
    """RFC 5280 4.1.2.5: 9999-12-31 means "no end"."""
    assert text.day(at) == at.strftime("%Y-%m-%d")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (days(178), "178 days left"),
        (days(1), "1 day left"),
        (days(4747), "13 years left"),
        (timedelta(hours=3), "ends within a day"),
        (-timedelta(hours=3), "expired today"),
        (-days(12), "expired 12 days ago"),
    ],
)
def test_what_is_left_is_told_in_days_or_years(span: timedelta, words: str) -> None:
    """The number that people plan by."""
    assert text.remaining(NOW + span, NOW) == words


def test_fingerprints_are_grouped_for_reading_aloud() -> None:
    """Short ones tell two apart, full ones are compared."""
    assert text.short_fingerprint("ab12cd34ef567890" + "0" * 48) == "AB12 CD34 EF56 7890…"
    assert text.groups("ab12cd34") == "AB12 CD34"


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=300), max_size=80), st.integers(100, 3000))
def test_a_cut_list_counts_what_is_left_out(lines: list[str], limit: int) -> None:
    """Nothing disappears without being counted."""
    made = text.bullets(lines, 20, limit)

    assert len(made) <= limit
    shown = made.count("•")
    assert (f"… and {len(lines) - shown} more" in made) == (shown < len(lines))


def test_only_slack_ids_become_mentions() -> None:
    """Anything else would be a stranger's text in angle brackets."""
    assert text.who("UOLIVIA") == "<@UOLIVIA>"
    assert text.who("system") == "Countersign"
    assert text.who("U1>|<!channel>") == "`U1&gt;|&lt;!channel&gt;`"
    assert text.channel_link("C0ACME") == "<#C0ACME>"
    assert text.channel_link("C0>x") == "`C0&gt;x`"


@pytest.mark.parametrize(
    ("names", "called"),
    [
        (("UADAM", "S0TRUST"), "<@UADAM>, <!subteam^S0TRUST>"),
        (("UOLIVIA", "UADAM"), "<@UADAM>"),
        (("*",), ""),
        (("U1>|<!channel>",), ""),
        (tuple(f"U0000{number}" for number in range(9)), ""),
        ((), ""),
    ],
)
def test_those_who_must_act_are_called_and_nobody_else(names: tuple[str, ...], called: str) -> None:
    """By Slack's ids alone, without the one who may not, and not half a company."""
    assert text.called_upon(names, but="UOLIVIA") == called


def test_our_own_markup_reads_as_plain_words_where_none_is_taken() -> None:
    """Errors at a form's field are plain text."""
    marked = f"*Already* `decided` by <@UADAM> ({text.moment(NOW)}) &amp; done"
    assert text.unmarked(marked) == "Already decided by a colleague (2026-11-24 12:00 UTC) & done"
