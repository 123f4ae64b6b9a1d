"""A crash after the ack loses nothing, and whatever is delivered again is done once."""

from tests.e2e.conftest import BOTH_TRANSPORTS, World
from tests.e2e.office import Member, text_of, wait_for

pytestmark = BOTH_TRANSPORTS
INITECH = "C0INITECHEDI"


def answers(person: Member, ts: str) -> list[str]:
    """The bot's answers in a thread."""
    return [text_of(message) for message in person.answers(INITECH, ts)]


def wait_until_settled(world: World) -> None:
    """Nothing is under way: no event undelivered, no message that still has to follow."""
    wait_for(
        "everything to settle",
        lambda: (
            world.workspace.pending_events == 0
            and world.rows("select count(*) from notice where done_at is null") == [(0,)]
        ),
    )


def test_a_kill_between_ack_and_answer_ends_in_exactly_one_answer(world: World) -> None:
    """The event is acked, the download hangs, `kill -9`; after the restart the file is answered once."""
    olivia = world.member("UOLIVIA")
    world.misbehave(hold_files=True)
    ts = olivia.drop(INITECH, "new.pem", world.sample("initech-edi-new.pem"))
    wait_for("the ack", lambda: world.workspace.pending_events == 0)
    world.kill_bot()
    world.misbehave(hold_files=False)
    assert world.rows("select count(*) from upload") == [(0,)]

    world.start_bot()
    olivia.sees(INITECH, ts, "new certificate", "Chain complete")
    wait_until_settled(world)
    assert len(answers(olivia, ts)) == 1
    assert world.rows("select count(*) from upload") == [(1,)]


def test_an_event_delivered_three_times_is_one_certificate_and_one_answer(world: World) -> None:
    """Slack may deliver an event again, with the same event id."""
    olivia = world.member("UOLIVIA")
    (before,) = world.rows("select count(*) from partner_certificate")
    world.misbehave(deliver_times=3)
    ts = olivia.drop(INITECH, "new.pem", world.sample("initech-edi-new.pem"))
    olivia.sees(INITECH, ts, "new certificate", "Chain complete")
    wait_until_settled(world)
    assert len(answers(olivia, ts)) == 1
    (after,) = world.rows("select count(*) from partner_certificate")
    assert after[0] == before[0] + 1


def test_a_file_dropped_while_the_bot_is_down_is_answered_when_it_is_back(world: World) -> None:
    """Slack keeps the event for its retries; over HTTP those are counted, so their schedule is sped up."""
    olivia = world.member("UOLIVIA")
    world.misbehave(retry_delays=[4, 8, 16])
    world.stop_bot()
    ts = olivia.drop(INITECH, "new.pem", world.sample("initech-edi-new.pem"))
    world.start_bot()
    olivia.sees(INITECH, ts, "new certificate", "Chain complete")
    wait_until_settled(world)
    assert len(answers(olivia, ts)) == 1
