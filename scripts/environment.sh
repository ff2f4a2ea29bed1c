# Sourced by demo and check: sets $python to the interpreter of the active virtual environment, or of .venv made here.
# $python stays inside the repository unless a virtual environment is active already.
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

if [ -z "${VIRTUAL_ENV:-}" ]; then
    VIRTUAL_ENV=$PWD/.venv
    if [ ! -x "$VIRTUAL_ENV/bin/pip" ]; then
        python3 -m venv "$VIRTUAL_ENV" || {
            as_root apt-get update -qq && as_root apt-get install -y -qq python3-venv
            python3 -m venv "$VIRTUAL_ENV"
        }
    fi
fi
python=$VIRTUAL_ENV/bin/python

# Installs Signoff as given, with a pip of today: the one of Debian 12 (23.0) finds no set of versions that fit together.
install() {
    "$python" -m pip install --quiet --disable-pip-version-check --upgrade pip
    "$python" -m pip install --quiet -e "$1"
}
