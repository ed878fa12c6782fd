"""Who and what there is in Lanhai, an invented city: its places, hospitals and the words departments use."""

from typing import NamedTuple


class District(NamedTuple):
    """A district (区); `code` is its place id."""

    code: str
    zh: str
    en: str


class Street(NamedTuple):
    """A street (街道), and its cell in the lattice of the map: row from the south, column from the west."""

    code: str
    zh: str
    en: str
    row: int
    column: int

    @property
    def district(self) -> str:
        """The district's code."""
        return self.code[:6]


class Hospital(NamedTuple):
    """A hospital that fills in the ledger; `street` is a position in STREETS."""

    code: str
    zh: str
    street: int
    beds: int


DISTRICTS = (
    District("339901", "望潮区", "Wangchao"),
    District("339902", "临澜区", "Linlan"),
    District("339903", "青禾区", "Qinghe"),
    District("339904", "云麓区", "Yunlu"),
)
STREETS = (
    Street("339901001", "潮音街道", "Chaoyin", 3, 2),
    Street("339901002", "望海街道", "Wanghai", 3, 3),
    Street("339901003", "灯塔街道", "Dengta", 2, 1),
    Street("339901004", "听涛街道", "Tingtao", 2, 2),
    Street("339902001", "澜港街道", "Langang", 2, 3),
    Street("339902002", "船坞街道", "Chuanwu", 1, 2),
    Street("339902003", "盐仓街道", "Yancang", 1, 3),
    Street("339902004", "海堤街道", "Haidi", 0, 3),
    Street("339903001", "青禾街道", "Qinghe", 1, 1),
    Street("339903002", "白鹭街道", "Bailu", 0, 0),
    Street("339903003", "芦湾街道", "Luwan", 0, 1),
    Street("339903004", "沙浦街道", "Shapu", 0, 2),
    Street("339904001", "云麓街道", "Yunlu", 3, 0),
    Street("339904002", "松溪街道", "Songxi", 3, 1),
    Street("339904003", "茶岭街道", "Chaling", 2, 0),
    Street("339904004", "石桥街道", "Shiqiao", 1, 0),
)
HOSPITALS = (
    Hospital("H01", "澜海市第一医院", 3, 1204),
    Hospital("H02", "澜海市第二医院", 5, 860),
    Hospital("H03", "澜海市中医院", 8, 520),
    Hospital("H04", "澜海市妇幼保健院", 2, 430),
    Hospital("H05", "望潮区人民医院", 1, 610),
    Hospital("H06", "临澜区人民医院", 6, 580),
    Hospital("H07", "青禾区人民医院", 10, 455),
    Hospital("H08", "云麓区人民医院", 13, 390),
)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀英",
    "霞",
    "平",
)
CATEGORIES = ("噪声扰民", "道路积水", "违章停车", "供水故障", "垃圾清运", "路灯不亮", "物业纠纷", "占道经营")
HANDLERS = ("城市管理局", "水务局", "公安局", "生态环境局", "住房和建设局", "街道办事处")
CHANNELS = ("电话", "微信", "网站", "随手拍")
COMPLAINTS = (
    "夜间施工，\n影响休息，请尽快处理。",
    "路口积水约20厘米，行人无法通过",
    '小区门口有人长期占道经营，称"有许可"',
    "楼上漏水多日，物业未处理",
    "路灯不亮已三天，请维修",
    "垃圾桶满溢，\n有异味",
)
CAUSES = ("设备故障", "外力破坏", "计划检修", "恶劣天气", "用户故障")
NOWHERE = ("市外", "不详", "")
"""What is written for a place when there is none."""
