"""What binds the proofs of a switch to its audit: the entry that ends the switch names their digest."""

from collections.abc import Mapping, Sequence

from storage.audit_chain import as_kept, canonical_digest
from storage.switch_records import Proof, Way


def proofs_named(proofs: Sequence[Proof]) -> Mapping[str, object]:
    """What the audit entry says of the proofs made so far: how many, and the digest of all of them in their order."""
    return {"proofs": len(proofs), "proofs_digest": digest_of_proofs(proofs)}


def digest_of_proofs(proofs: Sequence[Proof]) -> str:
    """The SHA-256 in hex of their canonical JSON (see `storage.audit_chain`); the rows' numbers are no part of it."""
    return canonical_digest([as_kept(_told(one)) for one in proofs])


def proof_document(proof: Proof) -> dict[str, object]:
    """A proof as JSON holds it."""
    return {
        "purpose": proof.purpose,
        "choreography": proof.choreography,
        "endpoint": proof.endpoint,
        "at": proof.at.isoformat(timespec="microseconds"),
        "duration_ms": proof.duration_ms,
        "verdict": proof.verdict,
        "presented": list(proof.presented),
        "protocol": proof.protocol,
        "cipher": proof.cipher,
        "detail": dict(proof.detail),
        "way": proof.way.value,
    }


def _told(proof: Proof) -> dict[str, object]:
    """Without the way where it is the endpoint: audits have digests from before there was another."""
    document = proof_document(proof)
    if proof.way is Way.ENDPOINT:
        del document["way"]
    return document
