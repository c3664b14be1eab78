"""The pipeline says when; how is said in scripts/, which everybody can run."""

import os
import re
import shutil
import subprocess

import pytest

import bee_customers
from tests.delivery.checked import PROGRAMS, read, verdict
from tests.servers import ROOT

WORKFLOW = ".github/workflows/ci.yml"
TAG = f"v{bee_customers.__version__}"


@pytest.fixture(scope="module")
def jobs():
    return read(WORKFLOW)["jobs"]


def steps(jobs):
    return [step for job in jobs.values() for step in job["steps"]]


def test_it_runs_scripts_alone_and_they_are_there(jobs):
    commands = [step["run"].strip() for step in steps(jobs) if "run" in step]
    assert len(commands) == len(jobs)
    for command in commands:
        script = re.fullmatch(r'(scripts/[a-z-]+)( --[a-z-]+| "\$[A-Z_]+")*', command)
        assert script, command
        assert os.access(ROOT / script[1], os.X_OK)


def test_the_only_foreign_action_is_the_checkout_and_it_keeps_no_token(jobs):
    used = [step for step in steps(jobs) if "uses" in step]
    assert {step["uses"].partition("@")[0] for step in used} == {"actions/checkout"}
    assert all(re.fullmatch(r"actions/checkout@v\d+", step["uses"]) for step in used)
    assert all(step["with"] == {"persist-credentials": False} for step in used)


def test_only_a_tag_is_published_and_only_after_every_check(jobs):
    publish = jobs["publish"]
    assert publish["if"] == "github.ref_type == 'tag'"
    assert sorted(publish["needs"]) == sorted(jobs.keys() - {"publish"})
    assert read(WORKFLOW)["permissions"] == {"contents": "read"}
    assert [name for name, job in jobs.items() if "permissions" in job] == ["publish"]


def test_every_job_ends_some_time(jobs):
    assert all(job["timeout-minutes"] <= 60 for job in jobs.values())


@pytest.mark.parametrize("fault", ["runs-on: ubuntu-1", "runs_on: ubuntu-24.04"])
def test_the_check_of_the_pipeline_finds_what_is_wrong(tmp_path, fault):
    wrong = tmp_path / "ci.yml"
    wrong.write_text((ROOT / WORKFLOW).read_text().replace("runs-on: ubuntu-24.04", fault, 1))
    assert fault.rpartition(" ")[2] in verdict("actionlint", wrong)


def test_the_image_is_checked_and_the_check_finds_what_is_wrong(tmp_path):
    wrong = tmp_path / "Dockerfile"
    wrong.write_text("FROM debian\nRUN cd /tmp\n")
    assert "DL3006" in verdict("hadolint", wrong)
    assert "check hadolint Dockerfile\n" in (ROOT / "scripts/lint").read_text()


def test_the_pipeline_is_checked_also_in_a_tree_without_git(tmp_path):
    copy = tmp_path / WORKFLOW
    copy.parent.mkdir(parents=True)
    copy.write_text((ROOT / WORKFLOW).read_text().replace("runs-on: ubuntu-24.04", "runs-on: ubuntu-1", 1))
    called = re.findall(r"^ +check (actionlint.*)$", (ROOT / "scripts/lint").read_text(), re.MULTILINE)
    assert len(called) == 1
    program, *words = called[0].split()
    done = subprocess.run([PROGRAMS / program, *words], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, "ubuntu-1" in done.stdout) == (1, True), done.stderr


@pytest.mark.parametrize(("tag", "status"), [(TAG, 0), (TAG[1:], 1), (f"{TAG}1", 1)])
def test_a_tag_is_of_the_version_that_it_publishes(tag, status):
    done = subprocess.run([ROOT / "scripts/publish", "--check", tag], capture_output=True, text=True)
    assert done.returncode == status
    assert len(done.stderr.splitlines()) == status


def test_nothing_is_published_without_all_that_it_takes():
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run([ROOT / "scripts/publish", TAG], capture_output=True, text=True, env=bare)
    assert done.returncode == 1
    assert "REGISTRY" in done.stderr


def test_the_chart_packs_to_what_is_installed(tmp_path):
    command = [PROGRAMS / "python", ROOT / "deploy/helm/pack.py", tmp_path]
    packed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert packed == str(tmp_path / f"bee-customers-{bee_customers.__version__}.tgz")
    shutil.unpack_archive(packed, tmp_path)
    assert (tmp_path / "bee-customers/values.schema.json").is_file()
    assert not (tmp_path / "bee-customers/ci").exists()
