"""The demo world: certificate authorities, partners with real TLS endpoints, Envoy before them, and files to drop.

It knows nothing of the bot. It is reached over sockets, and by the dictionaries that `LabWorld` hands out.
"""
