"""What narrows the audit is read as typed, and what the buttons carry leads to the same question."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.audit_query import query_for
from handlers.audit_words import written
from handlers.parse import parse
from handlers.vocabulary import Audit, Unclear

word = st.text("abcdefghijklmnop0123456789-_.", min_size=1, max_size=20).filter(
    lambda text: (
        text not in {"by", "certificate", "cert", "switch", "since", "until", "before", "csv", "export", "audit"}
    )
)
name = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters='"«»„“”<>&'), min_size=1, max_size=40
)
commands = st.builds(
    Audit,
    partner=st.none() | word,
    person=st.none() | st.from_regex(r"[UW][A-Z0-9]{5,10}", fullmatch=True),
    certificate=st.none() | name.map(str.strip).filter(bool),
    switch=st.none() | word,
    since=st.none() | st.dates(date(1950, 1, 1), date(9998, 12, 31)),
    until=st.none() | st.dates(date(1950, 1, 1), date(9998, 12, 31)),
    before=st.none() | st.integers(1, 10**17),
    as_table=st.sampled_from([None, True]),
)


@given(commands)
def test_what_a_button_carries_is_read_as_the_question_that_it_was_made_for(command: Audit) -> None:
    """Names with blanks, signs and other scripts too."""
    assert parse(written(command)) == command


@pytest.mark.parametrize(
    "words",
    [
        "audit acme globex",
        "audit by",
        "audit by adam",
        "audit since yesterday",
        "audit since 2026-13-01",
        "audit until 9999-12-31",
        "audit before x",
        "audit since 2026-01-01 since 2026-01-02",
        "audit certificate",
    ],
)
def test_what_is_not_understood_is_said_and_not_guessed(words: str) -> None:
    """Two partners, a person without a mention, days that are none: the help of the command, no wide answer."""
    found = parse(words)
    assert isinstance(found, Unclear)
    assert found.nearest[0].words == "audit"


def test_the_last_day_is_part_of_the_span() -> None:
    """Until the 24th is until the 25th begins, in UTC."""
    query = query_for(Audit(since=date(2026, 11, 1), until=date(2026, 11, 24)), None)
    assert query.since is not None
    assert query.until is not None
    assert (query.since.isoformat(), query.until.isoformat()) == (
        "2026-11-01T00:00:00+00:00",
        "2026-11-25T00:00:00+00:00",
    )
