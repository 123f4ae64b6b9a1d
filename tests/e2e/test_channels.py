"""Channels and the installation: an id changes, the bot is sent away, the app is removed."""

from slack_sdk import WebClient

from tests.e2e.conftest import World
from tests.e2e.office import wait_for

OLD, NEW = "G0PRIVATE", "C0PRIVATE"


def logged(world: World, *words: str) -> str:
    """Wait for a line of the log with all these words."""

    def look() -> str | None:
        lines = world.log.read_text().splitlines()
        return next((line for line in lines if all(word in line for word in words)), None)

    return wait_for(f"{words} in the log", look)


def test_a_channel_that_is_shared_and_so_gets_another_id_is_followed(world: World) -> None:
    """Its partner, and the message that waits there: the issuer that comes later is told where the file was dropped."""
    olivia = world.member("UOLIVIA")
    assert olivia.command("C0CERTS", f"partner channel acme <#{OLD}|private-talks>")["ok"]
    wait_for("the link", lambda: world.rows("select 1 from partner_channel where channel = ?", OLD))
    ts = olivia.drop(OLD, "acme-b2b-new.pem", world.sample("acme-b2b-new.pem"))
    asked = olivia.sees(OLD, ts, "Missing issuer")
    picture = "select 1 from place where subject like 'picture:%' and ts is not null"
    wait_for("its picture to hang", lambda: world.rows(picture))

    assert olivia.slack.conversations_inviteShared(channel=OLD, user_ids=["UIAN"])["ok"]
    wait_for("the link to follow", lambda: world.rows("select 1 from partner_channel where channel = ?", NEW))
    logged(world, "channel_moved", OLD, NEW)
    olivia.drop("C0CERTS", "nordlicht-issuing-ca-4.cer", world.sample("nordlicht-issuing-ca-4.cer"))

    assert olivia.sees(NEW, ts, "Issuer found")["ts"] == asked["ts"]
    assert not world.rows("select 1 from place where channel = ?", OLD)


def test_who_runs_the_bot_is_told_that_it_was_sent_away_and_that_the_app_was_removed(world: World) -> None:
    """One line each, which says what to do; the process lives on."""
    olivia = world.member("UOLIVIA")
    olivia.slack.conversations_kick(channel="C0GLOBEXAS2", user="UBOTCS")
    assert "globex" in logged(world, "bot_removed_from_channel", "C0GLOBEXAS2", "invite it again")

    WebClient(world.workspace.bot_token, base_url=world.workspace.api_url).auth_revoke()
    logged(world, "app_uninstalled", "install the app again")
    assert world.bot is not None
    assert world.bot.poll() is None
