"""The rules of the fields, for names and numbers from all over the world."""

import sys
import unicodedata
import uuid

import email_validator
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bee_customers.errors import InvalidDocument, InvalidField
from bee_customers.services import rules
from bee_customers.services.rules import Rules

NOT_TEXT = [None, 7, 1.5, True, [], {}, ["Ana"]]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@pytest.mark.parametrize(
    "name",
    [
        "Ionuț Ștefănescu",
        "Նարեկ",
        "Ионуц Попеску",
        "Ὀδυσσεύς",
        "李小龍",
        "ひばり",
        "한글",
        "ประยุทธ์",
        "नरेन्द्र",
        "محمد بن سلمان",
        "דָּוִד",
        "O’Brien-d'Arc, Jr.",
        "X Æ A-12",
        "🐝",
        "👩‍👩‍👧",
        "نام‌خانوادگی",  # a zero-width non-joiner belongs there
        "Ana \u200fדוד",  # and so does a right-to-left mark
        "7",
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_of_any_script_is_kept_in_nfc(name, form):
    assert rules.full_name(unicodedata.normalize(form, name)) == unicodedata.normalize("NFC", name)


def test_a_name_is_trimmed():
    assert rules.full_name(" \u00a0 Ana Pop\u3000") == "Ana Pop"


@pytest.mark.parametrize("name", ["", " ", "\u00a0\u2003", "\u200b", "\u200d\u200c", "\ufeff", "\u0301", "\u00ad"])
def test_a_name_nobody_can_see_is_refused(name):
    with pytest.raises(InvalidField, match="must not be empty"):
        rules.full_name(name)


@pytest.mark.parametrize(
    "char", ["\0", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\ud800", "\u202a", "\u202b",
             "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"], ids=ascii
)  # fmt: skip
@pytest.mark.parametrize("rule", [rules.full_name, rules.tag_name])
def test_a_control_character_is_refused(rule, char):
    with pytest.raises(InvalidField, match="control characters"):
        rule(f"Ana{char}Pop")


@pytest.mark.parametrize(("rule", "most"), [(rules.full_name, 200), (rules.tag_name, 50)])
def test_length_is_counted_in_characters_after_composition(rule, most):
    assert len(rule("🐝" * most)) == most
    assert len(rule("e\u0301" * most)) == most
    for text in ("x" * (most + 1), "\U0001d160" * most, "x" * 1_000_000):
        with pytest.raises(InvalidField, match=f"at most {most} characters"):
            rule(text)


@pytest.mark.parametrize("rule", [rules.full_name, rules.tag_name, rules.email, lambda v: rules.phone(v, "RO")])
@pytest.mark.parametrize("value", NOT_TEXT, ids=repr)
def test_text_is_text(rule, value):
    with pytest.raises(InvalidField, match="must be a string"):
        rule(value)


@pytest.mark.parametrize("name", ["\u0301\u0302", "\u20e3", "\u00b4"])
def test_a_tag_without_anything_to_compare_is_refused(name):
    with pytest.raises(InvalidField):
        rules.tag_name(name)


@pytest.mark.parametrize(
    "email",
    [
        "ionut@example.com",
        "Ionut.Popescu+bee@Example.COM",
        "o'brien@example.co.uk",
        "ionuț@exemplu.ro",
        "user@exämple.de",
        "用户@例子.广告",
        "a@xn--bcher-kva.example",
    ],
)
def test_an_email_is_kept_as_given(email):
    assert rules.email(email) == email


def test_an_email_is_kept_in_nfc():
    assert rules.email(unicodedata.normalize("NFD", "ionuț@exemplu.ro")) == "ionuț@exemplu.ro"


@pytest.mark.parametrize(
    "email",
    [
        "",
        " ",
        "ionut",
        "@example.com",
        "ionut@",
        "ionut@@example.com",
        "a@b@example.com",
        "ionut@localhost",
        "ionut@example..com",
        "ionut@-example.com",
        ".ionut@example.com",
        "ionut.@example.com",
        "io nut@example.com",
        " ionut@example.com",
        "ionut@example.com\n",
        "ionut@example.com\0",
        "Ionut <ionut@example.com>",
        '"ionut"@example.com',
        "ionut@[127.0.0.1]",
        "ionut@127.0.0.1",
        "ionut@example.test",
        "a@example.com,b@example.com",
        "io\u202enut@example.com",
        "io\ud800nut@example.com",
        "x" * 65 + "@example.com",
        "x@" + "a" * 64 + ".com",
        "x@" + "a." * 130 + "com",
    ],
)
def test_what_is_no_email_is_refused_without_being_repeated(email):
    with pytest.raises(InvalidField) as refused:
        rules.email(email)
    assert "ionut" not in str(refused.value)


def calls_of_refusing(email):
    """How many functions are called until an e-mail is refused: the size of the work, whatever the machine."""
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        rules.email(email)
    except InvalidField:
        return calls
    finally:
        sys.setprofile(None)
    raise AssertionError("it was taken")


@pytest.mark.parametrize("unit", ["a", "é", "a.", "a@", "\u0301", "(", "ş@"])
def test_an_email_of_50_000_characters_is_refused_without_work_on_it(unit):
    small, large = (calls_of_refusing(unit * times) for times in (50_000, 500_000))
    assert large == small < 50


@pytest.mark.parametrize(
    ("written", "region", "stored"),
    [
        ("0722 123 456", "RO", "+40722123456"),
        ("0722.123.456", "RO", "+40722123456"),
        ("(0722) 123-456", "RO", "+40722123456"),
        ("+40 722 123 456", "RO", "+40722123456"),
        ("0040722123456", "RO", "+40722123456"),
        ("+44 20 7946 0958", "RO", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("+49 30 901820", "US", "+4930901820"),
    ],
)
def test_a_phone_is_stored_in_e164_by_the_region(written, region, stored):
    assert rules.phone(written, region) == stored


@pytest.mark.parametrize(
    "phone", ["", " ", "0", "112", "abc", "+", "+0", "12345", "+40 1", "+999 123456789", "0722123456 ext. 7",
              "+40722123456;ext=7", "9" * 40, "0" * 1_000_000]
)  # fmt: skip
def test_a_phone_that_cannot_exist_is_refused(phone):
    with pytest.raises(InvalidField):
        rules.phone(phone, "RO")


@pytest.mark.parametrize("phone", ["Ana 0722123456", "<b>0722123456</b>", "+40722123456\0", "0722123456\n"])
def test_a_phone_with_something_around_it_is_refused(phone):
    with pytest.raises(InvalidField):
        rules.phone(phone, "RO")


@pytest.mark.parametrize("gender", rules.GENDERS)
def test_a_known_gender_is_taken(gender):
    assert rules.gender(gender) == gender


@pytest.mark.parametrize("gender", ["", "Male", "male ", "none", *NOT_TEXT], ids=repr)
def test_another_gender_is_refused(gender):
    with pytest.raises(InvalidField):
        rules.gender(gender)


def test_a_uuid_is_taken_in_either_case():
    expected = uuid.UUID("0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d")
    assert rules.identifier(str(expected)) == rules.identifier(str(expected).upper()) == expected


@pytest.mark.parametrize(
    "value",
    ["", "x" * 36, "0190d3a46f5b7c1e9a532f8f4a1b7c9d", "{0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c}",
     "urn:uuid:0190d3a4-6f5b-7c1e-9a53-2f8f", "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d ",
     "0190d3a46f5b-7c1e-9a53-2f8f4a1b-7c9d", "٠190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d",
     str(uuid.UUID(int=0)), *NOT_TEXT], ids=repr
)  # fmt: skip
def test_a_uuid_in_another_writing_is_refused(value):
    with pytest.raises(InvalidField):
        rules.identifier(value)


def test_tags_that_read_alike_are_one_as_first_written():
    assert rules.tags(["VIP", "vip", " VIP ", unicodedata.normalize("NFD", "Fidèle"), "fidele"]) == [
        "VIP",
        "Fidèle",
    ]


def test_every_bad_tag_is_named_by_its_index():
    with pytest.raises(InvalidDocument) as refused:
        rules.tags(["VIP", "", 7, "B2B", "x" * 51])
    assert [fault.pointer for fault in refused.value.faults] == ["/1", "/2", "/4"]


def test_50_tags_are_taken_and_more_are_not():
    assert len(rules.tags([f"tag {number}" for number in range(50)])) == 50
    for count in (51, 10_000):
        with pytest.raises(InvalidField, match="at most 50 tags"):
            rules.tags(["x"] * count)


@pytest.mark.parametrize("value", ["VIP", {"VIP": 1}, 7, True, None], ids=repr)
def test_tags_are_a_list(value):
    with pytest.raises(InvalidField):
        rules.tags(value)


def test_a_profile_names_every_fault_at_once():
    document = {"full_name": "", "email": "x", "phone": "x", "gender": "x", "tags": ["", "a"]}
    with pytest.raises(InvalidDocument) as refused:
        Rules("RO").profile(document)
    assert [fault.pointer for fault in refused.value.faults] == [
        "/full_name",
        "/email",
        "/phone",
        "/gender",
        "/tags/0",
    ]


@pytest.mark.parametrize("document", [{}, {"email": None, "phone": None, "gender": None, "tags": None}])
def test_everything_but_the_name_may_be_empty(document):
    clean = Rules("RO").profile({"full_name": "Ana", **document})
    assert clean == {"full_name": "Ana", "email": None, "phone": None, "gender": None, "tags": []}
    with pytest.raises(InvalidDocument, match="/full_name: must be there"):
        Rules("RO").profile({"full_name": None, **document})


def test_only_the_fields_asked_for_are_checked():
    assert Rules("RO").profile({"phone": "0722123456", "email": "bad"}, ["phone"]) == {"phone": "+40722123456"}


@given(st.sampled_from(sorted(Rules("RO").by_field)), json_values)
@settings(max_examples=300, deadline=None)
def test_any_json_is_clean_or_named_a_fault_and_stays_clean(field, value):
    rule = Rules("RO").by_field[field]
    try:
        clean = rule(value)
    except (InvalidField, InvalidDocument):
        return
    assert rule(str(clean) if isinstance(clean, uuid.UUID) else clean) == clean


def as_the_library_says(text: str) -> bool:
    try:
        email_validator.validate_email(text, check_deliverability=False, strict=True)
    except email_validator.EmailNotValidError:
        return False
    return len(text) <= rules.EMAIL_MOST


PARTS = st.text(st.sampled_from("aZ0._+-'\"@ \\()/ăß"), max_size=70)
DOMAINS = st.sampled_from(
    ["example.com", "x.test", "localhost", "-a.com", "münchen.example", "", "a..com", "@b.com"]
)


@settings(max_examples=300)
@given(st.one_of(st.builds("{}@{}".format, PARTS, DOMAINS), st.emails(), PARTS))
@example("a" * 64 + "@example.com")
@example("a" * 65 + "@example.com")
@example("a@" + "b" * 63 + "." + "c" * 63 + "." + "d" * 63 + "." + "e" * 60 + ".com")
@example(".a@example.com")
@example("a.@example.com")
@example("a..b@example.com")
@example("a\n@example.com")
def test_the_short_way_to_an_address_says_what_the_library_says(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    try:
        assert rules.email(text) == text
        is_taken = True
    except InvalidField:
        is_taken = False
    assert is_taken == as_the_library_says(text)
