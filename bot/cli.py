"""The command line: run, check, manifest, doctor, migrate, version. Few verbs, so argparse."""

import argparse
import json
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from bot import __version__
from bot.config import Settings
from bot.obstacles import CannotStart

EXIT_OK = 0
EXIT_UNUSABLE = 2
EXIT_INTERRUPTED = 128 + signal.SIGINT  # as a shell has it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    options = _parser().parse_args(arguments)
    verb: str = options.verb
    if verb == "version":
        print(f"countersign {__version__}")
        return EXIT_OK
    if verb == "check":
        return _check(options)
    if verb == "manifest":
        return _manifest(options)
    settings = _settings()
    return EXIT_UNUSABLE if settings is None else _with_settings(verb, settings, options)


def _with_settings(verb: str, settings: Settings, options: argparse.Namespace) -> int:
    try:
        return _WITH_SETTINGS[verb](settings, options)
    except CannotStart as error:
        print(f"countersign: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    except KeyboardInterrupt:  # Ctrl-C before it was up, or at a verb that takes long: nothing is lost by that
        print("countersign: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="countersign", description="Looks after your B2B partners' certificates.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("run", help="start the bot: on Slack when the tokens are set, else on a local workspace")
    check = verbs.add_parser("check", help="print the chain of a certificate, or what is missing; needs no Slack")
    check.add_argument("file", type=Path, metavar="FILE", help="PEM, DER or PKCS#7; a bundle may hold the chain")
    check.add_argument("--ca", type=Path, action="append", default=[], metavar="FILE", help="CA certificates (repeat)")
    check.add_argument("--at", type=_moment, metavar="TIME", help="judge at this ISO 8601 time (default: now)")
    check.add_argument("--strict", action="store_true", help="hold the chain to the letter of RFC 5280's profile")
    check.add_argument("--json", action="store_true", help="print JSON instead of a tree")
    manifest = verbs.add_parser("manifest", help="print the app manifest to create the Slack app from")
    manifest.add_argument(
        "--http", metavar="URL", help="for signed HTTP at this public https address (default: Socket Mode)"
    )
    audit = verbs.add_parser("audit", help="verify: whether the audit is whole; exit code 1 when it is not")
    audit.add_argument("what", choices=["verify"], metavar="verify")
    audit.add_argument("--expect", type=_digest, metavar="HEAD", help="a head printed earlier, which has to be in it")
    evidence = verbs.add_parser(
        "evidence", help="what there is to show for a switch: approvals, proofs, audit; as JSON"
    )
    evidence.add_argument("switch", metavar="SWITCH", help="the id of the switch")
    evidence.add_argument("--html", type=Path, metavar="FILE", help="write a page instead, for a browser or for paper")
    verbs.add_parser("doctor", help="look at the gateways: reachable, set up well, in step; exit code 1 when not")
    verbs.add_parser("migrate", help="bring the database up to date (run does it too)")
    verbs.add_parser("version", help="print the version")
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO 8601 time, for example 2026-11-24T08:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _digest(text: str) -> str:
    digest = text.strip().lower()
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise argparse.ArgumentTypeError("a head is 64 hexadecimal digits")
    return digest


def _settings() -> Settings | None:
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"]).upper()
            print(f"countersign: {name}: {problem['msg']}", file=sys.stderr)
        return None


def _check(options: argparse.Namespace) -> int:
    from bot.terminal import run_check  # noqa: PLC0415 - `version` and `--help` need no cryptography

    at = options.at or datetime.now(UTC)
    return run_check(options.file, options.ca, at, options.json, sys.stdout, options.strict)


def _manifest(options: argparse.Namespace) -> int:
    from bot.manifest import BadAddress, manifest  # noqa: PLC0415

    try:
        print(json.dumps(manifest(options.http), indent=2))
    except BadAddress:
        print(f"countersign: {options.http!r}: Slack calls public https addresses only", file=sys.stderr)
        return EXIT_UNUSABLE
    return EXIT_OK


def _verify(settings: Settings, options: argparse.Namespace) -> int:
    from bot.app import Core  # noqa: PLC0415
    from bot.auditing import run_verify  # noqa: PLC0415

    core = Core(settings)
    try:
        return run_verify(core.services.audit, options.expect, sys.stdout)
    finally:
        core.close()


def _evidence(settings: Settings, options: argparse.Namespace) -> int:
    from bot.app import Core  # noqa: PLC0415
    from bot.auditing import run_evidence  # noqa: PLC0415

    core = Core(settings)
    try:
        return run_evidence(core.services.evidence, options.switch, options.html, sys.stdout, sys.stderr)
    finally:
        core.close()


def _migrate(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.app import open_store  # noqa: PLC0415

    open_store(settings).close()
    print("The database is up to date.")
    return EXIT_OK


def _run(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.running import run  # noqa: PLC0415 - the whole product; the other verbs start without it

    return run(settings)


def _doctor(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.app import open_gateways  # noqa: PLC0415
    from bot.doctor import run_doctor  # noqa: PLC0415

    return run_doctor(open_gateways(settings), sys.stdout)


_WITH_SETTINGS: Mapping[str, Callable[[Settings, argparse.Namespace], int]] = {
    "run": _run,
    "doctor": _doctor,
    "migrate": _migrate,
    "audit": _verify,
    "evidence": _evidence,
}
