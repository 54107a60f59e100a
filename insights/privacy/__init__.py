"""A person's rights: erasure with proof (erase, proof), access (export), objection; and the log that keeps them."""
