"""SQLModel tables, the store and its migrations. Rows stay here; the rest sees the frozen values of `records`."""
