"""The app's request URL: with one, payloads are posted to it; without, they go over Socket Mode.

Slack has a switch "Enable Socket Mode" beside the URL fields; here the one that is set counts.
"""

from bot.workspace.core import Slack
from bot.workspace.http_delivery import HttpDelivery, checked_url
from bot.workspace.shapes import Json


async def show(slack: Slack, _user_id: str, _arguments: Json) -> Json:
    """The URL, empty where Socket Mode is in use."""
    return {"url": slack.world.request_url}


async def save(slack: Slack, _user_id: str, body: Json) -> Json:
    """Saves the URL once it has answered Slack's challenge; an empty one goes back to Socket Mode."""
    if body.get("url") == "":
        use(slack, "")
        return {"url": ""}
    await switch(slack, checked_url(body.get("url")))
    return {"url": slack.world.request_url}


async def switch(slack: Slack, url: str) -> None:
    """Verifies the URL, then posts everything to it; sockets are told that their link is disabled."""
    await HttpDelivery(url, slack.world, slack.faults).verify()
    use(slack, url)
    await slack.sockets.disconnect("link_disabled")


def use(slack: Slack, url: str) -> None:
    """Takes the URL as it is, as after a restart."""
    slack.world.request_url = url
    slack.world.touch()
    slack.hub.transport = HttpDelivery(url, slack.world, slack.faults) if url else slack.sockets
