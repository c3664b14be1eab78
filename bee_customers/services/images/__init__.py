"""What images say of themselves, read without decoding them: plain Python over bytes, safe on any input."""
