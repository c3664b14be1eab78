# shellcheck shell=bash
# Sourced by the other scripts: goes to the root of the repository and keeps .venv in step with the locks.
# The messages go to stderr, so that a script's own output stays clean.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV=$ROOT/.venv
cd "$ROOT" || exit

say() {
    printf '%s\n' "$*" >&2
}

# install_lock runtime|embedded|dev: makes .venv hold that lock and the project itself; instant when it already does.
install_lock() {
    is_current "$1" && return
    ( # the lock is on the directory itself: nothing to clean up, and gone with the process however it ends
        flock --nonblock 9 || { say "Another script is preparing .venv: waiting for it."; flock 9; }
        is_current "$1" || bring_up_to_date "$1"
    ) 9<"$ROOT"
}

is_current() {
    venv_is_sound &&
        [[ $(stamp lock) == "$(lock_digest "$(lock_to_hold "$1")")" && $(stamp project) == "$(project_digest)" ]]
}

bring_up_to_date() {
    venv_is_sound || make_venv || return
    local name digest
    name=$(lock_to_hold "$1")
    digest=$(lock_digest "$name")
    if [[ $(stamp lock) != "$digest" ]]; then
        say "Installing requirements/$name.txt into .venv (a minute or so the first time)."
        pip_install --require-hashes -r "requirements/$name.txt" || return
        printf '%s\n' "$digest" >"$VENV/lock.stamp"
    fi
    digest=$(project_digest)
    if [[ $(stamp project) != "$digest" ]]; then
        # compat mode leaves a plain .pth file, where the default imports a finder at every start of Python
        pip_install --no-deps --no-build-isolation --config-settings editable_mode=compat -e . || return
        printf '%s\n' "$digest" >"$VENV/project.stamp"
    fi
}

# Each lock holds the one before it, and a larger one that is already there is kept.
lock_to_hold() {
    local held
    held=$(stamp lock)
    case ${held%% *}/$1 in
        dev/* | embedded/runtime) printf '%s\n' "${held%% *}" ;;
        *) printf '%s\n' "$1" ;;
    esac
}

stamp() {
    if [[ -r $VENV/$1.stamp ]]; then printf '%s\n' "$(<"$VENV/$1.stamp")"; fi
}

lock_digest() {
    printf '%s %s\n' "$1" "$(sha256sum <"requirements/$1.txt")"
}

project_digest() {
    cat setup.cfg pyproject.toml | sha256sum
}

# pip leaves half a package behind when it is cut short and later takes it for a whole one: the mark "unfinished" then
# stays, and .venv is made anew. An orderly failure (no network) changes nothing, and takes the mark away.
pip_install() {
    local status=0 cut_short=no
    touch "$VENV/unfinished"
    trap 'cut_short=yes' INT TERM
    "$VENV/bin/python" -m pip install -qq --no-input --disable-pip-version-check --no-warn-script-location "$@" \
        </dev/null >&2 || status=$?
    trap - INT TERM
    if [[ $cut_short == yes ]] || ((status > 128)); then return 130; fi
    rm "$VENV/unfinished"
    if ((status)); then say "pip could not install (see above). Is the network there?"; fi
    return "$status"
}

# Whole, made for this very path (scripts in bin/ name it), and with a Python that still is the one it was made with.
venv_is_sound() {
    [[ -x $VENV/bin/python && -r $VENV/bin/pip && ! -e $VENV/unfinished ]] &&
        [[ $(<"$VENV/bin/pip") == *[!\ \"]"$VENV/bin/python"* ]] &&
        has_asked_version &&
        "$VENV/bin/python" -IS -c '
import os, sys
sys.exit(not os.path.isdir("%s/lib/python%d.%d/site-packages/pip" % (sys.argv[1], *sys.version_info[:2])))' "$VENV"
}

has_asked_version() {
    local version
    if [[ -n ${PYTHON-} ]]; then
        version=$(python_version "$PYTHON" 2>/dev/null) && grep -q "^version = $version\\." "$VENV/pyvenv.cfg"
    fi
}

python_version() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'
}

make_venv() {
    local python
    python=$(find_python) || return
    if [[ -e $VENV ]]; then say "Making .venv anew: it was unfinished, moved, or of another Python."; fi
    rm -rf "$VENV"
    mkdir "$VENV"
    touch "$VENV/unfinished"
    "$python" -m venv "$VENV" && rm "$VENV/unfinished"
}

find_python() {
    local python=${PYTHON:-python3} version
    if [[ -z ${PYTHON-} ]] && ! command -v python3 >/dev/null; then debian_install python3 python3-venv || return; fi
    version=$(python_version "$python" 2>/dev/null) || { say "There is no working $python here."; return 1; }
    if [[ $version != 3.* ]] || ((${version#3.} < 11)); then
        say "Python 3.11 or newer is needed and $python is $version: name another, as in PYTHON=python3.13 $0"
        return 1
    fi
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then debian_install "python$version-venv" || return; fi
    # the interpreter behind an active .venv, which is about to be removed
    "$python" -c 'import sys; print(sys._base_executable)'
}

# debian_install PACKAGE...: installs what is missing, or says in one line why it cannot and returns 1.
debian_install() {
    local missing=() package
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then return; fi
    if ((EUID != 0)) || [[ ! -e /etc/debian_version ]] || ! command -v apt-get >/dev/null; then
        say "Please install ${missing[*]} (the scripts do it themselves only as root on Debian)."
        return 1
    fi
    say "Installing the Debian packages ${missing[*]}."
    ( # one install at a time, whichever checkout asks
        flock 8
        trap allow_services EXIT
        refuse_services && apt_install "${missing[@]}"
    ) 8</var/lib/dpkg
}

POLICY=/usr/sbin/policy-rc.d
POLICY_MARK="# bee-customers: no service starts while the tests' packages are installed"

# The packages bring services of the machine, which are not ours to start. An earlier install that was killed may
# have left our file behind: it is replaced, and never saved as if it were the machine's own.
refuse_services() {
    if [[ -e $POLICY ]] && ! grep -qF "$POLICY_MARK" "$POLICY"; then
        mv "$POLICY" "$POLICY.saved" || return
    fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" >"$POLICY" && chmod 755 "$POLICY"
}

allow_services() {
    rm -f "$POLICY"
    if [[ -e $POLICY.saved ]]; then mv "$POLICY.saved" "$POLICY"; fi
}

apt_install() {
    local log
    log=$(mktemp)
    # the package lists are fetched only when those at hand do not do; a source that fails need not be one of ours
    if apt_get install "$@" >"$log" 2>&1 || { apt_get update >"$log" 2>&1 || true; apt_get install "$@" >>"$log" 2>&1; }; then
        rm "$log"
        return
    fi
    say "Could not install $*: $(grep -m 1 '^E:' "$log" || tail -n 1 "$log") (all of it is in $log)"
    return 1
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold "$@" </dev/null 8>&- 9>&-
}
