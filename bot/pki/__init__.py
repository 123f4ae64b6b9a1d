"""The pure PKI core: certificates, uploads, chains, findings. No clock, file, network, Slack or SQL."""
