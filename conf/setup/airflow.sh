#!/usr/bin/env bash
# A standalone Airflow with the demo city: start, stop. It is eleven processes that do not all end with the first one, so it
# gets a process group of its own and is stopped as one.
set -euo pipefail
cd "$(dirname "$0")/../.."
set -a
. conf/airflow.env
set +a
pid=.demo/airflow.pid
log=.demo/logs/standalone.log
url=http://127.0.0.1:${AIRFLOW__API__PORT:-8080}

healthy() {
  .venv/bin/python -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)' "$url/api/v2/monitor/health" 2>/dev/null
}
# The first process, or what is left of its group after it; not another process that has got the number since.
running() {
  local first
  [[ -f $pid ]] || return 1
  first=$(<"$pid")
  if [[ -d /proc/$first ]]; then grep -qa airflow "/proc/$first/cmdline"; else kill -0 -- "-$first" 2>/dev/null; fi
}

case ${1:-} in
  start)
    if running; then
      echo "airflow: runs already at $url; make airflow-stop ends it"
      exit 0
    fi
    [[ -d .demo/lake ]] || { echo "airflow: the demo city has no lake yet: make demo first" >&2; exit 2; }
    mkdir -p .demo/logs
    setsid airflow standalone >"$log" 2>&1 </dev/null &
    echo $! >"$pid"
    echo "airflow: starting, a minute or so (log: $log)"
    for _ in {1..90}; do
      running || { echo "airflow: ended while starting; $log says why" >&2; exit 1; }
      if healthy; then
        echo "airflow: $url  DAG nightly_lanhai; a run with biz_date of a sealed night verifies it and changes nothing"
        echo "airflow: to stop it: make airflow-stop"
        exit 0
      fi
      sleep 2
    done
    echo "airflow: not answering at $url after three minutes; $log says why; make airflow-stop ends it" >&2
    exit 1
    ;;
  stop)
    running || { echo "airflow: does not run"; rm -f "$pid"; exit 0; }
    group=$(<"$pid")
    kill -TERM -- "-$group"
    for _ in {1..20}; do
      kill -0 -- "-$group" 2>/dev/null || break
      sleep 0.5
    done
    kill -KILL -- "-$group" 2>/dev/null || true
    rm -f "$pid"
    echo "airflow: stopped"
    ;;
  *)
    echo "airflow.sh start|stop" >&2
    exit 2
    ;;
esac
