"""Provinces and the places abroad in which people roam: the codes the hall knows, with their names in both languages.

Provinces by ISO 3166-2, places abroad by ISO 3166-1; Hong Kong, Macao and Taiwan are billed as roaming.
"""

from django.utils.translation import get_language

_PROVINCES = {
    "CN-BJ": ("北京", "Beijing"), "CN-TJ": ("天津", "Tianjin"), "CN-HE": ("河北", "Hebei"),
    "CN-SX": ("山西", "Shanxi"), "CN-NM": ("内蒙古", "Inner Mongolia"), "CN-LN": ("辽宁", "Liaoning"),
    "CN-JL": ("吉林", "Jilin"), "CN-HL": ("黑龙江", "Heilongjiang"), "CN-SH": ("上海", "Shanghai"),
    "CN-JS": ("江苏", "Jiangsu"), "CN-ZJ": ("浙江", "Zhejiang"), "CN-AH": ("安徽", "Anhui"),
    "CN-FJ": ("福建", "Fujian"), "CN-JX": ("江西", "Jiangxi"), "CN-SD": ("山东", "Shandong"),
    "CN-HA": ("河南", "Henan"), "CN-HB": ("湖北", "Hubei"), "CN-HN": ("湖南", "Hunan"),
    "CN-GD": ("广东", "Guangdong"), "CN-GX": ("广西", "Guangxi"), "CN-HI": ("海南", "Hainan"),
    "CN-CQ": ("重庆", "Chongqing"), "CN-SC": ("四川", "Sichuan"), "CN-GZ": ("贵州", "Guizhou"),
    "CN-YN": ("云南", "Yunnan"), "CN-XZ": ("西藏", "Tibet"), "CN-SN": ("陕西", "Shaanxi"),
    "CN-GS": ("甘肃", "Gansu"), "CN-QH": ("青海", "Qinghai"), "CN-NX": ("宁夏", "Ningxia"),
    "CN-XJ": ("新疆", "Xinjiang"),
}  # fmt: skip
_ROAMING = {
    "HK": ("中国香港", "Hong Kong, China"), "MO": ("中国澳门", "Macao, China"), "TW": ("中国台湾", "Taiwan, China"),
    "JP": ("日本", "Japan"), "KR": ("韩国", "South Korea"), "SG": ("新加坡", "Singapore"),
    "TH": ("泰国", "Thailand"), "MY": ("马来西亚", "Malaysia"), "VN": ("越南", "Vietnam"),
    "ID": ("印度尼西亚", "Indonesia"), "PH": ("菲律宾", "Philippines"), "AE": ("阿联酋", "United Arab Emirates"),
    "US": ("美国", "United States"), "CA": ("加拿大", "Canada"), "GB": ("英国", "United Kingdom"),
    "FR": ("法国", "France"), "DE": ("德国", "Germany"), "IT": ("意大利", "Italy"), "ES": ("西班牙", "Spain"),
    "RU": ("俄罗斯", "Russia"), "AU": ("澳大利亚", "Australia"), "NZ": ("新西兰", "New Zealand"),
}  # fmt: skip
_NAMES = _PROVINCES | _ROAMING

PROVINCE_CODES = frozenset(_PROVINCES)
ROAMING_CODES = frozenset(_ROAMING)


def region_name(code: str, language: str | None = None) -> str:
    """Return the name of a province or a place abroad; a code the hall does not know stays as it is.

    :param language: "zh-hans" or "en"; None: that of the page.
    """
    names = _NAMES.get(code)
    if names is None:
        return code
    return names[1] if (language or get_language()) == "en" else names[0]
