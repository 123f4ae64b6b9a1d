"""The peers that install here, each on the same list and the same chain. Each says what it took, or that it failed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, VerificationError
from cryptography.x509.verification import Store as PycaStore
from OpenSSL import crypto

from tests.bench.clock import milliseconds
from tests.bench.stores import Store
from tests.lab.builders import NOW

PATIENCE = 60
"""Seconds that a peer's process may take for one answer; Java takes 10 to 20 where many CAs are cross-signed."""

Peer = Callable[[Store], float | str]
"""Milliseconds for one answer, or a word: what kept it from one."""


def floor(store: Store) -> Callable[[], None]:
    """The bare signature checks of the chain's three links, keys and octets at hand: nobody can be faster."""
    made = store.chain
    links = []
    for child, issuer in ((made.leaf, made.int1), (made.int1, made.int2), (made.int2, made.root)):
        key, one = issuer.key.public_key(), child.certificate
        hashed = one.signature_hash_algorithm
        if not isinstance(key, rsa.RSAPublicKey) or hashed is None:
            raise TypeError("the benchmark's chain is an RSA chain")
        links.append((key, one.signature, one.tbs_certificate_bytes, hashed))
    pkcs1 = padding.PKCS1v15()

    def check() -> None:
        for key, signature, content, hashed in links:
            key.verify(signature, content, pkcs1, hashed)

    return check


def pyca(store: Store) -> float | str:
    """Pyca's verifier with all intermediates, and a policy without its demand for alternative names and key ids."""
    loaded = [x509.load_der_x509_certificate(der) for der in store.ders]
    root = store.chain.root.certificate
    ca = ExtensionPolicy.permit_all().require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    builder = PolicyBuilder().store(PycaStore([root])).time(NOW.replace(tzinfo=None))
    builder = builder.extension_policies(ca_policy=ca, ee_policy=ExtensionPolicy.permit_all())
    others = [one for one in loaded if one != root]
    leaf = store.chain.leaf.certificate
    try:
        return milliseconds(lambda: builder.build_client_verifier().verify(leaf, others))
    except VerificationError:
        return "FAIL"


def pyopenssl(store: Store) -> float | str:
    """OpenSSL through pyOpenSSL: the root in the store, all intermediates beside it."""
    trusted = crypto.X509Store()
    trusted.add_cert(crypto.X509.from_cryptography(store.chain.root.certificate))
    trusted.set_time(NOW)
    root = store.chain.root.der
    links = [x509.load_der_x509_certificate(der) for der in store.ders if der != root]
    others = [crypto.X509.from_cryptography(one) for one in links]
    leaf = crypto.X509.from_cryptography(store.chain.leaf.certificate)
    try:
        return milliseconds(lambda: crypto.X509StoreContext(trusted, leaf, others).verify_certificate())
    except crypto.X509StoreContextError:
        return "FAIL"


def openssl(store: Store) -> float | str:
    """The program `openssl verify`, a process and a file each time."""
    if shutil.which("openssl") is None:
        return "absent"
    with _files(store) as (leaf, root, listed):
        moment = str(int(NOW.timestamp()))
        command = ["openssl", "verify", "-attime", moment, "-CAfile", str(root), "-untrusted", str(listed), str(leaf)]
        if subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE).returncode != 0:
            return "FAIL"
        return milliseconds(lambda: subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE))


def pyhanko(store: Store) -> float | str:
    """Pyhanko-certvalidator, warm: its registry is built before."""
    try:
        from asn1crypto import x509 as asn1  # type: ignore[import-untyped,unused-ignore,import-not-found]  # noqa: PLC0415
        from pyhanko_certvalidator import (  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
            CertificateValidator,
            ValidationContext,
        )
        from pyhanko_certvalidator.errors import PathError  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
    except ImportError:
        return "absent"
    import asyncio  # noqa: PLC0415

    root = asn1.Certificate.load(store.chain.root.der)
    others = [asn1.Certificate.load(der) for der in store.ders]
    context = ValidationContext(trust_roots=[root], other_certs=others, moment=NOW, allow_fetching=False)
    leaf = store.chain.leaf.der

    async def once() -> None:
        validator = CertificateValidator(asn1.Certificate.load(leaf), validation_context=context)
        await validator.async_validate_path()

    try:
        asyncio.run(once())
        return milliseconds(lambda: asyncio.run(once()))
    except PathError:
        return "FAIL"


def java(store: Store) -> float | str:
    """Java's PKIX builder, steady state: it remembers good signatures in its objects, so small lists beat the floor."""
    if shutil.which("java") is None:
        return "absent"
    source = Path(__file__).parent / "PathBench.java"
    with _files(store) as (leaf, root, listed):
        arguments = [str(leaf), str(root), str(listed), str(int(NOW.timestamp() * 1000)), "2"]
        try:
            done = subprocess.run(
                ["java", str(source), *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE
            )
        except subprocess.TimeoutExpired:
            return f"over {PATIENCE} s"
    word = done.stdout.strip()
    return word if word == "FAIL" else float(word) if word else "does not start"


@contextmanager
def _files(store: Store) -> Iterator[tuple[Path, Path, Path]]:
    """Leaf, root and list in PEM."""
    with tempfile.TemporaryDirectory() as folder:
        paths = tuple(Path(folder) / name for name in ("leaf.pem", "root.pem", "list.pem"))
        paths[0].write_text(store.chain.leaf.pem)
        paths[1].write_text(store.chain.root.pem)
        with paths[2].open("w") as out:
            for one in store.values():
                if one.der != store.chain.root.der:
                    out.write(one.pem)
        yield paths[0], paths[1], paths[2]


PEERS: dict[str, Peer] = {
    "cryptography's verifier": pyca,
    "pyOpenSSL": pyopenssl,
    "openssl verify": openssl,
    "pyhanko-certvalidator": pyhanko,
    "Java PKIX": java,
}
