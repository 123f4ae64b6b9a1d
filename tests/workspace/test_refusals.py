"""Claims about refusals: every documented error of a modelled method is met over HTTP, or declared with its reason."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.workspace.methods import METHODS
from tests.workspace.contract import Office
from tests.workspace.place import GENERAL, OLIVIA, Json, section
from tests.workspace.published import described, methods, needs_the_collection
from tests.workspace.refusals import CASES, Case
from tests.workspace.unreachable import UNREACHABLE

Offices = Callable[[str], Office]


@pytest.fixture(scope="module")
def offices(janitor: ThreadPoolExecutor) -> Iterator[Offices]:
    """Workspaces by the kind of their preferences, each made when first asked for."""
    made: dict[str, Office] = {}

    def office(kind: str) -> Office:
        if kind not in made:
            made[kind] = Office(kind)
        return made[kind]

    yield office
    for one in made.values():
        one.stop(janitor)


def refusal(office: Office, who: str, method: str, arguments: Json, verb: str = "POST") -> Json:
    """The body of the refusal."""
    body = office.call(who, method, arguments, verb)
    assert body["ok"] is False
    return body


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_this_call_is_refused_in_this_word(offices: Offices, case: Case) -> None:
    """One documented error."""
    office = offices(case.place)
    arguments = {**(case.prepare(office) if case.prepare else {}), **case.arguments}
    assert refusal(office, case.who, case.method, arguments, case.verb)["error"] == case.error


@needs_the_collection
def test_every_documented_error_is_met_or_declared() -> None:
    """Neither list names what Slack does not document, and nothing is in both."""
    met: dict[str, set[str]] = {}
    for case in CASES:
        met.setdefault(case.method, set()).add(case.error)
    for method in sorted(set(methods()) & set(METHODS)):
        documented = set(described(method).get("errors") or ())
        declared = set(UNREACHABLE.get(method, {}))
        assert met.get(method, set()) & declared == set(), method
        assert documented - met.get(method, set()) - declared == set(), f"{method}: neither met nor declared"
        assert declared <= documented, f"{method}: declared, but not documented"
    assert set(UNREACHABLE) <= set(METHODS)


def test_no_method_serves_an_unknown_token_or_the_wrong_kind(offices: Offices) -> None:
    """not_authed, invalid_auth, not_allowed_token_type: of every method, before it looks at anything else."""
    office = offices("plain")
    for name, method in METHODS.items():
        if not method.tokens:
            continue
        assert refusal(office, "nobody", name, {})["error"] == "not_authed", name
        assert refusal(office, "stranger", name, {})["error"] == "invalid_auth", name
        wrong = next((kind for kind in ("app", "bot", "user") if kind not in method.tokens), None)
        if wrong is not None:
            who = OLIVIA if wrong == "user" else wrong
            assert refusal(office, who, name, {})["error"] == "not_allowed_token_type", name


def test_without_its_scope_no_method_works(offices: Offices) -> None:
    """missing_scope says what is needed and what there is."""
    office = offices("powerless")
    for name, method in METHODS.items():
        if method.scopes:
            body = refusal(office, "bot", name, {})
            assert (body["error"], body["needed"], body["provided"]) == (
                "missing_scope",
                ",".join(method.scopes),
                "commands",
            )


def test_a_scope_for_public_channels_opens_no_private_one(offices: Offices) -> None:
    """Each kind of conversation has its own scope."""
    office = offices("public")
    office.bot.conversations_info(channel=GENERAL)
    direct = office.bot.chat_postMessage(channel=OLIVIA, text="x")["channel"]
    needed = [
        refusal(office, "bot", f"conversations.{name}", {"channel": direct})["needed"] for name in ("info", "history")
    ]
    assert needed == ["im:read", "im:history"]
    assert refusal(office, "bot", "conversations.list", {"types": "private_channel"})["needed"] == "groups:read"


def test_blocks_validate_names_each_fault_with_its_constraint(offices: Offices) -> None:
    """The published form: code, message, pointer into what was sent, constraint."""
    office = offices("plain")
    bad = [{"type": "section", "text": {"type": "invalid", "text": "x"}}, section("x" * 3001)]
    body = refusal(office, "nobody", "blocks.validate", {"blocks": bad})
    assert body["errors"] == [
        {
            "code": "failed_constraint",
            "message": "unsupported type: invalid",
            "pointer": "/0/text/type",
            "constraint": {"type": "enum", "expected": ["mrkdwn", "plain_text"]},
        },
        {
            "code": "failed_constraint",
            "message": "must be less than 3001 characters",
            "pointer": "/1/text/text",
            "constraint": {"type": "maxLength", "expected": 3000},
        },
    ]
    in_view = refusal(office, "nobody", "blocks.validate", {"view": {"type": "home", "blocks": bad[1:]}})
    assert in_view["errors"][0]["pointer"] == "/blocks/0/text/text"
    assert refusal(office, "nobody", "blocks.validate", {"blocks": bad, "view": {}})["error"] == "invalid_blocks"
