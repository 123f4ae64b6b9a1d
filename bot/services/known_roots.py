"""The use case "Add it for approval": a missing issuer that is a well-known public root needs nobody's file."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.pki.certificate import Certificate
from bot.services.chains import Chains
from bot.services.errand import leave_outcome, open_errand
from bot.services.errors import Outdated
from bot.services.intake import IncomingFile, Intake
from bot.services.people import Person
from storage.store import Store

TAKEN_ACTION: Final = "prompt.public_root"


class KnownRoots:
    """Takes a well-known public root in when a person asks for it; never by itself, and never as an anchor."""

    def __init__(self, store: Store, chains: Chains, intake: Intake, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._chains = chains
        self._intake = intake
        self._clock = clock

    def request(self, person: Person, prompt_id: int) -> int:
        """Take in the public root that the request asks for, as a file of this person in the request's thread.

        It awaits approval like any root, by another trust admin than this person: Mozilla's list says what it is, not
        that this company trusts it.

        Returns:
            The upload's number. The same root for the same request is one upload, however often it is asked for.

        Raises:
            NotFound: no such request, or it has no thread.
            NotAllowed: unless the person may upload for the partner.
            WrongState: it is answered, or no longer needed.
            Outdated: what is missing by now is no well-known public root.
        """
        with self._store.begin() as tx:
            errand, report = open_errand(tx, person, prompt_id, self._chains.report_of)
            root = report.public_root
            if root is None:
                raise Outdated
            # Where a CA certificate came from is part of why it is trusted, so that is kept first.
            leave_outcome(tx, self._clock(), person, errand, TAKEN_ACTION, {"public_root_sha256": root.sha256})
        key = f"public:{prompt_id}:{root.sha256}"
        spot = errand.spot
        file = IncomingFile(key, spot.channel, spot.thread_ts, _file_name(root), root.pem.encode("ascii"))
        return self._intake.take_in(person, file, errand.partner_id)


def _file_name(root: Certificate) -> str:
    return f"{root.subject.common_name or root.subject.organisation or root.sha256[:16]}.pem"
