"""Every place that is no table has a store, and each store finds and destroys what is the subject's."""

import ast
import re
import uuid
from pathlib import Path

import pytest

from bee_customers.events.envelope import compose
from bee_customers.models import Base
from bee_customers.services import avatar_files
from bee_customers.services.privacy import export_files, stores
from bee_customers.services.privacy.footprints import Footprint
from bee_customers.storage.local import LocalStorage
from tests.outgoing import event_row
from tests.servers import ROOT

CUSTOMER, OTHER = uuid.uuid4(), uuid.uuid4()
STORAGE_PREFIX = re.compile(r"[a-z_]+/")
REDIS_KEY = re.compile(r"bee:[a-z:_]+")


def footprint(**fields):
    nothing = {"subject_hash": "a" * 64, "user_id": None, "customer_ids": (CUSTOMER,), "avatars": {}}
    return Footprint(**nothing | fields)


def rounds(store, *subjects):
    """How much is found by looking, destroying, looking again and destroying again."""
    return [work(subjects) for work in (store.scan, store.erase, store.scan, store.erase)]


def texts(path: Path):
    """The literal texts of a module, other than those that document it."""
    tree = ast.parse(path.read_text("utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]


def writers():
    """Modules below the doors that put files into the storage."""
    paths = (ROOT / "bee_customers" / "services").rglob("*.py")
    return [path for path in paths if re.search(r"storage\.put(_file)?\(", path.read_text("utf-8"))]


def places():
    """What the code itself names: prefixes of stored files, keys of Redis, and columns that name files."""
    package = ROOT / "bee_customers"
    of_files = [path for path in package.rglob("*.py") if "storage.protocol" in path.read_text("utf-8")]
    of_files += package.rglob("*_files.py")
    prefixes = {text for path in of_files for text in texts(path) if STORAGE_PREFIX.fullmatch(text)}
    keys = {text for path in package.rglob("*.py") for text in texts(path) if REDIS_KEY.fullmatch(text)}
    columns = {str(column) for table in Base.metadata.tables.values() for column in table.columns}
    elsewhere = {f"file:{column}" for column in columns if column.endswith("_file")}
    return {f"storage:{prefix}" for prefix in prefixes} | {f"redis:{key}" for key in keys} | elsewhere


def test_every_place_that_the_code_names_has_a_store_or_a_reason(tmp_path, fallback):
    covered = [place for store in stores.registered(LocalStorage(tmp_path), fallback) for place in store.covers]
    assert len(covered) == len(set(covered))
    assert places() == set(covered) | set(stores.NEEDS_NO_STORE)


def test_what_writes_files_names_where_they_lie():
    assert writers()
    for path in writers():
        source = path.read_text("utf-8")
        assert re.search(r"^PREFIX = ", source, re.MULTILINE) or "import export_files" in source, path


def test_without_redis_there_is_no_store_for_it(tmp_path):
    names = [store.name for store in stores.registered(LocalStorage(tmp_path), None)]
    assert names == ["avatar files", "export files"]


def test_an_avatar_is_exported_scanned_and_erased_and_another_ones_stays(tmp_path):
    storage = LocalStorage(tmp_path)
    keys = [avatar_files.new_key(), avatar_files.new_key()]
    for key in keys:
        storage.put(key, b"honey", "image/webp")
    store, mine = stores.AvatarStore(storage), footprint(avatars={CUSTOMER: keys[0]})
    ((name, file),) = store.export(mine)
    assert (name, b"".join(file)) == (f"avatars/{CUSTOMER}.webp", b"honey")
    assert rounds(store, mine) == [[1], [1], [0], [0]]
    assert list(store.export(mine)) == []
    assert storage.exists(keys[1])


def test_export_files_are_erased_and_never_exported_again(tmp_path):
    storage = LocalStorage(tmp_path)
    key, other = export_files.new_key("a" * 64), export_files.new_key("a" * 31 + "b" * 33)
    for each in (key, export_files.new_key("a" * 64), other):
        storage.put(each, b"zip", export_files.MEDIA_TYPE)
    store, mine = stores.ExportStore(storage), footprint()
    assert list(store.export(mine)) == []
    assert rounds(store, mine) == [[2], [2], [0], [0]]
    assert storage.exists(other)


def append(fallback, *rows):
    fallback.append(rows, [compose(row) for row in rows])


def test_entries_of_the_fallback_queue_are_erased_wherever_they_stand(fallback):
    of_others = [event_row(customer_id=OTHER) for _ in range(1500)]
    append(fallback, event_row(customer_id=CUSTOMER), *of_others, event_row(customer_id=CUSTOMER))
    store, mine = stores.FallbackStore(fallback), footprint()
    assert rounds(store, mine) == [[2], [2], [0], [0]]
    assert fallback.depth() == 1500


class CountedFallback:
    """Counts how often the queue is read from its beginning to its end."""

    def __init__(self, fallback):
        self.readings = 0
        self._fallback = fallback

    def of_customers(self, customers):
        self.readings += 1
        return self._fallback.of_customers(customers)

    def remove(self, identifiers):
        self._fallback.remove(identifiers)


def test_the_fallback_queue_is_read_once_for_many_subjects_and_each_is_told_its_own(fallback):
    customers = [uuid.uuid4() for _ in range(6)]
    append(fallback, *(event_row(customer_id=customer) for customer in customers[:5] for _ in range(2)))
    append(fallback, event_row(customer_id=OTHER))
    subjects = [footprint(customer_ids=tuple(customers[at : at + 2])) for at in (0, 2, 4)]
    counted = CountedFallback(fallback)
    store = stores.FallbackStore(counted)
    assert rounds(store, *subjects) == [[4, 4, 2], [4, 4, 2], [0, 0, 0], [0, 0, 0]]
    assert (counted.readings, fallback.depth()) == (4, 1)


@pytest.mark.parametrize("details", [{}, {"changes": {}}, {"reason": "erasure"}])
def test_entries_of_the_fallback_queue_without_values_stay(fallback, details):
    append(fallback, event_row(customer_id=CUSTOMER, payload={"business_id": str(OTHER), **details}))
    store = stores.FallbackStore(fallback)
    assert (store.scan([footprint()]), store.erase([footprint()]), fallback.depth()) == ([0], [0], 1)


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b'{"changes": {"email": "x"}}'])
def test_what_cannot_be_read_may_hold_values(body):
    assert stores._has_values(body)


@pytest.mark.parametrize("body", [b"{}", b'{"changes": {}}', b'{"changes": ["email"]}', b'{"reason": "erasure"}'])
def test_ids_and_names_of_fields_are_no_values(body):
    assert not stores._has_values(body)
