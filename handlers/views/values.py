"""The frozen values that views read, under one roof: what the core and the services hand out, and nothing that acts."""

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport, MissingIssuer, NearMiss, SignedPath, Verdict
from bot.pki.findings import Finding, Severity
from bot.pki.names import Name
from bot.pki.public_web import Opinion
from storage.records import (
    AnchorState,
    Approval,
    AuditEntry,
    CaCertificate,
    Connection,
    Drift,
    DriftState,
    Partner,
    PartnerCertificate,
    Policy,
    PromptState,
    Proof,
    QuietHours,
    Role,
    Side,
    Switch,
    SwitchState,
    UploadState,
    Way,
)

__all__ = [
    "AnchorState",
    "Approval",
    "AuditEntry",
    "CaCertificate",
    "Certificate",
    "ChainReport",
    "Connection",
    "Drift",
    "DriftState",
    "Finding",
    "MissingIssuer",
    "Name",
    "NearMiss",
    "Opinion",
    "Partner",
    "PartnerCertificate",
    "Policy",
    "PromptState",
    "Proof",
    "QuietHours",
    "Role",
    "Severity",
    "Side",
    "SignedPath",
    "Switch",
    "SwitchState",
    "UploadState",
    "Verdict",
    "Way",
]
