"""From a job to a commit, and from an effect to its receipt."""
