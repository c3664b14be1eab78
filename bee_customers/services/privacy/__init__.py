"""What the law gives to whom data is about: a copy of it, its erasure, and an end to keeping it."""
