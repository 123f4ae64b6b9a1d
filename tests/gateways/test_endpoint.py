"""Which URIs the probe will use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateways.endpoint import Endpoint
from bot.gateways.errors import EndpointRefused


@pytest.mark.parametrize(
    ("uri", "normal"),
    [
        ("https://b2b.acme.example/as2", "https://b2b.acme.example/as2"),
        ("HTTPS://B2B.Acme.Example:443", "https://b2b.acme.example/"),
        ("https://127.0.0.1:8443/b2b?x=1", "https://127.0.0.1:8443/b2b?x=1"),
        ("https://[::1]:8443/", "https://[::1]:8443/"),
        ("https://[2001:DB8::1]/", "https://[2001:db8::1]/"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
    ],
)
def test_a_uri_is_read_into_its_normal_form(uri: str, normal: str) -> None:
    """Case, default port and empty path are settled once."""
    assert Endpoint.parse(uri).uri == normal


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("http://acme.example/", "not_https"),
        ("ftp://acme.example/", "not_https"),
        ("acme.example:443", "not_https"),
        ("", "bad_characters"),
        ("https://acme.example/a b", "bad_characters"),
        ("https://acme.example/\r\nX: y", "bad_characters"),
        ("https://acme.example\\@evil.example/", "bad_characters"),
        ("https://büro.example/", "bad_characters"),
        ("https://user:secret@acme.example/", "userinfo"),
        ("https://acme.example/#", "fragment"),
        ("https:///path", "no_host"),
        ("https://:443/", "no_host"),
        ("https://[::1/", "bad_host"),
        ("https://[::1]evil/", "bad_host"),
        ("https://a..b/", "bad_host"),
        ("https://2130706433/", "bad_host"),
        ("https://0x7f.1/", "bad_host"),
        ("https://acme.example:0/", "bad_port"),
        ("https://acme.example:65536/", "bad_port"),
        ("https://acme.example:+1/", "bad_port"),
        ("https://acme.example:/", "bad_port"),
        ("https://acme.example/" + "a" * 2048, "too_long"),
    ],
)
def test_anything_else_is_refused_by_name(uri: str, code: str) -> None:
    """People paste these into Slack, by mistake or on purpose."""
    with pytest.raises(EndpointRefused) as refused:
        Endpoint.parse(uri)
    assert refused.value.code == code


def test_a_refusal_does_not_repeat_a_password() -> None:
    """The refusal goes into a thread."""
    with pytest.raises(EndpointRefused) as refused:
        Endpoint.parse("https://user:hunter2@acme.example/")
    assert "hunter2" not in str(refused.value)


@given(st.text(max_size=60).map(lambda tail: "https://" + tail))
def test_no_text_brings_another_exception_and_what_is_read_reads_again(uri: str) -> None:
    """Hostile text has one way to fail."""
    try:
        endpoint = Endpoint.parse(uri)
    except EndpointRefused:
        return
    assert Endpoint.parse(endpoint.uri) == endpoint
