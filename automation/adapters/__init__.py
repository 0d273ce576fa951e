"""One package for each outside system: its triggers, its client, its markup."""
