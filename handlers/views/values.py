"""The frozen values that views read, under one roof: what the core and the services hand out, and nothing that acts."""

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport, MissingIssuer, NearMiss, SignedPath, Verdict
from bot.pki.findings import Finding, Severity
from bot.pki.names import Name
from bot.pki.public_web import Opinion
from storage.records import (
    AnchorState,
    AuditEntry,
    CaCertificate,
    Partner,
    PartnerCertificate,
    Policy,
    PromptState,
    QuietHours,
    UploadState,
)
from storage.switch_records import Approval, Connection, Drift, DriftState, Proof, Role, Side, Switch, SwitchState, Way

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
