"""The primary key of a row that the database has numbered."""


def numbered(key: int | None) -> int:
    """The key; raises ValueError for a row that was never flushed, which only a mistake of ours can bring about."""
    if key is None:
        msg = "the row has no number yet"
        raise ValueError(msg)
    return key
