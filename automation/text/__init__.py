"""Text as people write and read it: Markdown, dates, names. Pure."""
