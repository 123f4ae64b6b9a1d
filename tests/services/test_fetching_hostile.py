"""What a CA's server (or whoever stands in its place) may do, and what becomes of it: a refusal with its reason.

Every test runs by the rules of production: public addresses, ports 80 and 443. A small internet carries the connections
to servers on loopback.
"""

import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat

import pytest

from bot.services.fetching import FetchRefused, FetchSettings, IssuerFetcher
from tests.patience import PATIENCE_SECONDS
from tests.services.ca_server import (
    HOST,
    OTHER_PUBLIC,
    PUBLIC,
    Site,
    answering,
    open_site,
    pouring,
    redirect,
    response,
)

URL = f"http://{HOST}/issuing.cer"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def site() -> Iterator[Site]:
    """A small internet with the name of one CA in it."""
    with open_site() as opened:
        yield opened


def refusal(site: Site, url: str = URL) -> str:
    """The reason why the fetch is refused."""
    with pytest.raises(FetchRefused) as caught:
        site.fetcher.fetch(url)
    return caught.value.reason


def test_the_content_comes_with_a_plain_request_that_tells_nothing_of_us(site: Site) -> None:
    """One GET: the host's own name, a fixed agent, no cookie, no credentials."""
    seen: list[str] = []
    site.internet.serve(answering(response(b"content"), seen=seen))
    assert site.fetcher.fetch(URL + "?generation=2#top") == b"content"
    (request,) = seen
    assert request.startswith("GET /issuing.cer?generation=2 HTTP/1.1\r\n")
    headers = {line.split(":")[0].lower() for line in request.split("\r\n")[1:] if line}
    assert headers == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert f"Host: {HOST}\r\n" in request
    assert "User-Agent: Countersign\r\n" in request


def test_a_proxy_in_the_environment_is_not_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would look the name up by itself, behind every check."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://192.0.2.1:3128")
    site.internet.serve(answering(response(b"content")))
    assert site.fetcher.fetch(URL) == b"content"
    assert site.internet.dialled == [(PUBLIC, 80)]


def test_redirects_are_followed_to_the_third_hop(site: Site) -> None:
    """Absolute, by path alone, without a scheme; to another name; the last one holds the content."""
    seen: list[str] = []
    hops = (redirect(f"http://{HOST}/b"), redirect("../c", "301 Moved Permanently"), redirect(f"//{HOST}/d"))
    site.internet.serve(answering(*hops, response(b"content"), seen=seen))
    assert site.fetcher.fetch(URL) == b"content"
    assert [one.split()[1] for one in seen] == ["/issuing.cer", "/b", "/c", "/d"]


def test_a_fourth_redirect_is_refused(site: Site) -> None:
    """A server that sends round in a circle."""
    seen: list[str] = []
    site.internet.serve(answering(redirect(URL), seen=seen))
    assert refusal(site) == "too_many_redirects"
    assert len(seen) == 4


INWARD = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://10.1.2.3/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[64:ff9b::a01:203]/",
    "http://[fd00:ec2::254]/",
    "http://inside.ca.example/",
]


@pytest.mark.parametrize("place", INWARD)
def test_a_redirect_into_a_private_network_is_refused_before_anything_is_dialled(site: Site, place: str) -> None:
    """Loopback, private, link-local and metadata addresses, in every spelling, and a name that leads there."""
    site.names.answer("inside.ca.example", ["192.168.7.7"])
    for spelling in ("127.1", "2130706433"):  # what the system's resolver makes of them
        site.names.answer(spelling, ["127.0.0.1"])
    site.internet.serve(answering(redirect(place)))
    assert refusal(site) == "private_address"
    assert site.internet.dialled == [(PUBLIC, 80)]


