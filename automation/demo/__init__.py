"""The story that ``make run`` plays when there are no credentials: the real thing on a sandbox."""
