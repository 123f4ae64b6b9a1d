"""One generator for every view of the bot, by its module and name; `test_every_view` finds the views by itself."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.services.audit import AuditExport
from bot.services.ca_list import CaListing
from bot.services.fetching import FetchFailure, FetchRefused, FetchStanding
from handlers import ids
from handlers.views import audit, details, done, form, lists, modals, prompt, root, upload
from handlers.views.blocks import Message, say
from handlers.views.form import Origin
from handlers.vocabulary import USAGES, Unclear
from storage.records import AnchorState, AuditHead, PromptState, UploadState
from storage.switch_records import SwitchState
from tests.handlers.home_generators import HOME
from tests.handlers.reports import World
from tests.handlers.switch_generators import SWITCHING
from tests.lab.builders import NOW

ORIGIN = Origin("C0ACME", "1.2", "12", "ab" * 32)

HOLDERS = ("UADAM", "S0TRUST")

Made = Message | Mapping[str, Any]
Generator = Callable[[World], Iterator[Made]]


def _some(world: World, make: Callable[[], Any]) -> list[Any]:
    return [make() for _ in range(world.many)]


def _ca_listing(w: World) -> CaListing:
    first = tuple(_some(w, w.ca_entry))
    return CaListing(Counter(one.ca.anchor for one in first * (w.many + 1)), first)


def _uploads(w: World) -> Iterator[Made]:
    yield upload.render(w.upload_report(UploadState.STORED), NOW)
    yield upload.render(w.upload_report(UploadState.NEEDS_PARTNER), NOW)
    for refusal in ("private_key", "not_allowed", w.text()):
        yield upload.render(w.upload_report(UploadState.REFUSED, refusal), NOW)


def _prompts(w: World) -> Iterator[Made]:
    failed = FetchFailure("UOLIVIA", NOW, (FetchRefused(w.text(), url=w.text(), host=w.text()),))
    for state in PromptState:
        for standing in (FetchStanding(offered=True, failure=failed), FetchStanding(False, None, is_under_way=True)):
            yield prompt.render(w.prompt(state), standing)


GENERATORS: Mapping[str, Generator] = {
    "details.of_certificate": lambda w: iter([details.of_certificate(w.details(), NOW)]),
    "details.of_prompt": lambda w: (details.of_prompt(w.prompt(state)) for state in PromptState),
    "details.of_switch": lambda w: (
        details.of_switch(w.switch_report(state), NOW, is_ours=ours) for state in SwitchState for ours in (True, False)
    ),
    "done.renamed": lambda w: iter([done.renamed(w.text(), w.text())]),
    "done.which_partner": lambda w: iter([done.which_partner("/cert list", _some(w, w.partner))]),
    "done.partner_added": lambda w: iter([say(done.partner_added(w.partner()))]),
    "done.connection_added": lambda w: iter([say(done.connection_added(w.connection(), "/cert"))]),
    "form.told": lambda w: iter([form.told("Partner added", done.partner_added(w.partner()))]),
    "audit.page": lambda w: iter(
        [
            audit.page(_some(w, w.audit_entry), w.partner(), "audit before 7", "audit csv"),
            audit.page(_some(w, w.audit_entry), None, None, "audit csv"),
            audit.page((), w.partner(), None, "audit csv", narrowed=True),
            audit.page((), None, None, "audit csv"),
        ]
    ),
    "audit.under_way": lambda _: iter([audit.under_way()]),
    "audit.announced": lambda _: iter([audit.announced()]),
    "audit.sent": lambda w: iter([audit.sent(AuditExport(b"", w.many, w.many > 1, AuditHead("ab" * 32, w.many)))]),
    "audit.not_sent": lambda _: iter([audit.not_sent()]),
    "lists.ca_list": lambda w: iter([lists.ca_list(_ca_listing(w), NOW)]),
    "lists.certificates": lambda w: iter([lists.certificates(w.partner(), _some(w, w.listed), NOW)]),
    "lists.connections": lambda w: iter([lists.connections(w.partner(), _some(w, w.connection_report), NOW)]),
    "lists.deletion": lambda w: iter([lists.deletion(w.shown())]),
    "lists.form_offer": lambda _w: (lists.form_offer(name) for name in (ids.MODAL_IMPORT, ids.MODAL_PROPOSE)),
    "lists.help_text": lambda _w: (lists.help_text("/cert", ours=ours) for ours in (True, False)),
    "lists.partners": lambda w: iter([lists.partners(_some(w, w.partner))]),
    "lists.shown": lambda w: (lists.shown(w.shown(), NOW, may_change=may) for may in (True, False)),
    "lists.switches": lambda w: iter([lists.switches(_some(w, w.switch_line), w.partner())]),
    "lists.unclear": lambda w: (lists.unclear("/cert", Unclear(w.text(), near, False)) for near in ((), USAGES[:3])),
    "modals.assign": lambda w: iter([modals.assign(ORIGIN, [w.partner(), *_some(w, w.partner)])]),
    "modals.connection_add": lambda w: iter([modals.connection_add(ORIGIN, [w.partner()], None)]),
    "modals.decline_root": lambda _w: iter([modals.decline_root(ORIGIN)]),
    "modals.import_files": lambda w: iter([modals.import_files(ORIGIN, _some(w, w.partner), None)]),
    "modals.partner_add": lambda _w: iter([modals.partner_add(ORIGIN)]),
    "modals.record_word": lambda w: iter([modals.record_word(ORIGIN, w.text(), NOW)]),
    "modals.reject": lambda _w: iter([modals.reject(ORIGIN)]),
    "modals.rename": lambda w: iter([modals.rename(ORIGIN, w.text()), modals.rename(Origin("C0ACME"))]),
    "prompt.completed": lambda w: iter([prompt.completed(w.prompt(PromptState.ANSWERED))]),
    "prompt.render": _prompts,
    "root.render": lambda w: (root.render(w.root(state), NOW, HOLDERS) for state in AnchorState),
    "upload.import_started": lambda w: iter([upload.import_started("UOLIVIA", w.many)]),
    "upload.on_its_way": lambda _w: iter([upload.on_its_way()]),
    "upload.render": _uploads,
    **HOME,
    **SWITCHING,
}
