"""What people really send: each bad file gets its own sentence, leaves nothing behind, and the bot lives on."""

import base64
import gzip
import re
import ssl

import pytest

from tests.e2e.conftest import World
from tests.e2e.office import text_of

INITECH = "C0INITECHEDI"

# The sample, and words of the sentence that only this kind of file gets.
BAD = {
    "b2b-private-key.pem": "private key",
    "b2b-with-key.pem": "private key",
    "b2b-export.p12": "PKCS#12",
    "b2b-certificate.cer": "web page",
    "b2b-truncated.cer": "breaks off",
    "b2b-empty.cer": "empty",
    "b2b-request.csr": "request",
    "b2b-noise.der": "larger than 1 MB",
}


def certificates_in(world: World) -> int:
    """How many certificates the store holds."""
    return int(world.rows("select count(*) from certificate")[0][0])


def test_each_bad_file_is_answered_with_its_own_sentence_and_nothing_is_stored(world: World) -> None:
    """Eight bad files one after the other, then a good one: the bot still answers."""
    olivia = world.member("UOLIVIA")
    before = certificates_in(world)
    sentences = []
    for name, words in BAD.items():
        ts = olivia.drop(INITECH, name, world.sample(name))
        sentences.append(text_of(olivia.sees(INITECH, ts, name, words)).replace(name, ""))
    assert certificates_in(world) == before
    assert len(set(sentences)) == len(BAD) - 1, "both files with a key get the same warning, every other its own"

    ts = olivia.drop(INITECH, "good.pem", world.sample("initech-edi-new.pem"))
    olivia.sees(INITECH, ts, "new certificate", "Chain complete")


def test_what_was_damaged_on_its_way_is_told_as_damaged(world: World) -> None:
    """A certificate spoiled by mail is no file without one: whoever dropped it asks for the same one again."""
    olivia = world.member("UOLIVIA")
    good = world.sample("initech-edi-new.pem")
    spoiled = {
        "mailed.pem": (good.replace(b"M", b"=4D"), "block 1 is damaged"),
        "packed.zip": (b"PK\x03\x04" + bytes(200), "damaged ZIP"),
        "packed.gz": (gzip.compress(good)[:12] + bytes(range(200)), "damaged gzip"),
        "cut.gz": (gzip.compress(good)[:14], "breaks off"),
        "future.pem": (version_9(good), "cannot be read as one"),
    }
    before = certificates_in(world)
    for name, (data, words) in spoiled.items():
        ts = olivia.drop(INITECH, name, data)
        olivia.sees(INITECH, ts, name, words)
    assert certificates_in(world) == before


def version_9(pem: bytes) -> bytes:
    """The certificate as of a version of X.509 that is none (RFC 5280 section 4.1.2.1 knows 0 to 2)."""
    der = ssl.PEM_cert_to_DER_cert(pem.decode()).replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09", 1)
    return ssl.DER_cert_to_PEM_cert(der).encode()


def test_a_broken_block_among_good_ones_costs_itself_only(world: World) -> None:
    """The good blocks are stored; the broken one is named by its number."""
    olivia = world.member("UOLIVIA")
    before = certificates_in(world)
    ts = olivia.drop("C0ACMEB2B", "bundle.pem", world.sample("b2b-bundle-broken.pem"))
    answer = text_of(olivia.sees("C0ACMEB2B", ts, "new certificate"))
    assert re.search(r"[Bb]lock \d", answer)
    assert certificates_in(world) > before


@pytest.mark.parametrize("name", ["b2b-private-key.pem", "b2b-with-key.pem"])
def test_nothing_of_a_private_key_is_kept_anywhere(world: World, name: str) -> None:
    """Not in any database file, not in the log, not in the answer; the key is said to be compromised."""
    olivia = world.member("UOLIVIA")
    data = world.sample(name)
    ts = olivia.drop(INITECH, name, data)
    answer = text_of(olivia.sees(INITECH, ts, "compromised"))

    armour = re.search(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+(.+?)-----END", data, re.DOTALL)
    assert armour
    body = b"".join(armour[1].split())
    secret = base64.b64decode(body)[-48:]
    world.stop_bot()
    kept = [path for path in (world.folder / "data").rglob("*") if path.is_file()] + [world.log]
    for path in kept:
        content = path.read_bytes()
        assert body[-40:] not in content, path.name
        assert secret not in content, path.name
        assert secret.hex().encode() not in content.lower(), path.name
    assert body[-40:].decode() not in answer
