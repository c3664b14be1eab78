"""Hours or minutes of mixed load on a real service whose servers break meanwhile, every reply checked.

`scripts/soak` runs it; see `python -m soak --help`.
"""
