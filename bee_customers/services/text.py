"""One way to compare what people wrote: without case, accents or the way it was typed."""

import unicodedata

# Letters that Unicode does not take apart into a base and a mark, though readers do.
_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th"}
)
_KEY_MOST = 320


def comparison_key(text: str) -> str:
    """Casefolded, without accents, single-spaced: `Ionuț  POPESCU` becomes `ionut popescu`.

    At most 320 characters: one character can decompose into eighteen, and an index entry is bounded.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.casefold().translate(_LETTERS).split())[:_KEY_MOST]


def search_text(full_name: str, email: str | None, phone: str | None) -> str:
    """What search looks through: a line each for name, e-mail and the digits of the phone."""
    digits = phone.lstrip("+") if phone else ""
    return "\n".join((comparison_key(full_name), comparison_key(email or ""), digits))


def search_words(query: str) -> list[str]:
    """The words of a query, each of which must occur somewhere in a customer's search text."""
    words = comparison_key(query).split()
    return [word[1:] if word[:1] == "+" and word[1:].isdecimal() else word for word in words]
