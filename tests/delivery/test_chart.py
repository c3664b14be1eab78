"""The chart, rendered by Helm: valid for Kubernetes, closed, and in step with the service."""

import dataclasses
import json
import subprocess
import sys

import kubernetes_validate
import pytest

import bee_customers
from bee_customers.server.draining import FINISH_SECONDS
from bee_customers.settings import Settings
from tests.cli.test_help import LEAVES
from tests.delivery.checked import read
from tests.servers import ROOT

CHART = "deploy/helm/bee-customers"
LEAST = {"existingSecret": "bee-customers"}
CHOICES = {name: read(f"{CHART}/ci/{name}-values.yaml") for name in ("least", "most", "off")}
KUBERNETES = ["1.27", "1.37"]  # the oldest that Chart.yaml allows, and the newest known
SETTINGS = {field.name.upper(): field.metadata for field in dataclasses.fields(Settings)}
REFUSED = {
    "no secret": ({}, "set existingSecret, or secrets.DATABASE_URL and secrets.SECRET_KEY"),
    "half a secret": ({"secrets": {"DATABASE_URL": "postgresql://db/c"}}, "set existingSecret"),
    "an empty secret": ({"secrets": {"DATABASE_URL": ""}}, "secrets/DATABASE_URL"),
    "files in a pod": (LEAST | {"persistence": {"enabled": False}}, "or files are lost"),
    "a secret in the open": (LEAST | {"settings": {"SECRET_KEY": "x" * 32}}, "SECRET_KEY"),
    "another port": (LEAST | {"settings": {"PORT": "80"}}, "PORT"),
    "a number": (LEAST | {"settings": {"THREADS": 8}}, "settings/THREADS"),
    "a misspelt value": (LEAST | {"replicas": 3}, "replicas"),
    "a misspelt part": (LEAST | {"web": {"replica": 3}}, "replica"),
    "no schedule": (LEAST | {"cron": {"stats": {"enabled": True, "schedule": "daily"}}}, "cron/stats/schedule"),
    "open to all": (LEAST | {"networkPolicy": {"from": []}}, "networkPolicy/from"),
    "a negative drain": (LEAST | {"drainSeconds": -1}, "drainSeconds"),
}


@pytest.fixture(scope="module")
def helm():
    """What Helm makes of all the choices, asked once."""
    asked = [*CHOICES.values(), *(values for values, _ in REFUSED.values())]
    command = [sys.executable, "-m", "tests.delivery.rendering"]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    names = [*CHOICES, *REFUSED]
    return {"rendered": dict(zip(names, answer["rendered"], strict=True)), "lint": answer["lint"][: len(CHOICES)]}


@pytest.fixture(params=CHOICES)
def documents(helm, request):
    return helm["rendered"][request.param]


@pytest.fixture
def least(helm):
    return by_name(helm["rendered"]["least"])


@pytest.fixture
def most(helm):
    return by_name(helm["rendered"]["most"])


def by_name(documents):
    """Documents by kind and what comes after the name of the release."""
    assert isinstance(documents, list), documents
    short = [
        document["metadata"]["name"].removeprefix("trial-bee-customers").lstrip("-") for document in documents
    ]
    return {
        f"{document['kind']} {name}".strip(): document for document, name in zip(documents, short, strict=True)
    }


def pods(documents):
    """The templates of all pods."""
    for document in documents:
        spec = document.get("spec", {})
        spec = spec.get("jobTemplate", {"spec": spec})["spec"]
        if "template" in spec:
            yield spec["template"]


def test_helm_finds_nothing_to_mend(helm):
    assert [report["errors"] for report in helm["lint"]] == [[], [], []]
    assert all(message["severity"] < 2 for report in helm["lint"] for message in report["messages"])


@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_would_take_it(documents, version):
    for document in documents:
        kubernetes_validate.validate(document, version, strict=True)


def test_the_check_by_kubernetes_finds_what_is_wrong(least):
    wrong = least["Deployment web"]
    wrong["spec"]["replica"] = 3
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES[-1], strict=True)


def test_all_that_was_asked_for_is_there_as_it_comes(least):
    jobs = ["CronJob erasures", "CronJob retention", "CronJob stats", "Job migration"]
    rest = ["ConfigMap", "NetworkPolicy", "PersistentVolumeClaim", "Service", "ServiceAccount"]
    parts = [f"{kind} {part}" for kind in ("Deployment", "PodDisruptionBudget") for part in ("relay", "web")]
    assert sorted(least) == sorted(jobs + rest + parts)


