"""Which rows of a batch have to wait for others of it: so that all end as they would one by one."""

from collections.abc import Container, Sequence

from bee_customers.services.imports.checks import CheckedRow


def crossed(rows: Sequence[CheckedRow], harmless: Container[int] = ()) -> list[int]:
    """The places of rows that find what an earlier one may write, or write what an earlier one is to find.

    Only by what the rows say themselves: whether two of them mean one customer that is there already, the database
    knows. `harmless` are the places of rows that write nothing as things are now.
    """
    known, emails, sought = set[str](), set[str](), set[str]()
    later = []
    for place, row in enumerate(rows):
        email = row.email
        # a key is of one customer only; an e-mail may be of many, and matters to those who are found by it
        if not known.isdisjoint(row.keys) or email in sought or (not row.keys and email in emails):
            later.append(place)
        elif place in harmless:  # and has its turn before any other could come in between
            continue
        known.update(row.keys)
        if email:
            emails.add(email)
            if not row.keys:
                sought.add(email)
    return later
