"""What crosses the elements: filing, sharing and opening of data, networks, grid management."""

from fractions import Fraction

from jobs.sample.asked import PEOPLE, count, number, ratio, summed, total
from jobs.sample.numbers import Limit, Number
from jobs.sample.returns import Returns

FILED, DATASETS, USERS, GRIDS = "data_returns", "open_datasets", "telecom_users", "grid_management"

RETURNS = (
    Returns(
        FILED,
        "data/数据填报共享_{}.csv",
        (
            Number("returns_due", "应报报表", 28, 0.3, weekly=True),
            Number("returns_on_time", "按时报送", of="returns_due", share=(0.82, 1.12), within=True),
            Number("asked_again", "重复采集", of="returns_due", share=(0.0, 0.25)),
            Number("requests", "共享申请", 6, 0.7),
            Number("requests_met", "满足申请", of="requests", share=(0.6, 1.2), within=True),
            Number("shared_records", "共享条次", 3_800_000, 0.5, decimals=4, suffix="万"),
        ),
        head=("日期", "报送单位", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        DATASETS,
        "data/open/datasets_{}.csv",
        (
            Number("rows", "rows", 24_000, 0.9),
            Number("promised_days", "update_days", 31, 0.6),
            Number("age_days", "age_days", of="promised_days", share=(0.1, 1.3)),
        ),
        works=48,
        prefix="DS",
        once=True,
        head=("counted", "dataset", "street_code"),
        limits=(Limit("fresh", "age_days", other="promised_days", within=True),),
    ),
    Returns(
        USERS,
        "data/通信用户_{}.csv",
        (
            Number("broadband_users", "固定宽带用户", 22_000, 0.2),
            Number("ftth_users", "光纤用户", of="broadband_users", share=(0.7, 0.99)),
            Number("fast_users", "20M及以上用户", of="broadband_users", share=(0.5, 0.95)),
            Number("mobile_users", "移动电话用户", 61_000, 0.2),
            Number("mobile_broadband_users", "移动宽带用户", of="mobile_users", share=(0.55, 0.97)),
        ),
        once=True,
        head=("统计时点", "单位", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        GRIDS,
        "data/网格化管理_{}.csv",
        (
            Number("communities", "社区数", 14, 0.3),
            Number("communities_covered", "网格化社区", of="communities", share=(0.8, 1.15), within=True),
            Number("wifi_sites", "无线网络场所", 12, 0.6),
            Number("offices", "部门站所", 16, 0.2),
            Number("offices_online", "新媒体部门", of="offices", share=(0.6, 1.1), within=True),
        ),
        once=True,
        head=("统计时点", "单位", "街道代码"),
        delimiter=";",
    ),
)

ASKED = {
    "general.returns_on_time_rate": ratio(
        total(FILED, "returns_on_time"), total(FILED, "returns_due"), 100, "day", "month"
    ),
    "general.duplicate_collection_share": ratio(
        total(FILED, "asked_again"), total(FILED, "returns_due"), 100, "day", "month"
    ),
    "general.sharing_requests_met_rate": ratio(
        total(FILED, "requests_met"), total(FILED, "requests"), 100, "day", "month"
    ),
    "general.shared_records": summed(total(FILED, "shared_records"), "day", "month", factor=Fraction(1, 10_000)),
    "general.open_datasets": count(DATASETS, "day", levels=("city",)),
    "general.open_dataset_fresh_share": ratio(
        number(DATASETS, "fresh"), number(DATASETS, "records"), 100, "day", levels=("city",)
    ),
    "general.ftth_share": ratio(total(USERS, "ftth_users"), total(USERS, "broadband_users"), 100, "year"),
    "general.fast_broadband_share": ratio(total(USERS, "fast_users"), total(USERS, "broadband_users"), 100, "year"),
    "general.mobile_broadband_share": ratio(
        total(USERS, "mobile_broadband_users"), total(USERS, "mobile_users"), 100, "year"
    ),
    "general.mobile_phones_per_100": ratio(total(USERS, "mobile_users"), PEOPLE, 100, "year"),
    "general.grid_coverage": ratio(total(GRIDS, "communities_covered"), total(GRIDS, "communities"), 100, "year"),
    "general.new_media_coverage": ratio(total(GRIDS, "offices_online"), total(GRIDS, "offices"), 100, "year"),
    "general.wifi_sites": summed(total(GRIDS, "wifi_sites"), "year"),
}
