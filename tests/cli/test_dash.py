"""`-` is stdin where a command reads and stdout where it writes, and never the name of a file."""

from tests.imports import files

UUID = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d"


def test_what_is_written_to_a_dash_goes_to_stdout(call, directory, migrated):
    for command in (("export", "customers"), ("gdpr", "ledger")):
        plain = call(*command, DATABASE_URL=migrated)
        assert plain.exit_code == 0
        assert call(*command, "--output", "-", DATABASE_URL=migrated).output == plain.output
    assert not (directory / "-").exists()


def test_a_dash_that_is_no_place_is_wrong_usage(call, directory):
    (directory / "people.csv").write_text(",".join(files.CUSTOMER_HEADER) + "\n")
    made = sorted(directory.iterdir())
    for command, told in [
        (("import", "customers", "people.csv", "--rejects", "-"), "--rejects: stdout cannot be gone back on"),
        (("gdpr", "export", "--user", UUID, "--output", "-"), "goes into a file that only you can read"),
    ]:
        result = call(*command)
        assert result.exit_code == 2
        assert told in result.stderr
    assert sorted(directory.iterdir()) == made
