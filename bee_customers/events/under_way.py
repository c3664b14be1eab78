"""What the relay has read and not yet marked: whoever destroys values of events waits until that is over.

The relay holds its rows in memory while it publishes them, or adds them to the fallback queue. Values that are
taken out of the table meanwhile are still in what it sends.
"""

from sqlalchemy import BigInteger, bindparam, func, select

from bee_customers.db.engine import Database
from bee_customers.db.locks import number_of
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.errors import DatabaseUnavailable, EventsUnderWay

LOCK = "events under way"
# Longer than the relay's own deadlines for connecting and publishing.
_PATIENCE = "20s"
_BE_PATIENT = select(*(func.set_config(name, _PATIENCE, True) for name in ("lock_timeout", "statement_timeout")))
# a lock, or the statement that waits for it
_TOO_LONG = ("55P03", "57014")
_WAIT = select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger())))


def wait(database: Database) -> None:
    """Until nothing is under way that was claimed before; what is claimed after is as the table has it now.

    Raises EventsUnderWay when that takes too long.
    """

    def work(unit: UnitOfWork) -> None:
        unit.transaction.run(_BE_PATIENT)
        try:
            unit.transaction.run(_WAIT, {"number": number_of(LOCK)})
        except DatabaseUnavailable as error:
            if getattr(error.__cause__, "pgcode", None) not in _TOO_LONG:
                raise
            raise EventsUnderWay("the relay is still sending events that it read before") from None

    transact(database, work)
