"""One way to compare what people wrote: without case, accents or the way it was typed."""

import re
import unicodedata

# Letters that Unicode does not take apart into a base and a mark, though readers do.
_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th"}
)
_KEY_MOST = 320
# four digits or more, in any of the ways people set them apart; or some behind a plus
_PHONE_PART = re.compile(r"(?=(?:\D*\d){4}|\+\d)[+(]*\d[\d()./-]*", re.ASCII)


def comparison_key(text: str) -> str:
    """Casefolded, without accents, single-spaced: `Ionuț  POPESCU` becomes `ionut popescu`.

    At most 320 characters: one character can decompose into eighteen, and an index entry is bounded.
    """
    if text.isascii():  # the same, sooner
        return " ".join(text.lower().split())[:_KEY_MOST]
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.casefold().translate(_LETTERS).split())[:_KEY_MOST]


def email_key(email: str) -> str:
    """What two writings of one address have in common; accents make another one."""
    return email.lower() if email.isascii() else unicodedata.normalize("NFC", email.casefold())


def search_text(full_name: str, email: str | None, phone: str | None) -> str:
    """What search looks through: a line each for name, e-mail and the digits of the phone."""
    digits = phone.lstrip("+") if phone else ""
    return "\n".join((comparison_key(full_name), comparison_key(email or ""), digits))


def search_words(query: str) -> list[str]:
    """The words of a query, each of which must occur somewhere in a customer's search text."""
    return [_bare_digits(word) or word for word in comparison_key(query).split()]


def _bare_digits(word: str) -> str:
    """The digits of what looks like a part of a phone number, without zeros that only dial out of somewhere."""
    return re.sub(r"\D", "", word).lstrip("0") if _PHONE_PART.fullmatch(word) else ""


def holds_a_word(query: str) -> bool:
    """Whether there is anything to look for: a letter, a digit or a symbol, and not marks or spaces alone."""
    return any(unicodedata.category(char)[0] in "LNS" for char in comparison_key(query))
