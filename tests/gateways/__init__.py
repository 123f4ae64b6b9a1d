"""The gateways and the probe, against real folders, real programs and real TLS."""
