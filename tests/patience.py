"""How long a test waits for what has to come: long, because on green nobody waits it out, however busy the machine."""

PATIENCE_SECONDS = 60.0
