"""Where settings come from, and one line when they are wrong."""

import pytest

COMMANDS = [["serve"], ["db", "upgrade"], ["db", "check"], ["token"], ["doctor"]]
each_command = pytest.mark.parametrize("words", COMMANDS, ids=" ".join)


@each_command
def test_a_settings_file_that_is_not_there_is_wrong_usage(call, words):
    result = call("-c", "nowhere.ini", *words)
    assert result.exit_code == 2
    assert "nowhere.ini" in result.output


@each_command
def test_neither_a_file_nor_a_database_is_wrong_usage(call, words):
    result = call(*words)
    assert result.exit_code == 2
    assert "DATABASE_URL" in result.output


@each_command
def test_a_wrong_setting_is_one_line_and_exit_1(call, words):
    result = call(*words, DATABASE_URL="postgresql://db/customers", PORT="many")
    assert result.exit_code == 1
    assert [line for line in result.output.splitlines() if "PORT: got 'many', expected" in line]
    assert len(result.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "content", ["no section at all", "[app:main\nport = 1", "[app:main]\nport", "[app:main]\nuse = %(no)s"]
)
def test_a_file_that_is_no_settings_file_ends_without_a_traceback(call, directory, content):
    (directory / "broken.ini").write_text(content)
    result = call("-c", "broken.ini", "token")
    assert result.exit_code in (1, 2)
    assert "broken.ini" in result.output


def test_development_ini_is_found_where_it_lies(call, ini):
    ini.write_text("[app:main]\nport = many\n")
    result = call("token")
    assert result.exit_code == 1
    assert "PORT: got 'many'" in result.output


def test_the_environment_wins_over_the_file(call, ini):
    ini.write_text("[app:main]\nport = many\n")
    assert call("token", PORT="8003").exit_code == 0


def test_paths_count_from_the_directory_of_the_file(call, directory):
    (directory / "below").mkdir()
    (directory / "below" / "own.ini").write_text("[app:main]\n")
    assert call("-c", "below/own.ini", "token").exit_code == 0
    assert (directory / "below" / "var" / "development-jwt.key").exists()
    assert not (directory / "var").exists()


@pytest.mark.parametrize("url", ["postgresql://bee:hunter2@db:port/c", "postgresql://bee:hunter2@[db/c"])
@pytest.mark.parametrize("words", [["db", "upgrade"], ["doctor"]], ids=" ".join)
def test_a_database_url_that_cannot_be_read_is_a_line_without_its_password(call, words, url):
    result = call(*words, DATABASE_URL=url)
    assert result.exit_code == 1
    assert "hunter2" not in result.output