def test_a_redirect_to_a_server_on_this_machine_reaches_nobody(site: Site) -> None:
    """A real server listens on loopback: it never hears of it, at its port or through its address as a name."""
    heard: list[str] = []
    inner = site.internet.serve(answering(response(b"secret"), seen=heard), "127.0.0.1", 80)
    site.internet.serve(answering(redirect(f"http://127.0.0.1:{inner}/secret")))
    assert refusal(site) == "private_address"
    site.names.answer("localhost", ["127.0.0.1"])
    assert refusal(site, "http://localhost/secret") == "private_address"
    assert heard == []


def test_a_name_with_one_inner_address_among_public_ones_is_refused(site: Site) -> None:
    """Which of them would be taken is not left to chance."""
    site.names.answer(HOST, [PUBLIC, "10.0.0.1"])
    assert refusal(site) == "private_address"
    assert site.internet.dialled == []


def test_a_name_whose_answer_changes_after_the_check_cannot_lead_inside(site: Site) -> None:
    """Public at the first question, loopback ever after: one question, and the connection goes to its answer."""
    heard: list[str] = []
    site.internet.serve(answering(response(b"secret"), seen=heard), "127.0.0.1")
    site.internet.serve(answering(response(b"content")))
    site.names.answer(HOST, [PUBLIC], ["127.0.0.1"])
    assert site.fetcher.fetch(URL) == b"content"
    assert (site.names.asked, site.internet.dialled, heard) == ([HOST], [(PUBLIC, 80)], [])


def test_a_redirect_to_the_same_name_is_checked_again(site: Site) -> None:
    """Public when asked first, loopback for the redirect."""
    site.internet.serve(answering(redirect("/again")))
    site.names.answer(HOST, [PUBLIC], ["127.0.0.1"])
    assert refusal(site) == "private_address"
    assert site.internet.dialled == [(PUBLIC, 80)]


def test_where_one_address_is_silent_the_next_one_is_asked(site: Site) -> None:
    """An IPv6 address without a route, then the IPv4 one."""
    site.internet.serve(answering(response(b"content")))
    site.names.answer(HOST, [OTHER_PUBLIC, PUBLIC])
    assert site.fetcher.fetch(URL) == b"content"
    assert site.internet.dialled == [(OTHER_PUBLIC, 80), (PUBLIC, 80)]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ldap://ldap.ca.example/cn=Issuing?cACertificate", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://pki.ca.example/", "scheme"),
        ("ftp://pki.ca.example/issuing.cer", "scheme"),
        ("http://user:secret@pki.ca.example/", "credentials"),
        ("http://user@pki.ca.example/", "credentials"),
        ("http://pki.ca.example:8080/issuing.cer", "port"),
        ("http://pki.ca.example:22/issuing.cer", "port"),
        ("http://pki.ca.example:0/issuing.cer", "bad_url"),
        ("http://pki.ca.example:99999/issuing.cer", "bad_url"),
        ("http:///issuing.cer", "bad_url"),
        ("http://.ca.example/", "bad_url"),
        ("http://pki..example/", "bad_url"),
        ("http://[::1/", "bad_url"),
        ("http://pki.ca.example\\@127.0.0.1/", "bad_url"),
        ("http://pki.ca.example/\r\nHost: inside", "bad_url"),
        ("http://pki.ca.example/" + "a" * 2048, "bad_url"),
        ("issuing.cer", "scheme"),
        ("", "bad_url"),
        ("http://unknown.example/", "no_address"),
        (f"http://{'a' * 70}.example/", "no_address"),
        ("https://pki.ca.example/", "unreachable"),
    ],
)
def test_an_address_that_is_not_asked_is_refused_by_name(site: Site, url: str, reason: str) -> None:
    """Other schemes, credentials, other ports, what is no address at all, nobody there."""
    site.internet.serve(answering(response(b"")))
    assert refusal(site, url) == reason


def test_the_password_of_an_address_is_not_repeated(site: Site) -> None:
    """The refusal is read by more people than may know it."""
    with pytest.raises(FetchRefused) as caught:
        site.fetcher.fetch("http://user:secret@pki.ca.example/")
    assert "secret" not in str(caught.value.data)


