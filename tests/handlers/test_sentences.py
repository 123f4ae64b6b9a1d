"""Every code that the services and the core speak in has its words."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import pytest

from bot.gateways import errors as gateway_errors
from bot.gateways.condition import Survivor
from bot.gateways.handshake import ProofVerdict
from bot.pki.chain import NearMissReason, Verdict
from bot.pki.findings import FindingCode
from bot.pki.parsing import BlockProblem, Refusal
from bot.services import errors
from bot.services.approval_rules import Ruling
from bot.services.errors import (
    AlreadyThere,
    BadInput,
    InUse,
    NotAllowed,
    NotFound,
    Outdated,
    Reference,
    ServiceError,
    WrongState,
)
from bot.services.preflight import Obstacle
from handlers.views import phrases, sentences, survivors, upload_phrases
from handlers.views.deeds import DEEDS
from handlers.views.limits import SECTION_TEXT
from storage.records import AnchorState, PromptState, UploadState
from storage.switch_records import SwitchState
from tests.lab.builders import NOW

TABLES: list[tuple[type[StrEnum], Mapping[str, object], set[str]]] = [
    (Refusal, upload_phrases.REFUSALS, set()),
    (FindingCode, phrases.FINDINGS, set()),
    (NearMissReason, phrases.NEAR_MISSES, set()),
    (Verdict, phrases.VERDICTS, set()),
    (ProofVerdict, phrases.HANDSHAKES, set()),
    (Survivor, survivors.LINES, set()),
    (Obstacle, phrases.OBSTACLES, set()),
    (Ruling, phrases.NOT_ALLOWED, {"allowed"}),
    (SwitchState, phrases.STATES, set()),
    (PromptState, phrases.STATES, set()),
    (AnchorState, phrases.STATES, set()),
    (UploadState, phrases.STATES, set()),
]


@pytest.mark.parametrize(("codes", "table", "unsaid"), TABLES, ids=[codes.__name__ for codes, _, _ in TABLES])
def test_every_code_has_words(codes: Iterable[StrEnum], table: Mapping[str, object], unsaid: set[str]) -> None:
    """A new code without words fails here, not in front of a person."""
    assert {code.value for code in codes} - unsaid <= table.keys()


@pytest.mark.parametrize(
    "error", [gateway_errors.GatewayRefused, gateway_errors.GatewayDamaged, gateway_errors.GatewayUnreachable]
)
def test_every_gateway_code_that_is_documented_has_words(error: type[Exception]) -> None:
    """The codes stand in the docstrings of the errors."""
    named = {word for word in (error.__doc__ or "").split("`") if word.replace("_", "").isalpha() and word.islower()}

    assert named - {"restore"} <= phrases.GATEWAY.keys()


def test_every_block_problem_that_is_documented_has_words() -> None:
    """The codes stand in the docstring of the value."""
    named = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b|\bduplicate\b|\btruncated\b", BlockProblem.__doc__ or ""))

    assert {"broken_base64", "truncated", "trailing_data"} <= named
    assert named <= upload_phrases.PROBLEMS.keys()


def test_every_deed_that_the_services_record_has_words() -> None:
    """As they stand in the source: the audit shows no bare code."""
    services = Path(__file__).parents[2] / "bot/services"
    written = "".join(file.read_text() for file in services.rglob("*.py"))
    actions = re.findall(r'"((?:upload|certificate|ca|prompt|connection|partner|switch)\.[a-z_]+)"', written)
    moves = [f"switch.{state}" for state in SwitchState if state is not SwitchState.PROPOSED]

    assert {*actions, *moves, "ca.approved", "prompt.answered", "prompt.withdrawn"} <= DEEDS.keys()


def test_every_kind_of_service_error_makes_a_sentence() -> None:
    """One for each class, none by its bare code."""
    samples: list[ServiceError] = [
        NotFound("partner", "acm", ["acme"]),
        NotAllowed("own_request"),
        AlreadyThere("approval", by="UADAM", at=NOW),
        Outdated(reason="connection_changed"),
        InUse([Reference("connection", "acme-https"), Reference("switch", "0123")]),
        BadInput("name", "ambiguous", options=("a", "b")),
        WrongState("proven", by="UADAM", at=NOW),
    ]
    classes = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ServiceError)}

    assert {type(sample) for sample in samples} == classes - {ServiceError}
    for sample in samples:
        sentence = sentences.error(sample)
        assert sentence[0].isupper()
        assert sentence.endswith((".", "?", "`b`"))
        assert "_" not in sentence.replace("{date_short_pretty}", "")


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (NotFound("partner", "acm", ["acme"]), "There is no partner `acm`. Did you mean `acme`?"),
        (NotAllowed("own_request"), "You proposed this switch, so somebody else has to approve it."),
        (
            InUse([Reference("connection", "acme-https")]),
            "It is still needed, so it stays. In use by: connection `acme-https`.",
        ),
        (AlreadyThere("partner", name="acme"), "There is a partner already: `acme`. Nothing was changed."),
        (BadInput("reason", "empty"), "Please fill this in."),
        (BadInput("uri", "not_https"), "That does not work: the address must begin with `https://`."),
        (BadInput("certificate", "same_as_current"), phrases.OBSTACLES["same_as_current"]),
    ],
)
def test_refusals_say_what_is_the_matter(refused: ServiceError, words: str) -> None:
    """And name what they are about."""
    assert sentences.error(refused) == words


@pytest.mark.parametrize("hostile", ["<!channel>", "`x` *y*", "\u202e" * 50, "n" * 9_000])
def test_hostile_facts_stay_facts(hostile: str) -> None:
    """What a person typed comes back in the sentence, escaped and cut."""
    data = dict.fromkeys(("name", "what", "state", "by", "options", "limit", "found", "key"), hostile)
    made = [
        sentences.error(NotFound(hostile, hostile, [hostile] * 50)),
        sentences.error(InUse([Reference(hostile, hostile)] * 50)),
        sentences.error(BadInput(hostile, hostile, **data)),
        sentences.error(WrongState(hostile, by=hostile)),
        *(sentences.finding(code, data) for code in FindingCode),
        *(sentences.refusal(code, data) for code in (*Refusal, hostile)),
    ]
    for sentence in made:
        assert "<!channel>" not in sentence
        assert "\u202e" not in sentence
        assert len(sentence) <= SECTION_TEXT


def test_a_file_without_certificates_is_told_by_what_came_instead() -> None:
    """Where that is known; else by what can be read."""
    told = {
        sentences.refusal(Refusal.NO_CERTIFICATE, data)
        for data in (
            {},
            {"place": 3, "problem": "broken_base64"},
            {"place": 1, "problem": "unreadable", "reason": "dates"},
            {"place": 1, "problem": "not_a_certificate", "shape": "revocation_list"},
            {"problem": "broken_zip"},
            {"problem": "broken_gzip"},
        )
    }
    plain = sentences.refusal(Refusal.NO_CERTIFICATE, {"place": 1, "problem": "not_a_certificate", "shape": "unknown"})

    assert len(told) == 6
    assert plain in told
    assert any("block 3" in sentence for sentence in told)


def test_a_private_key_is_called_compromised_and_the_file_is_to_be_deleted() -> None:
    """Design, decision 8."""
    sentence = sentences.refusal(Refusal.PRIVATE_KEY, {})

    assert "compromised" in sentence
    assert "delete the file in Slack" in sentence
    assert "*new* key" in sentence


def test_a_changed_issuer_is_told_by_its_common_names() -> None:
    """The whole names stand behind "Show details"."""
    data = {"now": r"CN=Issuing\, CA 4,OU=PKI,O=Nordlicht,C=DE", "before": "CN=Issuing CA 1,O=Nordlicht"}

    assert sentences.finding("changed_issuer", data) == "Another issuer: Issuing, CA 4, before Issuing CA 1."


@pytest.mark.parametrize(
    ("data", "uses", "words"),
    [
        ({}, "another one", "you have one generation of the CA, the partner uses another one"),
        ({"generation": 1, "generations": 1}, "a later one by its date", "you have one generation of the CA"),
        (
            {"generation": 2, "generations": 3},
            "a later one by its date",
            "you have generation 2 of the 3 known here, the partner uses a later one by its date",
        ),
    ],
)
def test_of_another_generation_only_what_is_known_is_said(data: dict[str, int], uses: str, words: str) -> None:
    """The number of the one that is there; the one that is wanted is not there, and has none."""
    assert words in sentences.near_miss("same_name_other_key", data, "the partner", uses)


def test_dates_of_findings_are_shown_as_dates() -> None:
    """The core gives ISO 8601; the reader gets the own zone."""
    made = sentences.finding("expired", {"date": "2026-11-01T00:00:00+00:00", "days": 23})

    assert made == "It expired on <!date^1793491200^{date_short}|2026-11-01>."


def test_a_code_that_has_no_sentence_is_shown_as_it_is_whatever_it_holds() -> None:
    """It is no template: a brace in it is a brace."""
    assert sentences.refusal("odd{", {}) == "was refused (`odd{`)."
    assert sentences.problem("{0}", {}) == "was left out (`{0}`)"
