"""The local Slack: one workspace and its partners' teams, on Slack's real wire, on loopback.

It knows nothing of certificates. A bot talks to it with the unchanged slack-sdk and Bolt; only the base URL differs.
"""
