"""Lands deliveries that lie in a folder, then replays the nights that are not sealed yet, oldest first."""

from functools import partial

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param, chain

from schemas import cities, nights

LAND = 'citypulse land --city "$CITY" --from "$FOLDER" ${DELIVERED_AT:+--delivered-at "$DELIVERED_AT"}'
# Exit 1 is an edition with something critical in it: the nights after it still run, and the task is red at the end.
REPLAY = """
for night in $NIGHTS; do
  citypulse night --city "$CITY" --biz-date "$night" && continue
  [ $? -eq 1 ] && red=1 || exit 2
done
exit ${red:-0}
"""

PARAMS = {
    "city": Param(cities()[0], type="string", enum=cities()),
    "folder": Param("", type="string", description="what to land, on the machine that runs this task"),
    "delivered_at": Param(None, type=["null", "string"], description="when it arrived; empty: as the paths say"),
    "first": Param("2020-01-01", type="string", format="date"),
    "last": Param("2020-01-01", type="string", format="date"),
}
POLICY = {**nights.POLICY, "trigger_rule": "all_success"}
SAME = partial(DAG, schedule=None, catchup=False, max_active_runs=1, doc_md=nights.doc(__file__))

with SAME("backfill", params=PARAMS, default_args=POLICY, user_defined_macros={"days": nights.days}):
    asked = {"CITY": "{{ params.city }}", "FOLDER": "{{ params.folder }}"}
    asked |= {"DELIVERED_AT": "{{ params.delivered_at or '' }}", "NIGHTS": "{{ days(params.first, params.last) }}"}
    land = BashOperator(task_id="land", bash_command=LAND, env=asked, append_env=True)
    replay = BashOperator(task_id="replay", bash_command=REPLAY, env=asked, append_env=True, retries=0)
    chain(land, replay)
