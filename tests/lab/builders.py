"""A test PKI in a few words: `Ca.root("Acme Root").intermediate("Acme Issuing").leaf("as2.acme.example")`.

Every certificate has a fresh key (P-256 unless told otherwise, because it is the fastest to make) and fixed dates
around `NOW`, so that a test never depends on the day of its run. Whatever a real partner gets wrong can be asked for:
no key identifiers, a CA without the CA flag, foreign dates, a name spelled differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TypedDict, Unpack

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROOT_DATES = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
INTERMEDIATE_DATES = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2034, 1, 1, tzinfo=UTC))
LEAF_DATES = (datetime(2026, 11, 2, tzinfo=UTC), datetime(2027, 5, 21, tzinfo=UTC))

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
Hash = hashes.SHA224 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512

EKU = {
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH,
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "emailProtection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
}


class Options(TypedDict, total=False):
    """What a certificate may say of itself; whatever is left out is what a tidy CA would write."""

    key: Key
    key_kind: str  # "ec" (P-256), "p384", "brainpool", "rsa" (2048), "rsa1024", "rsa4096", "ed25519", "ed448"
    org: str | None
    ou: str | None
    country: str | None
    subject: x509.Name  # instead of the name made of CN, org, ou and country
    issuer_name: x509.Name  # how this certificate spells its issuer, where that differs from the issuer's own subject
    not_before: datetime
    not_after: datetime
    serial: int
    ski: bool | bytes
    aki: bool | bytes
    ca: bool | None  # None: no basicConstraints at all
    path_length: int | None
    key_usage: Sequence[str] | None  # names of x509.KeyUsage's fields; None: no keyUsage
    eku: Sequence[str]  # names in EKU, or dotted object identifiers
    san: Sequence[str]  # host names and IP addresses
    aia: str | Sequence[str] | None
    sha: Hash
    extensions: Sequence[x509.Extension[x509.ExtensionType]]


def new_key(kind: str = "ec") -> Key:
    """A fresh private key of the kind named as in `Options.key_kind`."""
    curves = {"ec": ec.SECP256R1(), "p384": ec.SECP384R1(), "brainpool": ec.BrainpoolP256R1()}
    if kind in curves:
        return ec.generate_private_key(curves[kind])
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "ed448":
        return ed448.Ed448PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=int(kind.removeprefix("rsa") or 2048))


def dn(cn: str, org: str | None = None, ou: str | None = None, country: str | None = None) -> x509.Name:
    """A distinguished name in the usual order, country first, common name last."""
    parts = ((NameOID.COUNTRY_NAME, country), (NameOID.ORGANIZATION_NAME, org))
    units = ((NameOID.ORGANIZATIONAL_UNIT_NAME, ou), (NameOID.COMMON_NAME, cn))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in (*parts, *units) if value is not None])


@dataclass(frozen=True)
class Issued:
    """A certificate with its private key, and the certificates above it (nearest first)."""

    certificate: x509.Certificate
    key: Key = field(repr=False)
    above: tuple[Issued, ...] = ()

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> str:
        """The certificate in PEM, one block."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @property
    def chain_pem(self) -> str:
        """This certificate and everything above it in PEM, root last."""
        return "".join(one.pem for one in (self, *self.above))

    @property
    def key_pem(self) -> str:
        """The private key in PEM (PKCS#8, not encrypted)."""
        return _key_bytes(self.key, serialization.Encoding.PEM).decode("ascii")

    @property
    def key_der(self) -> bytes:
        """The private key in DER (PKCS#8, not encrypted)."""
        return _key_bytes(self.key, serialization.Encoding.DER)

    @property
    def sha256(self) -> str:
        """The fingerprint: 64 lower-case hexadecimal digits."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def name(self) -> x509.Name:
        """The subject."""
        return self.certificate.subject


@dataclass(frozen=True)
class Ca(Issued):
    """A certificate authority: an `Issued` that can issue."""

    @classmethod
    def root(cls, cn: str, **options: Unpack[Options]) -> Ca:
        """A self-signed root."""
        options.setdefault("not_before", ROOT_DATES[0])
        options.setdefault("not_after", ROOT_DATES[1])
        return cls(*_issue(cn, None, _as_ca(options)))

    def intermediate(self, cn: str, **options: Unpack[Options]) -> Ca:
        """A CA below this one."""
        options.setdefault("not_before", INTERMEDIATE_DATES[0])
        options.setdefault("not_after", INTERMEDIATE_DATES[1])
        return Ca(*_issue(cn, self, _as_ca(options)), (self, *self.above))

    def leaf(self, cn: str, **options: Unpack[Options]) -> Issued:
        """An end-entity certificate below this CA."""
        return Issued(*_issue(cn, self, options), (self, *self.above))

    def renew(self, old: Issued, cn: str | None = None, **options: Unpack[Options]) -> Issued:
        """A new certificate for the same subject and, unless another one is given, the same key."""
        options.setdefault("key", old.key)
        options.setdefault("subject", old.name)
        return self.leaf(cn or "renewed", **options)

    def cross_sign(self, other: Ca, **options: Unpack[Options]) -> Ca:
        """A certificate of this CA for the other CA's name and key: a second way up."""
        options.setdefault("key", other.key)
        options.setdefault("subject", other.name)
        return self.intermediate("cross", **options)

    def reissue(self, **options: Unpack[Options]) -> Ca:
        """This self-signed root once more: same name and key, other dates or extensions."""
        options.setdefault("key", self.key)
        options.setdefault("subject", self.name)
        return Ca.root("reissued", **options)


