"""What the statistics bureau and the police file on who lives in the city."""

from datetime import date

from jobs.sample.asked import PEOPLE, ratio, summed, total
from jobs.sample.numbers import Number
from jobs.sample.returns import Kinds, Returns

STRUCTURE, CHANGES, SEPARATED = "population_structure", "population_changes", "population_separated"
COMMUTING, DESKS = "commuting", "registration_returns"

RETURNS = (
    Returns(
        STRUCTURE,
        "population/人口构成_{}.csv",
        (
            Number("persons", "总人口", 56_000, 0.2, decimals=4, suffix="万"),
            Number("age_0_14", "0-14岁", of="persons", share=(0.12, 0.21), decimals=4, suffix="万"),
            Number("age_60_plus", "60岁及以上", of="persons", share=(0.14, 0.27), decimals=4, suffix="万"),
            Number(
                "age_15_59",
                "15-59岁",
                of="persons",
                less=("age_0_14", "age_60_plus"),
                share=(1.0, 1.0),
                decimals=4,
                suffix="万",
            ),
            Number("age_65_plus", "65岁及以上", of="age_60_plus", share=(0.62, 0.8), decimals=4, suffix="万"),
            Number("urban", "城镇人口", of="persons", share=(0.55, 1.0), decimals=4, suffix="万"),
            Number("rural", "乡村人口", of="persons", less=("urban",), share=(1.0, 1.0), decimals=4, suffix="万"),
        ),
        once=True,
        head=("统计时点", "单位", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        CHANGES,
        "population/人口变动_{}.csv",
        (
            Number("persons", "期末人口", 56_000, 0.2),
            Number("increase", "净增", of="persons", share=(0.0, 0.03)),
            Number("mid_year_persons", "年中人口", of="persons", share=(0.985, 1.0)),
            Number("moved_in", "迁入", of="persons", share=(0.01, 0.04)),
            Number("moved_out", "迁出", of="persons", share=(0.01, 0.03)),
        ),
        once=True,
        since=date(2024, 1, 1),
        head=("年度首日", "单位", "街道代码"),
        delimiter=";",
    ),
    Returns(
        SEPARATED,
        "population/人户分离_{}.csv",
        (
            Number("from_other_provinces", "跨省流动", 5_200, 0.4),
            Number("from_this_province", "省内流动", 7_400, 0.4),
            Number("within_city_districts", "市辖区内人户分离", 4_100, 0.4),
        ),
        once=True,
        head=("统计时点", "单位", "街道代码"),
    ),
    Returns(
        COMMUTING,
        "population/commuting_{}.csv",
        (
            Number("night_persons", "night", 56_000, 0.2),
            Number("commute_in", "in", of="night_persons", share=(0.1, 0.9)),
            Number("commute_out", "out", of="night_persons", share=(0.15, 0.5)),
        ),
        once=True,
        head=("counted", "source", "street_code"),
        delimiter=";",
    ),
    Returns(
        "land_areas",
        "planning/土地面积_{}.csv",
        (Number("land_km2", "面积（平方公里）", 2_600, 0.15, decimals=2),),
        once=True,
        kinds=Kinds("口径", ("全域", "建成区", "居住用地"), (1.0, 0.35, 0.5)),
        head=("统计时点", "单位", "街道代码"),
    ),
    Returns(
        "households",
        "population/家庭户_{}.csv",
        (
            Number("households", "家庭户", 19_000, 0.25),
            Number("members", "家庭户人口", of="households", share=(2.1, 3.2)),
        ),
        once=True,
        head=("统计时点", "单位", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        "population_vitals",
        "population/出生死亡月报_{}.csv",
        (
            Number("births", "出生", 34, 0.5),
            Number("deaths", "死亡", 31, 0.5),
        ),
        monthly=True,
        head=("月份首日", "单位", "街道代码"),
    ),
    Returns(
        DESKS,
        "population/registration/hz_{}.csv",
        (
            Number("requests", "due", 42, 0.4, weekly=True),
            Number("on_time", "on_time", of="requests", share=(0.86, 1.1), within=True),
            Number("online", "online", of="requests", share=(0.25, 0.65)),
            Number("newcomers", "newcomers", 24, 0.6),
            Number("newcomers_on_time", "newcomers_in_time", of="newcomers", share=(0.7, 1.15), within=True),
            Number("entries_checked", "checked", 15, 0.4),
            Number("entries_correct", "correct", of="entries_checked", share=(0.8, 1.1), within=True),
        ),
        head=("day", "station", "street_code"),
        delimiter=";",
    ),
)
ALL_PERSONS, CHILDREN, OLD = (total(STRUCTURE, name) for name in ("persons", "age_0_14", "age_65_plus"))
WORKING = (ALL_PERSONS, -CHILDREN, -OLD)
FLOATING = (total(SEPARATED, "from_other_provinces"), total(SEPARATED, "from_this_province"))
BY_DAY = (total(COMMUTING, "night_persons"), total(COMMUTING, "commute_in"), -total(COMMUTING, "commute_out"))
ASKED = {
    "population.change_rate": ratio(
        total(CHANGES, "increase"), (total(CHANGES, "persons"), -total(CHANGES, "increase")), 100, "year"
    ),
    "population.dependency_ratio": ratio((CHILDREN, OLD), WORKING, 100, "year"),
    "population.child_dependency_ratio": ratio(CHILDREN, WORKING, 100, "year"),
    "population.old_age_dependency_ratio": ratio(OLD, WORKING, 100, "year"),
    "population.share_0_14": ratio(total(STRUCTURE, "age_0_14"), ALL_PERSONS, 100, "year"),
    "population.share_15_59": ratio(total(STRUCTURE, "age_15_59"), ALL_PERSONS, 100, "year"),
    "population.share_60_plus": ratio(total(STRUCTURE, "age_60_plus"), ALL_PERSONS, 100, "year"),
    "population.share_65_plus": ratio(total(STRUCTURE, "age_65_plus"), ALL_PERSONS, 100, "year"),
    "population.urbanisation_rate": ratio(
        total(STRUCTURE, "urban"), (total(STRUCTURE, "urban"), total(STRUCTURE, "rural")), 100, "year"
    ),
    "population.floating_persons": summed(FLOATING, "year"),
    "population.separated_persons": summed((*FLOATING, total(SEPARATED, "within_city_districts")), "year"),
    "population.day_population": summed(BY_DAY, "year"),
    "population.day_night_ratio": ratio(BY_DAY, total(COMMUTING, "night_persons"), 100, "year"),
    "population.density": ratio(PEOPLE, total("land_areas", "land_km2_3"), 100, "year"),
    "population.net_migration_rate": ratio(
        (total(CHANGES, "moved_in"), -total(CHANGES, "moved_out")), total(CHANGES, "mid_year_persons"), 1_000, "year"
    ),
    "population.household_size": ratio(total("households", "members"), total("households", "households"), 1, "year"),
    "population.birth_rate": ratio(total("population_vitals", "births"), PEOPLE, 1_000, "month", "year"),
    "population.death_rate": ratio(total("population_vitals", "deaths"), PEOPLE, 1_000, "month", "year"),
    "population.registrations_due": summed(total(DESKS, "requests"), "day", "month"),
    "population.registration_on_time_rate": ratio(
        total(DESKS, "on_time"), total(DESKS, "requests"), 100, "day", "month"
    ),
    "population.registration_online_share": ratio(
        total(DESKS, "online"), total(DESKS, "requests"), 100, "day", "month"
    ),
    "population.newcomers_on_time_rate": ratio(
        total(DESKS, "newcomers_on_time"), total(DESKS, "newcomers"), 100, "day", "month"
    ),
    "population.registration_accuracy": ratio(
        total(DESKS, "entries_correct"), total(DESKS, "entries_checked"), 100, "day", "month"
    ),
}