def test_all_can_be_turned_on_and_off(helm, most):
    more = {"HorizontalPodAutoscaler web", "Ingress", "Secret", "Secret migration"}
    assert more <= set(most)
    assert sorted(by_name(helm["rendered"]["off"])) == ["ConfigMap", "Deployment web", "Service"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_refused_by_name(helm, name):
    answer = helm["rendered"][name]
    assert isinstance(answer, str), f"{name} is rendered"
    assert REFUSED[name][1] in answer


def test_every_pod_is_closed(documents):
    for pod in pods(documents):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        (container,) = spec["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "/tmp" in [mount["mountPath"] for mount in container["volumeMounts"]]


def test_every_pod_asks_for_what_it_may_use(documents):
    amount = {"cpu": "250m", "memory": "256Mi"}
    for pod in pods(documents):
        assert pod["spec"]["containers"][0]["resources"] == {"requests": amount, "limits": amount}


def test_every_pod_runs_a_command_that_exists(documents):
    for pod in pods(documents):
        command = " ".join(["bee-customers", *pod["spec"]["containers"][0]["args"]])
        assert any(command == known or command.startswith(f"{known} -") for known in LEAVES), command


def test_a_job_that_failed_waits_for_its_next_turn_and_only_migrations_are_tried_again(least):
    jobs = [name for name in least if name.split()[0] in ("CronJob", "Job")]
    assert [pod["spec"]["restartPolicy"] for pod in pods(least[name] for name in jobs)] == ["Never"] * 4
    crons = [least[name]["spec"] for name in jobs if name.startswith("CronJob")]
    assert {(cron["concurrencyPolicy"], cron["jobTemplate"]["spec"]["backoffLimit"]) for cron in crons} == {
        ("Forbid", 0)
    }
    assert least["Job migration"]["spec"]["backoffLimit"] == 3


def test_probes_ask_where_health_is_told(least):
    web = least["Deployment web"]["spec"]["template"]["spec"]["containers"][0]
    paths = [web[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")]
    assert paths == ["/health/live", "/health/live", "/health"]
    assert web["ports"] == [{"name": "http", "containerPort": int(SETTINGS["PORT"]["default"])}]


def test_a_pod_that_ends_has_the_time_to_drain(least, most):
    for release, drain, finish in ((least, 5, 30), (most, 10, 60)):
        assert release["ConfigMap"]["data"]["DRAIN_SECONDS"] == str(drain)
        pod = release["Deployment web"]["spec"]["template"]["spec"]
        assert pod["terminationGracePeriodSeconds"] == drain + finish + 5
    chosen = read(f"{CHART}/values.yaml")
    assert str(chosen["drainSeconds"]) == SETTINGS["DRAIN_SECONDS"]["production"]
    assert chosen["finishSeconds"] > FINISH_SECONDS
    assert least["Deployment web"]["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_settings_reach_the_containers_as_they_were_written(most):
    written = CHOICES["most"]
    assert most["ConfigMap"]["data"] == written["settings"] | {"DRAIN_SECONDS": "10"}
    assert most["Secret"]["stringData"] == most["Secret migration"]["stringData"] == written["secrets"]
    container = most["Deployment web"]["spec"]["template"]["spec"]["containers"][0]
    assert container["envFrom"] == [
        {"configMapRef": {"name": "trial-bee-customers"}},
        {"secretRef": {"name": "trial-bee-customers"}},
    ]
    assert container["image"] == "registry.example/bee:9.9.9"


def test_migrations_need_nothing_that_is_not_there_before_the_release(most):
    """Helm makes what has a hook first, and all else after it."""
    hooks = {
        name for name, document in most.items() if "helm.sh/hook" in document["metadata"].get("annotations", {})
    }
    assert hooks == {"Job migration", "Secret migration"}
    pod = most["Job migration"]["spec"]["template"]["spec"]
    assert "serviceAccountName" not in pod
    assert [list(volume) for volume in pod["volumes"]] == [["name", "emptyDir"]]
    container = pod["containers"][0]
    assert container["envFrom"] == [{"secretRef": {"name": "trial-bee-customers-migration"}}]
    assert {variable["name"]: variable["value"] for variable in container["env"]} == CHOICES["most"]["settings"]


def test_settings_that_are_secret_belong_into_the_secret():
    schema = read(f"{CHART}/values.schema.json")
    secrets = set(schema["definitions"]["secretName"]["enum"])
    assert {name for name, metadata in SETTINGS.items() if metadata["secret"]} <= secrets
    assert not {name for name, metadata in SETTINGS.items() if not metadata["secret"]} & secrets


def test_the_settings_of_the_trial_exist():
    assert {*CHOICES["most"]["settings"], *CHOICES["most"]["secrets"]} <= set(SETTINGS)


def test_only_what_clients_need_is_reached_from_outside(most):
    assert read(f"{CHART}/values.yaml")["ingress"]["paths"] == ["/v1", "/media", "/health"]
    rules = most["Ingress"]["spec"]["rules"]
    assert [rule["host"] for rule in rules] == CHOICES["most"]["ingress"]["hosts"]
    assert [path["path"] for path in rules[1]["http"]["paths"]] == ["/v1", "/docs"]


def test_the_network_is_closed_but_for_what_is_named(least):
    policy = least["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["ingress"] == [{"from": [{"podSelector": {}}], "ports": [{"port": 8002}, {"port": 9102}]}]
    assert [port["port"] for port in policy["egress"][0]["ports"]] == [53, 53, 5432, 5671, 5672, 6379, 443, 8001]


def test_the_autoscaler_alone_says_how_many_there_are(least, most):
    assert least["Deployment web"]["spec"]["replicas"] == 2
    assert "replicas" not in most["Deployment web"]["spec"]


def test_the_chart_is_of_the_version_that_it_installs():
    chart = read(f"{CHART}/Chart.yaml")
    assert chart["version"] == chart["appVersion"] == bee_customers.__version__
