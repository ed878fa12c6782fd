#!/usr/bin/env bash
# Everything the project needs, inside the repository: .tools (uv), .venv (Python packages), jars (Spark's). Quick when nothing changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
python=${PYTHON:-python3.11}
uv=.tools/bin/uv
stamps=.venv/.stamps

# pip's settings reach uv too, so that a city behind its own mirror configures one tool.
export PIP_CACHE_DIR=$root/.tools/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1
export UV_CACHE_DIR=$root/.tools/cache/uv UV_PYTHON_DOWNLOADS=never
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH CONDA_PREFIX

refuse() { echo "setup: $*" >&2; exit 2; }
say() { echo "setup: $*"; }
sum() { { echo "$root"; cat "$@"; } | sha256sum | cut -d' ' -f1; }
done_before() { [[ -f $stamps/$1 && $(<"$stamps/$1") == "$2" ]]; }
mark() { mkdir -p "$stamps" && echo "$2" >"$stamps/$1"; }

check_python() {
  command -v "$python" >/dev/null || refuse "$python is not there: apt-get install python3.11 python3.11-venv (or PYTHON=/path/to/python3.11)"
  local found
  found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || refuse "$python does not run (PYTHON=/path/to/python3.11)"
  [[ $found == 3.11 ]] || refuse "$python is Python $found, 3.11 is needed (PYTHON=/path/to/python3.11)"
  python=$("$python" -c 'import sys; print(sys.executable)')
}

check_java() {
  local java=java found
  [[ -n ${JAVA_HOME:-} ]] && java=$JAVA_HOME/bin/java
  command -v "$java" >/dev/null || refuse "Java is not there: apt-get install openjdk-17-jre-headless"
  found=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = //p')
  found=${found#1.}
  [[ $found =~ ^[0-9]+$ ]] || refuse "$java does not say its version"
  ((found >= 17)) || refuse "Java $found is too old, 17 or newer is needed: apt-get install openjdk-17-jre-headless"
}

install_uv() {
  local key
  key=$(sum conf/setup/uv.txt)
  [[ -x $uv && -f .tools/.uv && $(<.tools/.uv) == "$key" ]] && return
  say "uv"
  rm -rf .tools/bin .tools/lib .tools/.uv
  if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    "$python" -m venv --clear .tools/lib
    .tools/lib/bin/python -m pip install --quiet --require-hashes -r conf/setup/uv.txt
  elif "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m pip install --quiet --target .tools/lib --require-hashes -r conf/setup/uv.txt
  else
    refuse "$python has neither venv nor pip: apt-get install python3.11-venv"
  fi
  mkdir -p .tools/bin
  ln -s ../lib/bin/uv "$uv"
  echo "$key" >.tools/.uv
}

use_pip_index() {
  local index=${PIP_INDEX_URL:-}
  [[ -n $index ]] || index=$(.tools/lib/bin/python -m pip config get global.index-url 2>/dev/null || true)
  if [[ -n $index && -z ${UV_DEFAULT_INDEX:-} ]]; then export UV_DEFAULT_INDEX=$index; fi
}

install_packages() {
  local key own
  key=$(sum requirements.lock)
  own=$(sum pyproject.toml conf/setup/build.txt)
  done_before lock "$key" && done_before own "$own" && return
  use_pip_index
  if ! done_before lock "$key"; then
    say "Python packages, as locked"
    [[ -x .venv/bin/python && -f $stamps/lock ]] || "$uv" venv --quiet --clear --no-project --python "$python" .venv
    rm -rf "$stamps"
    "$uv" pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock
    .venv/bin/python conf/setup/same_spark.py
    mark lock "$key"
  fi
  "$uv" pip install --quiet --python .venv/bin/python --no-deps --build-constraints conf/setup/build.txt --editable .
  mark own "$own"
}

install_jars() {
  local there wanted
  mkdir -p jars
  there=$(find jars -name '*.jar' 2>/dev/null | wc -l)
  wanted=$(wc -l <jars.sha256)
  ((there == wanted)) && sha256sum --check --status jars.sha256 2>/dev/null && return
  command -v mvn >/dev/null || refuse "Maven is not there: apt-get install maven"
  say "jars"
  rm -rf jars
  mvn --quiet --batch-mode "-Dmaven.repo.local=$root/.tools/cache/maven" dependency:copy-dependencies 2>&1 | sed $'s/\e\\[[0-9;]*m//g'
  if ! sha256sum --check --quiet jars.sha256 2>/dev/null; then
    rm -rf jars
    refuse "a jar is not the one that jars.sha256 names; removed: find out why before anything else"
  fi
}

# Classes Spark loads at every start, laid out once. Only speed, and it takes a minute, so it is asked for: make archive.
archive_classes() {
  say "Spark's class archive"
  rm -f .venv/spark.jsa
  .venv/bin/python conf/setup/warm.py .venv/spark.jsa >.tools/warm.log 2>&1 || refuse "no class archive, .tools/warm.log says why"
}

# Only tests need it: a PostgreSQL server that they start, in a folder that is on nobody's path. conf/setup/postgres.sha256
# has a line for each kind of machine.
install_postgres() {
  local sums=conf/setup/postgres.sha256
  sha256sum --check --status --ignore-missing $sums 2>/dev/null && return
  command -v mvn >/dev/null || refuse "Maven is not there: apt-get install maven"
  say "PostgreSQL, for the tests"
  rm -rf .tools/postgres
  mvn --quiet --batch-mode --file conf/setup/postgres.xml "-Dmaven.repo.local=$root/.tools/cache/maven" \
    dependency:copy-dependencies 2>&1 | sed $'s/\e\\[[0-9;]*m//g'
  if ! sha256sum --check --quiet --ignore-missing $sums 2>/dev/null; then
    rm -rf .tools/postgres
    refuse "PostgreSQL's archive is not the one that $sums names; removed: find out why before anything else"
  fi
}

# Only `make bench` needs it: a rival's own library, apart from the project's packages.
install_polars() {
  local key
  key=$(sum conf/setup/polars.txt)
  [[ -d .tools/polars ]] && done_before polars "$key" && return
  use_pip_index
  say "Polars, for the benchmark"
  rm -rf .tools/polars
  "$uv" pip install --quiet --python .venv/bin/python --target .tools/polars --require-hashes -r conf/setup/polars.txt
  mark polars "$key"
}

check_python
check_java
install_uv
trap wait EXIT # nothing goes on behind a refusal
install_jars &
jars=$!
install_packages
wait $jars
if [[ ${1:-} == archive ]]; then archive_classes; fi
if [[ ${1:-} == tests ]]; then install_postgres; fi
if [[ ${1:-} == bench ]]; then install_polars; fi
