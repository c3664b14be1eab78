"""Two writings of one name are one."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bee_customers.services.text import comparison_key, email_key, search_text, search_words


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Ionuț  POPESCU", "ionut popescu"),
        ("Ionuţ", "ionut"),
        ("  Ana\tMaria\u00a0Pop ", "ana maria pop"),
        ("STRAẞE", "strasse"),
        ("Łukasz Øberg", "lukasz oberg"),
        ("Đorđe Ħaħ Þór Ðað", "dorde hah thor dad"),
        ("Ægir Œuvre", "aegir oeuvre"),
        ("İstanbul ISPARTA ıspar", "istanbul isparta ispar"),
        ("Ångström ÅÅ", "angstrom aa"),
        ("ﬁancé", "fiance"),
        ("ＡＢＣ １２３", "abc 123"),
        ("Ὀδυσσεύς", "οδυσσευσ"),
        ("Йосиф", "иосиф"),
        ("李小龍", "李小龍"),
        ("한글", unicodedata.normalize("NFD", "한글")),
        ("مُحَمَّد", "محمد"),
        ("👩‍🚀 Ana", "👩‍🚀 ana"),
        ("", ""),
        ("\u0301", ""),
    ],
)
def test_a_key_has_no_case_no_accents_and_single_spaces(written, key):
    assert comparison_key(written) == key


@given(st.text(max_size=30))
@example("ᾴ\u0345\u0301")
@example("ΐ\u0308")
@settings(max_examples=200, deadline=None)
def test_composed_and_decomposed_writings_have_one_key(written):
    composed, decomposed = (unicodedata.normalize(form, written) for form in ("NFC", "NFD"))
    assert comparison_key(composed) == comparison_key(decomposed) == comparison_key(written)


@given(st.text(max_size=400))
@settings(max_examples=100, deadline=None)
def test_a_key_is_bounded_and_one_line(written):
    key = comparison_key(written)
    assert len(key) <= 320
    assert len(key.splitlines()) <= 1


def test_letters_that_expand_do_not_break_the_bound():
    assert len(comparison_key("\ufdfa" * 200)) == 320


def test_search_text_has_a_line_each_for_name_email_and_digits():
    assert search_text("Ionuț", "Ionut@Example.COM", "+40722123456") == "ionut\nionut@example.com\n40722123456"
    assert search_text("Ana", None, None) == "ana\n\n"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", []),
        (" \t ", []),
        ("IONUȚ popescu", ["ionut", "popescu"]),
        ("+40722", ["40722"]),
        ("a+b +", ["a+b", "+"]),
        ("+a", ["+a"]),
        ("50%_\\", ["50%_\\"]),
    ],
)
def test_a_query_is_the_words_that_must_occur(query, words):
    assert search_words(query) == words


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_gives_the_same(text):
    """An accent sends it the long way, and is dropped there."""
    assert comparison_key(text) == comparison_key(text + "\u0301")


def test_two_writings_of_one_address_have_one_key():
    composed, decomposed = "ȘTEFAN@Example.COM", unicodedata.normalize("NFD", "ștefan@example.com")
    assert email_key(composed) == email_key(decomposed) == "ștefan@example.com"


def test_an_accent_makes_another_address():
    assert email_key("ionuț@example.com") != email_key("ionut@example.com")
