"""The demo world over its sockets and dictionaries, as the bot, the page and the local Slack meet it."""
