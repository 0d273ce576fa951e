"""The kinds of subjects: how each is looked at, in a module of its own; the engine is the same for all."""
