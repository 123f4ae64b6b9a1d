"""Of two quick choices in one form the later one counts."""

from handlers.latest import Latest


def test_an_earlier_choice_that_is_worked_off_later_counts_no_more() -> None:
    """Each form by itself; a choice that is delivered again is still the last."""
    latest = Latest()
    assert latest.came("V1", 2.0)
    assert not latest.came("V1", 1.0)
    assert latest.came("V2", 1.0)
    assert latest.came("V1", 2.0)
    assert latest.is_latest("V1", 2.0)
    assert latest.came("V1", 3.0)
    assert not latest.is_latest("V1", 2.0)


def test_only_so_many_forms_are_remembered() -> None:
    """Of one that is forgotten any choice is the last known."""
    latest = Latest(remembered=2)
    for number in range(4):
        assert latest.came(f"V{number}", 5.0)
    assert latest.came("V0", 1.0)
    assert not latest.came("V3", 1.0)
