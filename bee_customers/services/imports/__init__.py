"""Bulk import: from a file to the tables, in batches that each carry their own checkpoint."""
