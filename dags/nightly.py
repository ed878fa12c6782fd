"""One DAG per configured city: the night of a business date, from delivered files to a sealed edition and a verdict."""

import json
from functools import partial

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, CronTriggerTimetable, Param, chain, task
from airflow.sdk.exceptions import AirflowSkipException

from schemas import City, cities, load_city, nights, profiles

DATE = "{{ biz_date(params.biz_date, dag_run.logical_date or dag_run.run_after) }}"
ASKED = Param(None, type=["null", "string"], format="date", description="empty: the day before the run, in the city")
SAME = partial(DAG, catchup=False, max_active_runs=1, default_args=nights.POLICY, doc_md=nights.doc(__file__))


@task(retries=0, map_index_template="{{ task.op_kwargs['table'] }}")
def table_state(table: str, states: nights.States) -> None:
    if not nights.touched(table, states):
        raise AirflowSkipException(f"{table}: the night had nothing for it")


def fill(city: City, profile: profiles.Profile) -> None:
    args, box = ["--city", city.id, "--biz-date", DATE], nights.time_box(city, len(profile.submits))
    submit = partial(SparkSubmitOperator, application=profiles.SUBMIT, conf=profile.spark, execution_timeout=box)
    layers = [submit(task_id="_".join(s), application_args=[*args, "--steps", ",".join(s)]) for s in profile.submits]
    say = partial(nights.command, args=args)
    end = partial(BashOperator, execution_timeout=nights.EDITION_BOX)
    made = [end(task_id=s, bash_command=say(f"run {s}")) for s in nights.publishing(city)]
    ledger = BashOperator(task_id="ledger", bash_command=say("state --format json"), output_processor=json.loads)
    states = table_state.partial(states=ledger.output).expand(table=sorted(city.tables))
    chain(*layers, *made, ledger, states, BashOperator(task_id="verdict", bash_command=say("run verdict"), retries=0))


for city in map(load_city, cities()):
    cron, macros = nights.cron(city), {"biz_date": partial(nights.biz_date, timezone=city.timezone)}
    when = CronTriggerTimetable(cron, timezone=city.timezone) if cron else None
    with SAME(f"nightly_{city.id}", schedule=when, params={"biz_date": ASKED}, user_defined_macros=macros):
        fill(city, profiles.load())
