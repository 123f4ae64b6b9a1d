"""The identifiers that buttons, selects and modals carry: views write them, listeners read them."""

from typing import Final

# Message buttons. Values are ids of the store: a certificate's, a root's with the fingerprint shown, a switch's.
RENAME: Final = "certificate.rename"
PROPOSE: Final = "certificate.propose"
DETAILS: Final = "certificate.details"
PROMPT_DETAILS: Final = "prompt.details"
SWITCH_DETAILS: Final = "switch.details"
FETCH_ISSUER: Final = "prompt.fetch"
ADD_PUBLIC_ROOT: Final = "prompt.public_root"
OWN_CERTIFICATE: Final = "upload.own_certificate"
ROOT_APPROVE: Final = "root.approve"
ROOT_DECLINE: Final = "root.decline"
SWITCH_APPROVE: Final = "switch.approve"
SWITCH_CONFIRM: Final = "switch.confirm"
SWITCH_WORD: Final = "switch.word"
SWITCH_REJECT: Final = "switch.reject"
SWITCH_CANCEL: Final = "switch.cancel"
SWITCH_RETIRE: Final = "switch.retire"
SWITCH_ABANDON: Final = "switch.abandon"
SWITCH_UNDO: Final = "switch.undo"
SWITCH_EVIDENCE: Final = "switch.evidence"
SWITCH_SHEET: Final = "switch.sheet"
SWITCH_SHEET_FILE: Final = "switch.sheet_file"
DRIFT_MEND: Final = "drift.mend"
POLICY_CHANGE: Final = "policy.change"
CONNECTION_CHANGE: Final = "connection.change"
CONNECTION_PROPOSE: Final = "connection.propose"  # its value: the connection, and what was typed for the form
DELETE: Final = "certificate.delete"
CA_DELETE: Final = "ca.delete"
AUDIT_OLDER: Final = "audit.older"  # their value is a command, which is read and judged as if it was typed
AUDIT_TABLE: Final = "audit.table"
OPEN_MODAL: Final = "modal.open."  # followed by the name of a modal: an answer in a thread has no trigger of its own

# App Home. `HOME_GO` is followed by where it leads; its value is the leaf (`handlers.views.leaf`).
HOME_GO: Final = "home.go."
HOME_SEARCH: Final = "home.search"
HOME_CERTIFICATE: Final = "home.certificate"
HOME_CA: Final = "home.ca"

# Selects inside the modal "Propose a switch": the choice of one changes the other.
PICK_CONNECTION: Final = "propose.connection"
PICK_CERTIFICATE: Final = "propose.certificate"
PICK_MODE: Final = "propose.mode"

# Modals.
MODAL_IMPORT: Final = "import"
MODAL_ASSIGN: Final = "assign"
MODAL_RENAME: Final = "rename"
MODAL_PROPOSE: Final = "propose"
MODAL_REJECT: Final = "reject"
MODAL_WORD: Final = "word"
MODAL_DECLINE: Final = "decline_root"
MODAL_PARTNER: Final = "partner_add"
MODAL_CONNECTION: Final = "connection_add"
MODAL_CHANNEL: Final = "partner_channel"
MODAL_CHOREOGRAPHY: Final = "choreography"
MODAL_UNDO: Final = "undo"
MODAL_POLICY: Final = "policy"
MODAL_CONNECTION_CHANGE: Final = "connection_change"

SHORTCUT_IMPORT: Final = "import_certificate"
