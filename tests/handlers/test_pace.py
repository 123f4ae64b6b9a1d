"""Slack's pace: one message a second and channel, after a short burst."""

from handlers.pace import BURST, Pace


class _Hand:
    """A clock that moves only when somebody waits or says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_channel_gets_a_burst_and_then_one_message_a_second() -> None:
    """Five at once; each further one a second after the last."""
    hand = _Hand()
    pace = Pace(lambda: hand.now, hand.sleep)
    times = []
    for _ in range(BURST + 3):
        pace.wait("C1")
        times.append(round(hand.now - 1000.0, 6))
    assert times == [0.0] * BURST + [1.0, 2.0, 3.0]


def test_a_busy_channel_holds_up_no_other() -> None:
    """C2 posts at once although C1 is behind."""
    hand = _Hand()
    pace = Pace(lambda: hand.now, hand.sleep)
    for _ in range(BURST + 1):
        pace.wait("C1")
    before = hand.now
    pace.wait("C2")
    assert hand.now == before


def test_after_a_quiet_while_the_burst_is_there_again() -> None:
    """Ten quiet seconds fill the bucket."""
    hand = _Hand()
    pace = Pace(lambda: hand.now, hand.sleep)
    for _ in range(BURST + 2):
        pace.wait("C1")
    hand.now += 10
    before = hand.now
    for _ in range(BURST):
        pace.wait("C1")
    assert hand.now == before
