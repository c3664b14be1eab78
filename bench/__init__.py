"""The benchmark: the service against a floor that does the least a server could do.

`scripts/bench` runs it; see `python -m bench --help`.
"""

import warnings

# pyramid still imports it
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
