"""The table from codes to words about a file that somebody dropped; as `phrases`, which holds the rest.

A refusal says what happened and what to do next.
"""

from collections.abc import Mapping

# Why a file was refused (bot.pki.parsing.Refusal), or never read (intake).
REFUSALS: Mapping[str, str] = {
    "private_key": (
        "holds a *private key*, so nothing of it was kept. A key that was in Slack is compromised: delete the file in "
        "Slack now, and ask the partner for a certificate over a *new* key."
    ),
    "certificate_request": (
        "is a certificate request (CSR), not a certificate. Send it to the CA, and bring the certificate that the CA "
        "issues for it."
    ),
    "pkcs12": (
        "is a PKCS#12 container (.p12, .pfx). Those usually hold the *private key*, so it was not opened and "
        "nothing was kept. Delete it in Slack; if it held a key, that key is compromised. Bring the certificate "
        "alone, as PEM or DER."
    ),
    "java_key_store": (
        "is a Java key store. Those can hold private keys, so it was not opened and nothing was kept. Delete it in "
        "Slack, then export the certificate alone: `keytool -exportcert -rfc -alias NAME`."
    ),
    "encrypted": "is encrypted and cannot be read here. Bring the certificate alone, unencrypted: it is public.",
    "html": (
        "is a web page, not a certificate. Often a sign-in page was saved in its place: open the download link "
        "again, sign in, and save the file itself."
    ),
    "empty": "is empty. Ask for it again, or save it again.",
    "truncated": "breaks off in the middle. Download or export it again, and compare its size with the original.",
    "too_large": (
        "is larger than 1 MB. Certificates are a few kB: bring the certificate alone, not an archive or a log."
    ),
    "public_key": "is a bare public key. Ask for the certificate: the file that begins with `BEGIN CERTIFICATE`.",
    "too_many": (
        "holds too many certificates at once. Bring the partner's certificate and the CA certificates above it."
    ),
    "no_certificate": "holds no certificate. PEM, DER and PKCS#7 (.p7b) are read, whatever the file is called.",
    "not_allowed": (
        "was not taken: only our operators, and the partner's own people in their channel, may bring certificates."
    ),
    "download_failed": "could not be fetched from Slack, also after several tries. Please drop it again.",
    "sign_in_page": (
        "could not be fetched: Slack answered with its sign-in page. An admin has to give the app the scope "
        "`files:read` and install it again; then drop the file again."
    ),
    "external_file": "lives outside Slack, where I do not follow links. Upload the file itself.",
    "missing_scope": (
        "could not be fetched: the app lacks the scope `files:read`. An admin has to give it and install the app "
        "again; then drop the file again."
    ),
    "file_gone": "was deleted in Slack before it could be read. Drop it again if it is still needed.",
}

# What came in place of a certificate, or what became of it: `problem` or `shape` in the data of `no_certificate`.
NOTHING_READ: Mapping[str, str] = {
    "broken_base64": (
        "holds no certificate that can be read: the text of its block {place} is damaged. Mail and chat often change "
        "such text. Ask for the file itself, as an attachment, or packed as ZIP."
    ),
    "unreadable": (
        "holds something like a certificate in block {place}, but it cannot be read as one. Ask whoever issued it to "
        "export it again, as PEM or DER."
    ),
    "revocation_list": "is a revocation list (CRL), not a certificate. Bring the certificate itself.",
    "broken_gzip": "is a damaged gzip archive. Pack it again, or bring the certificate itself.",
    "broken_zip": "is a damaged ZIP archive. Pack it again, or bring the certificate itself.",
}

# What was wrong with one block among good ones (BlockProblem.code).
PROBLEMS: Mapping[str, str] = {
    "broken_base64": "is damaged (its base64 does not decode) and was left out",
    "not_a_certificate": "is not a certificate and was left out",
    "truncated": "breaks off in the middle and was left out",
    "unreadable": "cannot be read as a certificate and was left out",
    "duplicate": "is the same certificate as an earlier one",
    "trailing_data": "has data after its end that is no certificate; that was left out",
}
