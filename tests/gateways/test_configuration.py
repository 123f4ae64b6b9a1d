"""The gateways' TOML file: what it gives, and what it says when it is wrong; and what `countersign doctor` prints."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from bot.doctor import WORDS, run_doctor
from bot.gateways.configuration import Gateways
from bot.gateways.errors import GatewayMisconfigured
from tests.gateways.site import Site, site
from tests.gateways.switching import NEW, switch


def written(folder: Path, text: str) -> Path:
    """The file."""
    path = folder / "gateways.toml"
    path.write_text(text)
    return path


def fault(folder: Path, text: str) -> GatewayMisconfigured:
    """What the file is refused with."""
    with pytest.raises(GatewayMisconfigured) as refused:
        Gateways.read(written(folder, text))
    return refused.value


def test_several_gateways_go_by_their_names(tmp_path: Path) -> None:
    """A snapshot of one cannot be taken to another; the first is what a new connection gets."""
    one, two = tmp_path / "one", tmp_path / "two"
    text = f'[gateways.west]\nkind = "files"\nroot = "{one}"\n[gateways.east]\nkind = "files"\nroot = "{two}"\n'
    gateways = Gateways.read(written(tmp_path, text))
    assert gateways.names == ("west", "east")
    assert (gateways("east").name, gateways("east").kind) == ("east", "files")
    switch(gateways("west"), NEW)
    snapshot = gateways("west").snapshot("acme-https")
    assert snapshot.gateway == "west"
    with pytest.raises(Exception, match="foreign_snapshot"):
        gateways("east").restore("acme-https", snapshot)
    with pytest.raises(GatewayMisconfigured, match="unknown_gateway"):
        gateways("north")


def test_a_wrong_file_is_named_by_the_place_and_never_by_the_value(tmp_path: Path) -> None:
    """What stands in it may be a command or a password."""
    assert "line 2" in fault(tmp_path, "[gateways.a]\nkind = \n").data["error"]
    assert fault(tmp_path, "").data == {"gateways": "missing"}
    assert fault(tmp_path, "[gateways]\n").data == {"gateways": "too_short"}
    assert "gateways.a.kind" in fault(tmp_path, '[gateways.a]\nroot = "/x"\n').data
    assert fault(tmp_path, '[gateways.a]\nkind = "carrier-pigeon"\n').data["known"] == "envoy, files, haproxy"
    wrong = fault(tmp_path, '[gateways.a]\nkind = "files"\nroot = "/x"\nreload = "rm -rf /"\n')
    assert (wrong.code, wrong.data["gateway"]) == ("bad_settings", "a")
    assert "rm -rf" not in str(wrong)
    for settings in (
        'root = "relative"\nsocket = "/s"',
        'root = "/a b"\nsocket = "/s"',
        'root = "/a;b"\nsocket = "/s"',
    ):
        assert "root" in fault(tmp_path, f'[gateways.a]\nkind = "haproxy"\n{settings}\n').data
    far = '[gateways.a]\nkind = "envoy"\nroot = "/x"\nadmin = "admin.example:9901"\n'
    assert "admin" in fault(tmp_path, far).data
    with pytest.raises(GatewayMisconfigured, match="file_unreadable"):
        Gateways.read(tmp_path / "none.toml")
    (tmp_path / "gateways.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(GatewayMisconfigured, match="not_toml"):
        Gateways.read(tmp_path / "gateways.toml")


def test_the_way_through_a_gateway_is_named_by_connection(tmp_path: Path) -> None:
    """Plain HTTP to anywhere, TLS to this machine alone; what is wrong is said by its place, without the address."""
    edge = f'[gateways.edge]\nkind = "files"\nroot = "{tmp_path}"\n[gateways.edge.through]\n'
    ways = 'acme-https = "http://gw.example:8080/b2b"\nborel = "https://[::1]:8443"\n'
    gateways = Gateways.read(written(tmp_path, edge + ways))
    found = [gateways.through("edge", name) for name in ("acme-https", "borel", "initech")]
    assert [one and one.uri for one in found] == ["http://gw.example:8080/b2b", "https://[::1]:8443/", None]
    assert gateways.through("elsewhere", "acme-https") is None
    for way, word in (
        ('a = "https://gw.example:8443/secret"', "not_loopback"),
        ('a = "ftp://127.0.0.1:21/secret"', "not_http"),
        ('a = "http://127.0.0.1/secret"', "no_port"),
        ('a = "http://secret@127.0.0.1:1/"', "userinfo"),
        ("a = 8080", "string_type"),
    ):
        wrong = fault(tmp_path, f"{edge}{way}\n")
        assert wrong.data == {"gateways.edge.through.a": word}
        assert "secret" not in str(wrong)
    assert "Upper" in str(fault(tmp_path, f'{edge}Upper = "http://127.0.0.1:1/"\n'))


def test_the_doctor_finds_nothing_bad_at_nothing_and_names_what_does_not_answer(tmp_path: Path) -> None:
    """Exit codes: 0 for nothing bad, 1 for a HAProxy that is not there."""
    out = io.StringIO()
    assert run_doctor(Gateways.only_files({"root": tmp_path / "none"}), out) == 0
    assert out.getvalue().startswith("files (files)\n  look ")
    text = f'[gateways.edge]\nkind = "haproxy"\nroot = "{tmp_path}/r"\nsocket = "{tmp_path}/none.sock"\n'
    out = io.StringIO()
    assert run_doctor(Gateways.read(written(tmp_path, text)), out) == 1
    assert "BAD  the program does not answer" in out.getvalue()


@pytest.mark.gateway
@pytest.mark.parametrize("kind", ["haproxy", "envoy"])
def test_the_doctor_is_content_with_a_gateway_as_the_documentation_has_it(kind: str, tmp_path: Path) -> None:
    """Run as a command, with the file in the environment; only the keys of the test are too open."""
    with site(kind, tmp_path) as made:
        lines = "\n".join(f'{name} = "{value}"' for name, value in made.settings.items())
        file = written(tmp_path, f'[gateways.edge]\nkind = "{kind}"\n{lines}\n')
        for key in (made.root / "gw/keys").iterdir():
            key.chmod(0o600)
        said = _doctor(file, tmp_path)
        assert said.returncode == 0, said.stdout + said.stderr
        assert "look" not in said.stdout.replace("to look at", "")
        assert said.stdout.count("what is live is whole") == 3
        _break(made)
        said = _doctor(file, tmp_path)
        assert (said.returncode, "BAD" in said.stdout) == (1, True)


def _break(made: Site) -> None:
    assert made.program is not None
    made.program.kill()


def _doctor(file: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "doctor"], capture_output=True, text=True, timeout=60, check=False,
        env={"GATEWAYS_FILE": str(file), "DATA_DIR": str(folder / "data"), "PATH": "/usr/bin"},
    )  # fmt: skip


def test_every_check_has_its_words() -> None:
    """A bare code is for programs."""
    rooms = Path(__file__).parents[2] / "bot/gateways"
    source = "".join(file.read_text() for file in rooms.rglob("*.py"))
    codes = {part.split('"')[1] for part in source.split("Check(")[1:] if part.startswith('"')}
    assert len(codes) > 20
    assert codes <= WORDS.keys()
