"""Slack's documented limits, and the smaller ones that we keep so that a message stays readable.

Source, unless noted: docs.slack.dev, Block Kit reference (blocks, block elements, composition objects), November 2026.
"""

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
SECTION_TEXT = 3000
SECTION_FIELDS = 10
FIELD_TEXT = 2000
HEADER_TEXT = 150
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
IDENTIFIER = 255  # action_id, block_id, callback_id
ACTIONS_ELEMENTS = 25
CONTEXT_ELEMENTS = 10
OPTION_TEXT = 75
OPTION_VALUE = 150
OPTIONS = 100
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
LABEL = 2000
PLACEHOLDER = 150
VIEW_TITLE = 24  # title, submit and close alike
VIEW_METADATA = 3000
VIEW_BYTES = 250_000
TABLE_ROWS = 100
TABLE_CELLS = 20
FALLBACK_TEXT = 4000  # advised; Slack truncates above 40,000
FILE_INPUT_FILES = 10

# Reported by users, not documented: messages near 13,200 characters are refused with msg_blocks_too_long.
MESSAGE_CHARACTERS = 10_000

# Ours. RFC 5280 appendix A allows a common name of 64 characters; real distinguished names stay below 200.
NAME_SHOWN = 80
DN_SHOWN = 240
URL_SHOWN = 300
REASON_SHOWN = 400
LINES_SHOWN = 20  # of a list in a message
INPUT_REASON = 500  # what a person may type as a reason
INPUT_NAME = 100  # what a person may type as a display name or a partner's name
ITEMS_SHOWN = 3  # certificates of one upload that get a full card

# Pictures: files.getUploadURLExternal (alt_txt_too_large); an image block would take 2000.
FILE_ALT_TEXT = 1000
CARDS_SHOWN = 6  # ours: real chains have two to five certificates, and a telephone shows about six cards
