"""Strict YAML that remembers where everything stands."""
