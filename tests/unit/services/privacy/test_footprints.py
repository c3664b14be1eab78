"""What a subject has left: ids and keys of everything that is its own."""

import json
import uuid

from bee_customers.services.privacy import footprints
from bee_customers.services.privacy.footprints import Footprint
from bee_customers.services.privacy.subjects import Subject, SubjectHashes
from tests import images
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.functional.forms import FORM, form, part

HASHES = SubjectHashes("a secret of the tests")
USER = uuid.UUID("7c1d5a2e-93f4-4b7a-8a61-2f3e4d5c6b7a")


def test_a_footprint_names_customers_and_avatars_of_all_businesses(internal, admin, database):
    ids = [
        new_customer(internal, user_id=str(USER), business_id=name)["id"] for name in (BUSINESS, OTHER_BUSINESS)
    ]
    avatar = form(part(images.encode("PNG")))
    url = admin.post(avatar, f"/{ids[0]}/avatar", Content_Type=FORM).json["avatar_url"]
    found = footprints.gather(database.transaction(), Subject(user_id=USER), HASHES)
    assert found == Footprint(
        subject_hash=HASHES.of(f"user:{USER}"),
        user_id=USER,
        customer_ids=tuple(sorted(uuid.UUID(one) for one in ids)),
        avatars={uuid.UUID(ids[0]): url.removeprefix("/media/")},
    )
    assert Footprint.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_a_named_customer_who_is_gone_is_still_looked_for(database):
    gone = uuid.uuid4()
    found = footprints.gather(database.transaction(), Subject(customer_id=gone), HASHES)
    assert found == Footprint(
        subject_hash=HASHES.of(f"customer:{gone}"), user_id=None, customer_ids=(gone,), avatars={}
    )
    assert Footprint.from_json(found.as_json()) == found
