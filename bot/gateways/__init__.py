"""Gateways: what terminates or originates TLS for the connections, and the probe that proves a switch.

`base` is the port, one file a kind beside it, `registry` the one table of kinds, `probe` the fresh handshake.
"""
