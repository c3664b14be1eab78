"""bee-customers db ..., and doctor, which looks at the same database."""

import json

import psycopg2
import pytest

from tests.servers import free_port

PARTS = {"settings", "database", "keys", "broker", "redis", "proxies"}
LOOKING = [("db", "check"), ("db", "upgrade"), ("doctor",)]


def run_sql(url, statement):
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


@pytest.fixture
def nowhere():
    return f"postgresql://bee:hunter2@127.0.0.1:{free_port()}/customers"


def test_upgrade_can_be_repeated(call, empty_database):
    first = call("db", "upgrade", DATABASE_URL=empty_database)
    second = call("db", "upgrade", DATABASE_URL=empty_database)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output.startswith("migrated from nothing to ")
    assert second.output.startswith("already at ")


def test_check_finds_nothing_in_a_migrated_database(call, migrated):
    result = call("db", "check", DATABASE_URL=migrated)
    assert result.exit_code == 0
    assert "no findings" in result.output


def test_check_finds_a_lost_index(call, migrated):
    run_sql(migrated, "DROP INDEX ix_customer_created_at_id")
    result = call("db", "check", DATABASE_URL=migrated)
    assert result.exit_code == 3
    assert "ix_customer_created_at_id" in result.output


def test_check_of_an_empty_database_says_what_to_do(call, empty_database):
    result = call("db", "check", DATABASE_URL=empty_database)
    assert result.exit_code == 3
    assert "run db upgrade" in result.output


def later(url):
    """As a later version leaves it, before this one is taken up again."""
    run_sql(url, "UPDATE alembic_version SET version_num = '9999'; ALTER TABLE customer ADD honey text")


def test_the_schema_of_a_later_version_is_a_warning_and_stays(call, migrated):
    later(migrated)
    check, upgrade, doctor = (call(*words, DATABASE_URL=migrated) for words in LOOKING)
    assert (check.exit_code, upgrade.exit_code, doctor.exit_code) == (0, 0, 0)
    assert "warning: schema is at 9999, newer than this version" in check.output
    assert upgrade.output.startswith("already newer: 9999 ")
    assert "schema is at 9999, newer than this version" in doctor.output
    assert call("db", "check", DATABASE_URL=migrated).output == check.output


def test_check_as_json_tells_of_a_later_version_too(call, migrated):
    later(migrated)
    told = json.loads(call("db", "check", "--json", DATABASE_URL=migrated).stdout)
    assert (told["is_newer"], told["findings"]) == (True, [])
    assert "9999" in told["warning"]


def test_check_as_json_says_the_same(call, migrated):
    well = call("db", "check", "--json", DATABASE_URL=migrated)
    assert (well.exit_code, json.loads(well.stdout)["findings"]) == (0, [])
    run_sql(migrated, "DROP INDEX ix_customer_created_at_id")
    ill = call("db", "check", "--json", DATABASE_URL=migrated)
    assert ill.exit_code == 3
    assert "ix_customer_created_at_id" in json.loads(ill.stdout)["findings"][0]


@pytest.mark.parametrize("words", [["db", "upgrade"], ["db", "check"]], ids=" ".join)
def test_a_database_that_is_away_is_one_line_and_exit_1(call, nowhere, words):
    result = call(*words, DATABASE_URL=nowhere)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("Error: the database cannot be reached: connection to server at")


def test_doctor_finds_a_good_installation_well(call, migrated):
    result = call("doctor", DATABASE_URL=migrated)
    assert result.exit_code == 0
    assert {line.split()[1] for line in result.output.splitlines()} == PARTS
    assert "FAIL" not in result.output


def test_doctor_as_json_says_the_same(call, migrated):
    result = call("doctor", "--json", DATABASE_URL=migrated)
    assert result.exit_code == 0
    assert {found["part"]: found["is_well"] for found in json.loads(result.stdout)} == dict.fromkeys(PARTS, True)


def test_doctor_names_the_database_that_is_away(call, nowhere):
    result = call("doctor", DATABASE_URL=nowhere)
    assert result.exit_code == 1
    failing = [line for line in result.output.splitlines() if "FAIL" in line]
    assert len(failing) == 1
    assert "database" in failing[0]
    assert "hunter2" not in result.output


def test_doctor_as_json_names_the_database_that_is_away(call, nowhere):
    result = call("doctor", "--json", DATABASE_URL=nowhere)
    assert result.exit_code == 1
    wells = {found["part"]: found["is_well"] for found in json.loads(result.stdout)}
    assert wells == {part: part != "database" for part in PARTS}


def test_doctor_names_a_database_that_is_not_migrated(call, empty_database):
    result = call("doctor", DATABASE_URL=empty_database)
    assert result.exit_code == 1
    assert "run db upgrade" in result.output


def test_doctor_names_an_auth_service_that_is_away(call, migrated):
    result = call("doctor", DATABASE_URL=migrated, AUTH_SERVICE_URL=f"http://127.0.0.1:{free_port()}")
    assert result.exit_code == 1
    assert "FAIL  keys" in result.output


def test_doctor_tells_a_wrong_setting_as_json_too(call):
    result = call("doctor", "--json", DATABASE_URL="postgresql://db/c", PORT="many")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["is_well"] is False
