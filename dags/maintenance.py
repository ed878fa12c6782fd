"""One DAG per configured city: small files put together and unneeded ones swept, on Sundays at the deadline."""

from functools import partial

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, CronTriggerTimetable

from schemas import City, cities, load_city, nights

SAME = partial(DAG, catchup=False, max_active_runs=1, default_args=nights.POLICY, doc_md=nights.doc(__file__))


def fill(city: City) -> None:
    BashOperator(task_id="maintain", bash_command=nights.command("maintain", ["--city", city.id]))


for city in map(load_city, cities()):
    cron = nights.weekly(city)
    with SAME(f"maintenance_{city.id}", schedule=CronTriggerTimetable(cron, timezone=city.timezone) if cron else None):
        fill(city)
