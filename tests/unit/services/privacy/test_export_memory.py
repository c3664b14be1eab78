"""An export of any size is written in the same memory."""

import datetime
import json
import tempfile
import tracemalloc
import uuid
import zipfile

from sqlalchemy import text

from bee_customers.services.privacy import exports, footprints
from bee_customers.services.privacy.subjects import Subject, SubjectHashes
from tests.factories import new_customer

USER = uuid.uuid4()
NOW = datetime.datetime(2026, 3, 1, 8, 15, tzinfo=datetime.UTC)
ORDERS = text("""
INSERT INTO customer_order (customer_id, order_id, kind, status, amount, ordered_at, updated_at)
SELECT CAST(:customer_id AS uuid), 'A-' || number, 'order', 'completed', number, now(), now()
FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS number
""")
FEW, MANY = 2_500, 12_000


def peak_of_an_export(database, file):
    """In bytes of Python's own memory."""
    footprint = footprints.gather(database.transaction(), Subject(user_id=USER), SubjectHashes("k"))
    tracemalloc.start()
    exports.write_archive(database, [], footprint, file, NOW)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_many_times_the_orders_take_no_more_memory(database, internal):
    customer_id = new_customer(internal, user_id=str(USER))["id"]
    peaks = []
    for first, last in ((1, FEW), (FEW + 1, MANY)):
        with database.session() as session:
            session.execute(ORDERS, {"customer_id": customer_id, "first": first, "last": last})
            session.commit()
        with tempfile.TemporaryFile() as file:
            peaks.append(peak_of_an_export(database, file))
            with zipfile.ZipFile(file) as opened:
                assert len(json.loads(opened.read("data/customer_order.json"))) == last
                assert opened.read("orders.csv").count(b"\n") == last + 1
    assert peaks[1] < peaks[0] * 1.6 < 10_000_000, peaks
