#!/bin/sh
# Prints the path of a Python that can carry the environment: $1 if given (it then has to
# be good), else the first good one of the list. A version manager's shim may exist and not
# run, so every candidate is tried.
#   python.sh [interpreter]         any of 3.11 and later
#   WANTED=3.13 python.sh           exactly that minor version
WANTED=${WANTED:-}
good() {
    "$1" -c '
import ensurepip, sys, venv
version = "%d.%d" % sys.version_info[:2]
sys.exit(sys.version_info < (3, 11) or sys.argv[1] not in ("", version))' "$WANTED" 2>/dev/null
}
if [ -n "${1:-}" ]; then
    set -- "$1"
else
    set -- python3.13 python3.12 python3.11 python3.14 python3 python
    for folder in "${PYENV_ROOT:-$HOME/.pyenv}/versions" "$HOME/.asdf/installs/python" \
        "$HOME/.local/share/mise/installs/python" "$HOME/.local/share/uv/python"; do
        for found in "$folder"/*3.1[1-9]*/bin/python3; do set -- "$@" "$found"; done
    done
fi
for candidate in "$@"; do
    if good "$candidate"; then
        "$candidate" -c 'import sys; print(sys.executable)'
        exit 0
    fi
done
echo "No Python ${WANTED:-3.11 or later} with venv and ensurepip found." \
    "On Debian: apt-get install python3-venv" >&2
exit 1
