"""Every command explains itself, quickly."""

import subprocess
import sys

import click
import pytest

from bee_customers.cli import COMMANDS, main


def walk(command, name):
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            yield from walk(command.get_command(context, child), f"{name} {child}")


ALL = dict(walk(main, "bee-customers"))
LEAVES = {name: command for name, command in ALL.items() if not isinstance(command, click.Group)}


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_shows_an_example_of_itself(name):
    text = LEAVES[name].help or ""
    assert "Example: bee-customers" in text
    example = text.partition("Example: ")[2]
    assert name.removeprefix("bee-customers ") in example


@pytest.mark.parametrize("name", ALL)
def test_every_option_says_what_it_does(name):
    options = [option for option in ALL[name].params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS), ["db", "check"]], ids=str)
def test_help_is_shown_and_is_no_error(call, words, flag):
    result = call(*words, flag)
    assert result.exit_code == 0
    assert result.output.startswith("Usage:")


def test_help_names_every_command_with_its_line(call):
    output = call("--help").output
    for name, (_, _, line) in COMMANDS.items():
        assert name in output
        assert line in output


def test_the_line_in_the_list_is_how_the_command_describes_itself():
    for name, (_, _, line) in COMMANDS.items():
        assert main.get_command(click.Context(main), name).help, name
        assert line.endswith(".")


def test_help_loads_nothing_heavy():
    script = (
        "import sys\nfrom bee_customers.cli import main\nmain(['--help'], standalone_mode=False)\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Usage:" in done.stdout
    loaded = set(eval(done.stderr.splitlines()[-1]))
    assert loaded.isdisjoint(
        {"sqlalchemy", "pyramid", "rich", "cornice", "colander", "jwt", "psycopg2", "alembic"}
    )


def test_an_unknown_command_is_wrong_usage(call):
    result = call("nothing")
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_the_version_is_told(call):
    from bee_customers import __version__

    assert call("--version").output.strip().endswith(__version__)


@pytest.mark.parametrize("words", ["--help", "serve --help", "--version"])
def test_a_full_stdout_is_one_line(words):
    program = [sys.executable, "-c", "from bee_customers.cli import main; main(prog_name='bee-customers')"]
    with open("/dev/full", "w") as full:
        done = subprocess.run([*program, *words.split()], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (1, "Error: stdout cannot be written: No space left on device\n")
