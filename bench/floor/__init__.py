"""The floor: the least a Python server of this kind could do, with nothing of the service in it.

A bare WSGI function on waitress, a prepared statement for each read, the same token check and the same
statements in a write, but no validation, no error replies, no headers, no logs. Started as
`python -m bench.floor`, with the environment of the service.
"""
