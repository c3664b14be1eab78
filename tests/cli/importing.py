"""`bee-customers import` on files that a test writes."""

from typing import Any

from click.testing import CliRunner, Result

from bee_customers.cli import main
from tests.factories import BUSINESS
from tests.imports.desk import Desk, user

HEADER = "business_id,user_id,full_name,email,phone,tags\n"
# Not one of them may be in what is printed.
PERSONAL = ("Popescu", "ionut", "722123456", "Jos", "Ana", "secret")


def line(number: int, name: str = "Ana Popescu", email: str = "", phone: str = "", tags: str = "") -> str:
    return f"{BUSINESS},{user(number)},{name},{email},{phone},{tags}\n"


class Command:
    """Calls the command on files of the current directory."""

    def __init__(self, url: str) -> None:
        self._environ = {"DATABASE_URL": url}

    def __call__(
        self, content: Any, *arguments: str, kind: str = "customers", name: str = "people.csv", code: int = 0
    ):
        """Content is what the file holds; None for one that is there, or is not."""
        if content is not None:
            with open(name, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
        return self.run("import", kind, name, *arguments, code=code)

    def run(self, *arguments: str, code: int = 0, stdin: bytes | None = None) -> Result:
        result = CliRunner().invoke(main, arguments, env=self._environ, input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code == code, result.output
        assert not [word for word in PERSONAL if word in result.output], result.output
        return result

    def fails(self, content: Any, *arguments: str, code: int = 1, **options: Any) -> str:
        """The one line that it ends with."""
        result = self(content, *arguments, code=code, **options)
        assert result.stdout == ""
        lines = result.stderr.splitlines()
        assert lines[-1].startswith("Error: "), result.stderr
        assert code == 2 or len(lines) == 1, result.stderr
        return lines[-1].removeprefix("Error: ")


def names(desk: Desk) -> list[str]:
    return [person["full_name"] for person in desk.people()]


GOOD = HEADER + line(1)
