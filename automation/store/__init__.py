"""One database for the inbox, the queue, what is known, and the outbox."""
