"""For changes of several at once, on real connections."""

from tests.functional.conftest import elsewhere, no_deadlock

__all__ = ["elsewhere", "no_deadlock"]
