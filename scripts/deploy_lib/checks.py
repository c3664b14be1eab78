"""What must hold on the machine once it is set up."""

import re
import socket
import ssl
from dataclasses import replace

from deploy_lib.load import Target
from deploy_lib.machine import Machine, MachineFault, wait_for

UNITS = ("bee-customers-web@1", "bee-customers-web@2", "bee-customers-relay")
SERVERS = ("postgresql", "redis-server", "rabbitmq-server", "nginx", "cron")
EXPOSURE_MOST = 4.0
REHEARSAL = "rehearsal"
# where copies of backups go: the user of the service may write there
ELSEWHERE = "/var/lib/bee-customers/elsewhere"
ENVIRONMENT = "/etc/bee-customers/environment"


def expect(what: str, wanted: object, got: object) -> None:
    if wanted != got:
        raise MachineFault(f"{what}: expected {wanted!r}, got {got!r}")


def units(machine: Machine) -> str:
    """Running, started with the machine, and hardened; the worst exposure of them."""
    for unit in (*UNITS, *SERVERS):
        expect(unit, "active", machine.run(f"systemctl is-active {unit}", check=False))
        expect(f"{unit} at the start", "enabled", machine.run(f"systemctl is-enabled {unit}", check=False))
    exposures = []
    for unit in UNITS:
        said = machine.run(f"systemd-analyze security --no-pager {unit}.service")
        found = re.search(r"exposure level for \S+: ([0-9.]+)", said)
        exposures.append(float(found.group(1)) if found else 10.0)
    if max(exposures) >= EXPOSURE_MOST:
        raise MachineFault(f"exposure of the units: {exposures}, expected each below {EXPOSURE_MOST}")
    return f"exposure {max(exposures)} at most"


def closed(machine: Machine) -> str:
    """Nothing but nginx and sshd listens to the outside; files and servers are closed to strangers."""
    listening = machine.run("ss -Hltn").splitlines()
    outside = {line.split()[3].rpartition(":")[2] for line in listening if not _is_loopback(line.split()[3])}
    expect("ports open to the outside", {"22", "80", "443"}, outside)
    expect("the settings file", "640 root bee", machine.run(f"stat -c '%a %U %G' {ENVIRONMENT}"))
    sql = "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = 'bee_customers'"
    expect("rights of the role", "f", machine.run(f'cd / && runuser -u postgres -- psql -XAtqc "{sql}"'))
    expect("Redis without a password", True, "NOAUTH" in machine.run("redis-cli ping 2>&1", check=False))
    users = machine.run("rabbitmqctl --quiet --no-table-headers list_users")
    expect("users of the broker", ["bee_customers"], [line.split()[0] for line in users.splitlines()])
    return f"ports {', '.join(sorted(outside, key=int))}"


def _is_loopback(address: str) -> bool:
    return address.startswith(("127.", "[::1]", "[::ffff:127."))