@pytest.mark.parametrize("location", ["ldap://ca.example/", "http://u:p@ca.example/", "http://ca.example:8080/"])
def test_a_redirect_is_read_as_strictly_as_the_first_address(site: Site, location: str) -> None:
    """The same refusals at the second hop."""
    site.names.answer("ca.example", [PUBLIC])
    site.internet.serve(answering(redirect(location)))
    assert refusal(site) in {"scheme", "credentials", "port"}
    assert site.internet.dialled == [(PUBLIC, 80)]


@pytest.mark.parametrize("status", ["404 Not Found", "500 Broken", "204 No Content", "206 Partial Content", "304 Same"])
def test_an_answer_without_the_content_is_refused_with_its_status(site: Site, status: str) -> None:
    """Only 200 brings a whole file."""
    body = b"" if status[:3] in {"204", "304"} else b"page"
    head = b"" if body else f"HTTP/1.1 {status}\r\n\r\n".encode()
    site.internet.serve(answering(head or response(body, status)))
    with pytest.raises(FetchRefused) as caught:
        site.fetcher.fetch(URL)
    assert (caught.value.reason, caught.value.data["status"]) == ("http_status", int(status[:3]))


def test_a_redirect_to_nowhere_is_refused_with_its_status(site: Site) -> None:
    """302 without a Location."""
    site.internet.serve(answering(response(b"", "302 Found")))
    assert refusal(site) == "http_status"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"220 mail.ca.example ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000,
    ],
)
def test_what_is_no_whole_http_answer_is_refused(site: Site, answer: bytes) -> None:
    """Silence, other protocols, half a body, contradicting or broken lengths, a header without end."""
    site.internet.serve(answering(answer))
    assert refusal(site) == "broken_answer"


def test_a_body_that_says_it_is_too_large_is_not_read(site: Site) -> None:
    """One byte more than allowed, by its declared length; not one byte of it is ever sent."""
    site.internet.serve(answering(OK + b"Content-Length: 1000001\r\n\r\n"))
    assert refusal(site) == "too_large"


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (OK + b"\r\n", b"a" * 65_536),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"a" * 65_536 + b"\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * 10_000),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 1_000),
    ],
)
def test_an_answer_without_end_is_cut_off(site: Site, head: bytes, part: bytes) -> None:
    """Undeclared, in chunks, in chunks of one byte, and as interim answers: far more than is allowed."""
    site.settings = replace(site.settings, seconds=30.0, content_bytes=100_000)
    site.internet.serve(pouring(head, lambda: repeat(part, 2_000)))
    assert refusal(site) == "too_large"


@pytest.mark.parametrize("whole", [response(b"a" * 200), response(b"late")])
def test_an_answer_that_drips_is_ended_by_the_one_deadline(site: Site, whole: bytes) -> None:
    """A byte now and then, each well within any time-out of its own; it would be whole after several seconds."""
    site.settings = FetchSettings(seconds=0.4)
    site.internet.serve(pouring(b"", lambda: (whole[at : at + 1] for at in range(len(whole))), pause=0.1))
    assert refusal(site) == "too_slow"


def test_the_deadline_is_one_for_all_hops(site: Site) -> None:
    """Each hop is quick enough by itself; together they are not."""
    site.settings = FetchSettings(seconds=0.5)
    whole = redirect(f"http://{HOST}/next")
    half = len(whole) // 2
    site.internet.serve(pouring(b"", lambda: iter((whole[:half], whole[half:])), pause=0.3))
    assert refusal(site) == "too_slow"


def test_a_name_server_that_does_not_answer_is_not_waited_for() -> None:
    """The look-up counts as well."""
    over = threading.Event()

    def silent(_host: str, _port: int) -> list[str]:
        over.wait(PATIENCE_SECONDS)
        return []

    fetcher = IssuerFetcher(FetchSettings(seconds=0.2), silent)
    with pytest.raises(FetchRefused) as caught:
        fetcher.fetch(URL)
    over.set()
    assert caught.value.reason == "too_slow"
