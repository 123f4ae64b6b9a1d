"""Views: pure functions from what the services report to Block Kit within Slack's limits."""
