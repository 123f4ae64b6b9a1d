"""HTTP to servers on this machine: one client for all tests, because each new one would read every CA there is.

No connection is kept: the servers come and go with the tests.
"""

import ssl

import httpx

from tests.patience import PATIENCE_SECONDS

# For clients that never speak TLS; it trusts nobody.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
HTTP = httpx.Client(
    trust_env=False, verify=NO_TLS, timeout=PATIENCE_SECONDS, limits=httpx.Limits(max_keepalive_connections=0)
)
