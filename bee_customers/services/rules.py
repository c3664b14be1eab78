"""The rules of a customer's fields, shared by every door: API, patches and import.

A rule takes any JSON value and returns the clean one, or raises InvalidField saying what is
expected. Messages never repeat the value: it is personal data.
"""

import functools
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from bee_customers.errors import FieldFault, InvalidDocument, InvalidField
from bee_customers.models import GENDERS as GENDERS
from bee_customers.services.text import comparison_key

NAME_MOST = 200
EMAIL_MOST = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
PHONE_MOST = 40
TAG_MOST = 50
TAGS_MOST = 50
NOTE_MOST = 10_000
# Explicit directions let a text show as another than it is; marks such as U+200F are fine.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# what may be written on a customer's profile
PROFILE_FIELDS = ("full_name", "email", "phone", "gender", "tags")

# RFC 5322, 3.2.3: a local part without quotes
_DOT_ATOM = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_PHONE = re.compile(r"(tel:)?\+?[\d ()./\u2010-\u2015-]+")

Rule = Callable[[object], Any]


def clean_text(value: object, most: int) -> str:
    """NFC, trimmed, one line, 1 to `most` characters of which at least one can be seen."""
    text = unicodedata.normalize("NFC", string(value, most)).strip()
    if any(char in _BIDI_CONTROLS or unicodedata.category(char) in _UNPRINTABLE for char in text):
        raise InvalidField("must not hold control characters")
    if not any(unicodedata.category(char)[0] in "LNPS" for char in text):
        raise InvalidField("must not be empty")
    if len(text) > most:
        raise InvalidField(f"must be at most {most} characters")
    return text


# control, surrogate, line and paragraph separators
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


def full_name(value: object) -> str:
    return clean_text(value, NAME_MOST)


def tag_name(value: object) -> str:
    name = clean_text(value, TAG_MOST)
    if not comparison_key(name):
        raise InvalidField("must hold at least one letter, digit or sign")
    return name


def email(value: object) -> str:
    """As given, in NFC. Syntax by RFC 5322 and 6531; no DNS is asked."""
    text = unicodedata.normalize("NFC", string(value, EMAIL_MOST))
    if len(text) <= EMAIL_MOST and _is_plain_address(text):
        return text
    if not _is_address(text):
        raise InvalidField("must be an e-mail address such as name@example.com")
    if len(text) > EMAIL_MOST:
        raise InvalidField(f"must be at most {EMAIL_MOST} characters")
    return text


def _is_address(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return False
    return True


def _is_plain_address(text: str) -> bool:
    """Whether it surely is one: nearly all are, and the library takes 25 us for each."""
    local, _, domain = text.partition("@")
    return len(local) <= 64 and _DOT_ATOM.fullmatch(local) is not None and _is_domain(domain)


@functools.lru_cache(maxsize=4096)
def _is_domain(domain: str) -> bool:
    return domain.isascii() and _is_address(f"a@{domain}")


def phone(value: object, region: str) -> str:
    """In E.164; `region` is the country of a number written without one."""
    text = unicodedata.normalize("NFKC", string(value, PHONE_MOST))
    if not _PHONE.fullmatch(text):
        # the library would look for a number inside any text
        raise InvalidField("must be a phone number such as +40 722 123 456")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise InvalidField("must be a phone number such as +40 722 123 456") from None
    if number.extension or not phonenumbers.is_valid_number(number):
        raise InvalidField("must be a phone number that can exist, without an extension")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def gender(value: object) -> str:
    if not isinstance(value, str) or value not in GENDERS:
        raise InvalidField("must be one of " + ", ".join(GENDERS))
    return value


def identifier(value: object) -> uuid.UUID:
    """A UUID in its usual writing, 8-4-4-4-12; either case. Not the one of zeros, which stands for none."""
    if isinstance(value, str) and len(value) == 36:
        try:
            parsed = uuid.UUID(value)
        except ValueError:
            pass
        else:
            if parsed.int and str(parsed) == value.lower():
                return parsed
    raise InvalidField("must be a UUID such as 0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d")


def tags(value: object) -> list[str]:
    """Names without repeats (case and accents apart), at most 50."""
    if not isinstance(value, list):
        raise InvalidField("must be a list of tag names")
    if len(value) > TAGS_MOST:
        raise InvalidField(f"must be at most {TAGS_MOST} tags")
    clean: dict[str, str] = {}
    faults = []
    for index, item in enumerate(value):
        try:
            name = tag_name(item)
            clean.setdefault(comparison_key(name), name)
        except InvalidField as error:
            faults.append(FieldFault(f"/{index}", str(error)))
    if faults:
        raise InvalidDocument(faults)
    return list(clean.values())


def note_content(value: object) -> str:
    """Kept byte for byte: any text of 1 to 10,000 characters without controls, line ends and tabs apart."""
    text = string(value, NOTE_MOST)
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t" for char in text):
        raise InvalidField("must not hold control characters")
    if not 1 <= len(text) <= NOTE_MOST:
        raise InvalidField(f"must be 1 to {NOTE_MOST} characters")
    return text


class Rules:
    """The rules by field name, for one default phone region."""

    def __init__(self, phone_region: str) -> None:
        self.by_field: dict[str, Rule] = {
            "full_name": full_name,
            "email": email,
            "phone": lambda value: phone(value, phone_region),
            "gender": gender,
            "tags": tags,
            "user_id": identifier,
            "business_id": identifier,
        }

    def profile(self, document: dict[str, Any], fields: Iterable[str] = PROFILE_FIELDS) -> dict[str, Any]:
        """Check some fields of a customer's document and return them clean.

        A missing or null field is empty; only full_name must be there. Raises InvalidDocument with
        every fault.
        """
        clean: dict[str, Any] = {}
        faults: list[FieldFault] = []
        for name in fields:
            value = document.get(name)
            try:
                clean[name] = self._empty(name) if value is None else self.by_field[name](value)
            except InvalidField as error:
                faults.append(FieldFault(f"/{name}", str(error)))
            except InvalidDocument as error:
                faults += [FieldFault(f"/{name}{fault.pointer}", fault.detail) for fault in error.faults]
        if faults:
            raise InvalidDocument(faults)
        return clean

    def _empty(self, name: str) -> list[str] | None:
        if name == "full_name":
            raise InvalidField("must be there")
        return [] if name == "tags" else None


def string(value: object, most: int) -> str:
    if not isinstance(value, str):
        raise InvalidField("must be a string")
    # before any work on it: what follows is not made for a megabyte
    if len(value) > 4 * most:
        raise InvalidField(f"must be at most {most} characters")
    return value
