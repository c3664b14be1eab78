"""The benchmark: the service against a floor that does the least a server could do.

`scripts/bench` runs it; see `python -m bench --help`.
"""
