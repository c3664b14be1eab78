"""The customer-profile service of BeeConnect."""

import warnings

__version__ = "0.1.0"

# pyramid and cornice still import it, and nobody who runs the service can do anything about that
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
