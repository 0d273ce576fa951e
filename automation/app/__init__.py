"""The two processes, put together from settings."""
