"""The proof that a gateway was put right: fresh looks at the connection, as after a switch, kept with the drift."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import quote

from bot.gateways import probe
from bot.gateways.base import Gateway
from bot.gateways.endpoint import Endpoint
from bot.gateways.errors import GatewayError
from bot.gateways.handshake import ProofVerdict
from bot.gateways.passage import PassageVerdict, pass_through
from bot.gateways.report import ReportVerdict, report
from bot.services.proofs import PROOF_ROUNDS
from bot.services.proving import CHOREOGRAPHY_HEADER, Listeners
from bot.services.sightings import Seen, proof_of
from storage.audit_chain import as_kept
from storage.records import PartnerCertificate
from storage.switch_records import Connection, Proof, Role, Way

PURPOSE = "mend"

# An old certificate that has expired meanwhile is what was agreed on all the same; the findings say that it has.
_GOOD = frozenset({ProofVerdict.MATCHED, ProofVerdict.EXPIRED})


class MendProof:
    """Who proves it; `timeout_s` are the seconds for one handshake or request."""

    def __init__(
        self,
        gateways: Callable[[str], Gateway],
        listeners: Listeners,
        clock: Callable[[], datetime],
        timeout_s: float,
    ) -> None:
        self._gateways = gateways
        self._listeners = listeners
        self._clock = clock
        self._timeout_s = timeout_s

    def outcome(
        self, connection: Connection, recorded: Collection[str], known: Sequence[PartnerCertificate]
    ) -> dict[str, object]:
        """Whether all is seen as it should be: `proven`, the tries as `proofs`, and `trouble` where there were none.

        By the gateway's own report (role accepts), at the connection's own address where there is one, then through the
        gateway where its listener is set; rounds of one for each choreography. Stops at the first that shows something
        else than the `recorded` certificates. `known` is the partner's list.
        """
        proofs: list[dict[str, object]] = []
        try:
            for name, seen, is_good in self._tries(connection, recorded):
                proof = proof_of(seen, PURPOSE, name, known)
                proofs.append(as_kept({**asdict(proof), "at": proof.at.isoformat()}))
                if not is_good:
                    return {"proven": False, "proofs": proofs}
        except GatewayError as error:
            return {"proven": False, "proofs": proofs, "trouble": error.code}
        return {"proven": True, "proofs": proofs}

    def _tries(self, connection: Connection, recorded: Collection[str]) -> Iterator[tuple[str | None, Seen, bool]]:
        gateway = self._gateways(connection.gateway)
        if connection.role is Role.ACCEPTS:
            told = report(gateway, connection.name, frozenset(recorded), self._clock())
            yield None, told, told.verdict is ReportVerdict.AGREES
        if not connection.uri:  # no endpoint to look at: the partner only comes to us
            return
        over = tuple(one.name for one in connection.choreographies) or (None,)
        trust, endpoint = gateway.trust(connection.name), Endpoint.parse(connection.uri)
        for name in over * PROOF_ROUNDS:
            seen = probe.prove(endpoint, trust, self._clock(), self._timeout_s, _headers(name))
            yield name, seen, seen.verdict in _GOOD and seen.leaf in recorded
        listener = self._listeners(connection.gateway, connection.name)
        if listener is None or connection.role is not Role.ACCEPTS:
            return
        for name in over * PROOF_ROUNDS:
            passage = pass_through(listener, self._clock(), self._timeout_s, _headers(name))
            yield name, passage, passage.verdict is PassageVerdict.ANSWERED


def proofs_kept(outcome: Mapping[str, object]) -> tuple[Proof, ...]:
    """The tries in the outcome of a drift, as others are read; they belong to no switch, so that number is 0."""
    kept = outcome.get("proofs")
    return tuple(_proof(number, one) for number, one in enumerate(kept)) if isinstance(kept, list) else ()


def _proof(number: int, kept: Mapping[str, Any]) -> Proof:
    told = {**kept, "at": datetime.fromisoformat(kept["at"]), "presented": tuple(kept["presented"])}
    return Proof(id=number, switch_id=0, **{**told, "way": Way(kept["way"])})


def _headers(choreography: str | None) -> dict[str, str]:
    return {CHOREOGRAPHY_HEADER: quote(choreography, safe=" ")} if choreography else {}