def self_signed(cn: str, **options: Unpack[Options]) -> Issued:
    """A self-signed end-entity certificate, the normal case among AS2 partners."""
    return Issued(*_issue(cn, None, options))


def with_sha1(issued: Issued, issuer: Issued) -> Issued:
    """The same certificate signed with SHA-1, as old CAs did; RSA issuers only.

    The library's builder refuses SHA-1, so the algorithm is exchanged in the encoded form: both object identifiers
    (RFC 8017 appendix A.2.4, RFC 3279 section 2.2.1) have the same length.
    """
    if not isinstance(issuer.key, rsa.RSAPrivateKey):
        raise TypeError("SHA-1 is made with RSA issuers only")
    sha256, sha1 = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
    old = issued.certificate.tbs_certificate_bytes
    new = old.replace(sha256, sha1, 1)
    signature = issuer.key.sign(new, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the point of this builder
    der = issued.der.replace(old, new, 1).replace(sha256, sha1).replace(issued.certificate.signature, signature)
    return Issued(x509.load_der_x509_certificate(der), issued.key, issued.above)


def _as_ca(options: Options) -> Options:
    options.setdefault("ca", True)
    options.setdefault("key_usage", ("key_cert_sign", "crl_sign"))
    return options


def _issue(cn: str, issuer: Ca | None, options: Options) -> tuple[x509.Certificate, Key]:
    key = options.get("key") or new_key(options.get("key_kind", "ec"))
    org, country = options.get("org", "Test Trust GmbH"), options.get("country", "DE")
    subject = options.get("subject") or dn(cn, org, options.get("ou"), country)
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(options.get("issuer_name") or (issuer.name if issuer else subject))
        .public_key(key.public_key())
        .serial_number(options.get("serial") or x509.random_serial_number())
        .not_valid_before(options.get("not_before", LEAF_DATES[0]))
        .not_valid_after(options.get("not_after", LEAF_DATES[1]))
    )
    for extension, critical in (*_own_extensions(options), *_key_ids(options, key, signer)):
        builder = builder.add_extension(extension, critical)
    for given in options.get("extensions", ()):
        builder = builder.add_extension(given.value, given.critical)
    return builder.sign(signer, _hash_for(signer, options)), key


def _own_extensions(options: Options) -> list[tuple[x509.ExtensionType, bool]]:
    made: list[tuple[x509.ExtensionType, bool]] = []
    ca = options.get("ca", False)
    if ca is not None:
        made.append((x509.BasicConstraints(ca, options.get("path_length")), True))
    usages = options.get("key_usage", ("digital_signature", "key_encipherment"))
    if usages is not None:
        made.append((_key_usage(usages), True))
    if ekus := options.get("eku"):
        made.append((x509.ExtendedKeyUsage([EKU.get(one) or x509.ObjectIdentifier(one) for one in ekus]), False))
    if san := options.get("san"):
        made.append((x509.SubjectAlternativeName([_general_name(one) for one in san]), False))
    aia = options.get("aia")
    if aia:
        urls = [aia] if isinstance(aia, str) else aia
        access = [_ca_issuers(url) for url in urls]
        made.append((x509.AuthorityInformationAccess(access), False))
    return made


def _key_ids(options: Options, key: Key, signer: Key) -> list[tuple[x509.ExtensionType, bool]]:
    made: list[tuple[x509.ExtensionType, bool]] = []
    ski, aki = options.get("ski", True), options.get("aki", True)
    if isinstance(ski, bytes):
        made.append((x509.SubjectKeyIdentifier(ski), False))
    elif ski:
        made.append((x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False))
    if isinstance(aki, bytes):
        made.append((x509.AuthorityKeyIdentifier(aki, None, None), False))
    elif aki:
        made.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False))
    return made


def _key_usage(names: Sequence[str]) -> x509.KeyUsage:
    fields = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    more = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{one: one in names for one in (*fields, *more)})


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _ca_issuers(url: str) -> x509.AccessDescription:
    return x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(url))


def _hash_for(signer: Key, options: Options) -> Hash | None:
    if isinstance(signer, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        return None
    return options.get("sha") or hashes.SHA256()


def _key_bytes(key: Key, encoding: serialization.Encoding) -> bytes:
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def days(count: float) -> timedelta:
    """A span of whole or broken days, for moments before and after `NOW`."""
    return timedelta(days=count)