def front(target: Target) -> str:
    """What nginx lets through, and what it does not."""
    expect("/health", 200, target.send("GET", "/health")[0])
    for path in ("/metrics", "/metrics/", "//metrics", "/%6detrics", "/health/../metrics"):
        expect(path, 404, target.send("GET", path)[0])
    big = {"full_name": "x" * (7 * 1024 * 1024)}
    expect("a body of 7 MiB", 413, target.send("POST", "/v1/customers", big)[0])
    host = f"Host: {target.host}\r\n"
    raw = {
        "TE and CL": (
            f"POST /health HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
            400,
        ),
        "two lengths": (f"POST /health HTTP/1.1\r\n{host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        "an odd coding": (
            f"POST /health HTTP/1.1\r\n{host}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            501,
        ),
        "no Host": ("GET /health HTTP/1.1\r\n\r\n", 400),
        "TRACE": (f"TRACE /health HTTP/1.1\r\n{host}\r\n", 405),
        "a header without end": (f"GET /health HTTP/1.1\r\n{host}X-Long: {'x' * 40_000}\r\n\r\n", 400),
        "another name": ("GET /v1/customers HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n", 421),
        "a load balancer's question": ("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 200),
    }
    for what, (request, status) in raw.items():
        expect(what, status, _status_of(target, request))
    return f"{len(raw) + 7} requests answered as they should be"


def metrics(machine: Machine, target: Target) -> str:
    """Those of each process, for whom the inventory names, and for nobody else."""
    token = machine.run(f"sed -n \"s/^METRICS_TOKEN='\\(.*\\)'$/\\1/p\" {ENVIRONMENT}")
    allowed = replace(target, token=token)
    texts = [allowed.send("GET", f"/metrics/{name}")[1].decode() for name in ("1", "2", "relay")]
    pids = [set(re.findall(r'pid="(\d+)"', text)) for text in texts]
    if len(set().union(*pids[:2])) != 2 or [len(each) for each in pids[:2]] != [1, 1]:
        raise MachineFault(f"metrics should be those of one process each, and are those of {pids}")
    expect("metrics of the relay", True, "bee_customers_events_relay_leader 1.0" in texts[2])
    expect("/metrics/1 without the token", 401, target.send("GET", "/metrics/1")[0])
    asked = "curl --silent --insecure --output /dev/null --write-out '%{http_code}'"
    for name in ("1", "relay"):
        stranger = machine.run(f"{asked} --header 'Host: {target.host}' https://127.0.0.1/metrics/{name}")
        expect(f"/metrics/{name} for a stranger", "404", stranger)
    return "of 2 web processes and the relay"


def stale(machine: Machine) -> str:
    """What has not taken up its settings is found, and alone restarted."""
    pids = "systemctl show --value -p MainPID bee-customers-web@1 bee-customers-web@2 bee-customers-relay"
    expect("what is stale", "", machine.run("bee-customers-roll --check"))
    before = machine.run(pids).split()
    machine.run("touch /etc/bee-customers/web-2.environment")
    expect("what is stale", "web processes: 2", machine.run("bee-customers-roll --check"))
    machine.run("bee-customers-roll")
    expect("what is stale", "", machine.run("bee-customers-roll --check"))
    after = machine.run(pids).split()
    expect(
        "whether each goes on", [True, False, True], [was == now for was, now in zip(before, after, strict=True)]
    )
    return "1 of 3 restarted"


def _status_of(target: Target, request: str) -> int:
    context = ssl.create_default_context(cafile=target.certificate)
    with (
        socket.create_connection((target.host, target.port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=target.host) as secure,
    ):
        secure.sendall(request.encode())
        return int(secure.recv(64).split()[1])


def empty(machine: Machine) -> str:
    """A database without a customer takes no place of what there is, neither here nor elsewhere."""
    machine.run(f"rm -rf {ELSEWHERE} && bee-customers-backup")
    told = machine.run("bee-customers-backup 2>&1", check=False)
    expect("a backup beside an older one", True, "Refused: the database holds no customer" in told)
    machine.run(f"test ! -e {ELSEWHERE}")
    return "1 made, and none over it"


def jobs(machine: Machine) -> str:
    """Each job runs as cron calls it, tells the journal, and is recorded; cron itself is seen to call one."""
    names = ("stats-recompute", "retention-run", "gdpr-run", "backup")
    cron = machine.run("cat /etc/cron.d/bee-customers /etc/cron.d/bee-customers-backup")
    missing = [name for name in names if name not in cron]
    expect("jobs that cron does not know", [], missing)
    wait_for("cron to call a job", 90, lambda: _journal(machine, "bee-customers-gdpr-run") != "")
    for name in names[:2]:
        machine.run(f"cd / && runuser -u bee -- bee-customers-job {name}")
    machine.run("cd / && runuser -u bee -- systemd-cat --identifier=bee-customers-backup bee-customers-backup")
    wait_for("the journal", 10, lambda: all(_journal(machine, f"bee-customers-{name}") for name in names))
    return _recorded(machine, (*names, "backup-copy"))


def _journal(machine: Machine, tag: str) -> str:
    return machine.run(f"journalctl --quiet --output=cat -t {tag}", check=False)


def _recorded(machine: Machine, names: tuple[str, ...]) -> str:
    if "No such command" in machine.run("bee-customers jobs list 2>&1", check=False):
        return "all ran; this version records none"
    recorded = machine.run("bee-customers jobs list --json")
    unrecorded = [name for name in names if name.replace("-", " ") not in recorded and name not in recorded]
    expect("jobs that ran and are not recorded", [], unrecorded)
    return "all ran, and are recorded"


def version_in_use(machine: Machine, version: str) -> None:
    """Every process runs this version, and not only the link names it."""
    for unit in UNITS:
        command = machine.run(f"tr '\\0' ' ' </proc/$(systemctl show --value -p MainPID {unit})/cmdline")
        expect(f"version of {unit}", True, command.startswith(f"/opt/bee-customers/releases/{version}/"))
    expect("version of the command line", True, version in machine.run("bee-customers --version"))
