"""The pool that a million names are combined from; the first of each list are the most frequent."""

from collections.abc import Iterator

from bee_customers.services.text import comparison_key

Name = tuple[int, str, str, str, str | None]

_MEN = """
Ionuț Andrei Alexandru Mihai Ștefan Cătălin Răzvan Bogdan Florin Gheorghe Vasile Dănuț Sorin Marius Dragoș
Ciprian Lucian Ovidiu Nicușor Călin Horațiu Ilie Tiberiu Vlăduț Rareș Matei Luca Laurențiu Constanțiu
Sebastian Iulian Octavian Zoltán István Gábor Árpád László Sándor Zsolt Jürgen Björn Günther Łukasz Paweł
Michał Stanisław Çağrı Ömer İbrahim Γιώργος Νικόλαος Δημήτρης Георги Димитър Стоян Олексій Сергій Đorđe
Niccolò François José João Jóhannes
"""
_WOMEN = """
Maria Elena Ioana Andreea Ștefania Cătălina Mădălina Gabriela Simona Raluca Mihaela Lăcrămioara Anișoara
Viorica Crenguța Lenuța Măriuca Daniela Alina Oana Bianca Roxana Ilinca Sânziana Brândușa Antonia Teodora
Smaranda Ruxandra Mălina Corina Luminița Loredana Denisa Nicoleta Doina Katalin Erzsébet Zsuzsanna Réka
Ildikó Tünde Ágnes Käthe Jördis Małgorzata Żaneta Bożena Elżbieta Ayşe Gülşen Şeyma Çiğdem Ελένη Σοφία
Δέσποινα Мария Цветелина Соломія Zoë Siobhán
"""
_FAMILIES = """
Popescu Ionescu Popa Radu Dumitrescu Stoica Gheorghiță Rusu Munteanu Matei Șerban Țurcanu Constantinescu
Mărgineanu Bălan Lupașcu Cojocaru Tănase Dobre Barbu Nistor Florea Moldoveanu Preda Stănescu Crăciun Ciobanu
Manole Avram Vlăsceanu Pătrașcu Brătescu Țăranu Șuteu Măciucă Olteanu Ardeleanu Vâlcu Sârbu Pârvu Hâncu
Ghiță Zăvoianu Căpraru Ursăchescu Câmpeanu Grădinaru Lăcătuș Mocanu Păun Șandru Tudorache Văcaru Zamfirescu
Nagy Kovács Szabó Tóth Horváth Molnár Székely Fülöp Kőrösi Szűcs Bíró Lőrincz Müller Schröder Weiß Groß
König Bäcker Schäfer Jäger Wölfel Kowalski Wiśniewski Wójcik Zieliński Dąbrowski Żółć Kozłowski Yılmaz
Öztürk Çelik Şahin Yıldırım Doğan Nguyễn Trần Phạm Đặng Παπαδόπουλος Γεωργίου Οικονόμου Иванов Димитров
Тодоров Шевченко Коваленко Їжакевич O’Brien D'Amico Guðmundsson Dvořáková Říhová Gonçalves
"""
# All of them and the three that a customer may carry of the others stay below the 50 that it may carry at most.
_LABELS = 40
_TAGS = "Newsletter Fidel VIP Online B2B Nou Abonat Showroom Recenzent En-gros Gurmand Sezonier"

# Two words each, from most customers to next to none: what an index can do differs with it.
SEARCHES = {
    "most": "example com",
    "many": "ionut popescu",
    "some": "lacramioara tanase",
    "few": "siobhan goncalves",
    "none": "ionut nowhere",
}


def given_names() -> list[Name]:
    women = [(name, "female") for name in _WOMEN.split()]
    men = [(name, "male") for name in _MEN.split()]
    mixed = [name for pair in zip(women, men, strict=False) for name in pair]
    return [_name(index, name, gender) for index, (name, gender) in enumerate(mixed)]


def families() -> list[Name]:
    return [_name(index, name, None) for index, name in enumerate(_FAMILIES.split())]


def tags() -> list[tuple[int, str, str]]:
    return [(index, name, comparison_key(name)) for index, name in enumerate(_TAGS.split())]


def labels() -> list[tuple[str, str]]:
    """Tags that nobody carries until they are attached."""
    return [(name, comparison_key(name)) for name in (f"Campania {number}" for number in range(1, _LABELS + 1))]


def full_names() -> Iterator[str]:
    """Some names to write, with and without diacritics."""
    for given in given_names()[:20]:
        for family in families()[:5]:
            yield f"{given[1]} {family[1]}"


def _name(index: int, name: str, gender: str | None) -> Name:
    key = comparison_key(name)
    # An address holds Latin letters only: others write theirs with a number, as everybody gets one.
    return index, name, key, "".join(filter(_is_plain, key)), gender


def _is_plain(char: str) -> bool:
    return char.isascii() and char.isalnum()
