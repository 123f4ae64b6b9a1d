"""The chain as a picture: drawn here, hung into its message by `handlers.picture_jobs`."""
