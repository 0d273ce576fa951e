"""The rules that operations own: read, checked, and evaluated."""
