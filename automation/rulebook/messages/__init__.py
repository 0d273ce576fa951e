"""Messages: Liquid templates, checked when rules are loaded."""
