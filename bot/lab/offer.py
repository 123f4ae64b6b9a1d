"""What the panel says: a partner's story, files and switch, how our requests to it fare, and how Envoy does.

Words and shape only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.lab import cast
from bot.lab.samples import Sample
from bot.lab.supervisor import Condition
from bot.lab.traffic import Tally, Trouble

OLD, NEW = "old", "new"

# In seconds; a request of each choreography goes out about as often.
REFRESH_S = 2

_STORY = {
    "acme": "The certificate in use runs out in three weeks. The new one comes from another issuing CA.",
    "globex": "AS2 with self-signed certificates: no CA, the certificate itself is what both sides trust.",
    "initech": "The certificate in use has expired. The new one comes from the same CA.",
}
_MET = {OLD: "old certificate", NEW: "new certificate"}
_TROUBLE = {
    Trouble.EXPIRED: "refused: the certificate has expired",
    Trouble.NOT_PINNED: "refused: not the agreed certificate",
    Trouble.NOT_TRUSTED: "refused: not a trusted certificate",
    Trouble.NO_SERVER: "no answer from the server",
    Trouble.NO_GATEWAY: "Envoy does not answer",
}


@dataclass(frozen=True)
class Envoy:
    """The Envoy between us and the partners; `log` is where it writes."""

    condition: Condition
    log: str


@dataclass(frozen=True)
class Offer:
    """One partner on the panel. No tallies: no requests are sent."""

    partner: cast.Partner
    files: Sequence[Sample]
    presented: str
    tallies: Mapping[str, Tally]


def describe(
    offers: Sequence[Offer], bad: Sequence[Sample], url: str, envoy: Envoy | None = None
) -> Mapping[str, object]:
    """The panel's content; `url` is where its files are."""
    sections = [_section(offer, url) for offer in offers]
    bad_files = {
        "title": "Bad files",
        "text": "What people really send. Each gets an answer of its own.",
        "files": [_file(sample, url) for sample in bad],
        "switches": [],
    }
    sends = any(offer.tallies for offer in offers)
    there = "Three partners with real TLS servers on this machine"
    between = ", and Envoy between us and them" if sends else ""
    panel: dict[str, object] = {
        "title": "Demo world",
        "text": f"{there}{between}. Drop a file into a channel or thread.",
        "sections": [*sections, bad_files],
    }
    if sends:
        panel["refresh_seconds"] = REFRESH_S
    if envoy and envoy.condition.ends:
        panel["notice"] = _notice(envoy)
    return panel


def _notice(envoy: Envoy) -> Mapping[str, str]:
    """What happened to Envoy, and what that means for whoever tries something now."""
    how = envoy.condition
    times = "once" if how.ends == 1 else f"{how.ends} times"
    if how.runs:
        text = f"Envoy has ended by itself {times} and runs again, with the certificates that lie at its gateway."
        return {"text": text, "state": "idle"}
    if how.given_up:
        text = f"Envoy has ended by itself {times} and is not started again: no switch can be proven through it. "
        return {"text": f"{text}{envoy.log} may say why; stop Countersign and start it again.", "state": "bad"}
    text = f"Envoy has ended by itself {times} and is started again in a moment. A switch would be undone until then."
    return {"text": text, "state": "bad"}


def _section(offer: Offer, url: str) -> Mapping[str, object]:
    partner = offer.partner
    switch = {
        "id": f"presents-{partner.key}",
        "label": f"The server of {partner.name} presents",
        "note": "Takes effect with the next handshake.",
        "value": offer.presented,
        "options": [{"value": OLD, "label": "old certificate"}, {"value": NEW, "label": "new certificate"}],
    }
    section: dict[str, object] = {
        "title": partner.name,
        "text": _STORY[partner.key],
        "files": [_file(sample, url) for sample in offer.files],
        "switches": [switch],
    }
    if offer.tallies:
        section["readings"] = {
            "title": "Our requests through Envoy",
            "note": _since(offer.tallies.values()),
            "rows": [_reading(name, tally) for name, tally in offer.tallies.items()],
        }
    return section


def _since(tallies: Iterable[Tally]) -> str:
    """Under the counts; a newcomer whose server moved first reads how nobody has to wait."""
    if any(tally.trouble in (Trouble.NOT_PINNED, Trouble.NOT_TRUSTED) for tally in tallies):
        return (
            "Envoy accepts the agreed certificate alone, until the switch. Propose it as Overlap, approve it, and "
            "change the server then: both are accepted meanwhile, and no request fails."
        )
    return "Counted since the server last changed its certificate."


def _reading(choreography: str, tally: Tally) -> Mapping[str, str]:
    counts = f"{tally.answered} answered, {tally.failed} failed"
    if tally.trouble is not None:
        return {"label": choreography, "value": _TROUBLE[tally.trouble], "note": counts, "state": "bad"}
    if tally.met is None:
        return {"label": choreography, "value": "waiting for an answer", "note": counts, "state": "idle"}
    return {"label": choreography, "value": _MET.get(tally.met, "an unknown certificate"), "note": counts,
            "state": "good"}  # fmt: skip


def _file(sample: Sample, url: str) -> Mapping[str, str]:
    return {"name": sample.name, "label": sample.label, "note": sample.note, "url": f"{url}/files/{sample.name}"}
