"""What the public works bureau files on appearance and sanitation."""

from jobs.sample.asked import THOUSANDTH, ratio, summed, total
from jobs.sample.numbers import Number
from jobs.sample.returns import Returns

WASTE = "waste_returns"
RETURNS = (
    Returns(
        WASTE,
        "sanitation/垃圾清运日报_{}.csv",
        (
            Number("generated_kg", "产生量（吨）", 52_000, 0.2, decimals=3, weekly=True),
            Number("collected_kg", "清运量（吨）", of="generated_kg", share=(0.94, 1.0), decimals=3),
            Number("treated_kg", "无害化处理量（吨）", of="collected_kg", share=(0.95, 1.0), decimals=3),
        ),
    ),
)
ASKED = {
    "sanitation.waste_collected": summed(total(WASTE, "collected_kg"), "day", "month", factor=THOUSANDTH),
    "sanitation.harmless_treatment_rate": ratio(
        total(WASTE, "treated_kg"), total(WASTE, "collected_kg"), 100, "day", "month"
    ),
}
