"""Text, regular expressions and JSON: expressions and rows on which DuckDB must say what Spark says."""

import json
import random
from itertools import product

from tests.expressions.same import SEED, Topic, expressions, fuzz, one_column

TEXT = expressions(r"""
    trim(a) | ltrim(a) | rtrim(a) | upper(a) | lower(a) | length(a) | concat(a, b) | concat(a, '-', b, 1) | concat()
    concat_ws('-', a, b) | concat_ws(b, a, 'x') | concat_ws('-') | concat_ws('-', a, null, 5, b)
    substring(a, length(b), 2) | substring(a, length(a) - 1) | substring(a, 2, length(b)) | substring(a, null, 2)
    replace(a, 'b', 'x') | replace(a, 'b') | replace(a, b, 'x') | replace(a, '', 'x') | replace(a, 'a', b)
    split_part(a, ',', 1) | split_part(a, ',', 2) | split_part(a, ',', -1) | split_part(a, ',', -2)
    split_part(a, ',', 9) | split_part(a, 'bc', 2) | lpad(a, 5, '0') | lpad(a, 5, 'xyz') | lpad(a, 2)
    lpad(a, 0, 'x') | lpad(a, -1, 'x') | a = b | a < b | a >= 'b' | a in ('abc', b) | a between 'a' and 'c'
    a like 'a%' | a like '%b%' | a like '_b_' | a like 'a\\%c' | a like 'a!%c' escape '!' | a not like '%c'
    a like '' | a like '%' | a like 'a\\\\b' | a like '中_' | coalesce(a, b, 'z') | nullif(a, b) | nullif(a, '')
    greatest(a, b) | least(a, b, 'b') | if(a = b, 'same', a) | case a when 'abc' then 1 when b then 2 else 3 end
    case when a is null then 'none' when length(a) > 3 then 'long' end | not (a = b) | a is null or b is null
    a is not null and b <> 'x' | a = 'x' or b is null | not a in ('abc','') | (a = b) is null | 'it\'s' | "dq"
    'a\\b' | '\u4e07' | r'\d' | a = b is null | true and a = b | null or a = b | coalesce(a,'') = coalesce(b,'')
""")
REGEX = expressions(r"""
    regexp_replace(a, 'b', 'x') | regexp_replace(a, '(b)(c)', '[$2$1]') | regexp_replace(a, '[^0-9]', '')
    regexp_replace(a, '\\d+', '#') | regexp_replace(a, '\\s+', ' ') | regexp_replace(a, '^\\s+|\\s+', '')
    regexp_replace(a, 'c$', 'X') | regexp_replace(a, '(c)$', '<$1>') | regexp_replace(a, '\\.', '\\\\')
    regexp_replace(a, 'a', '\\$') | regexp_replace(a, '(?:a|b)+', '-') | regexp_replace(a, '(?i)B', 'x')
    regexp_replace(a, '.', 'x') | regexp_replace(a, 'x*', '') | regexp_replace(a, '(a)|(b)', '[$1]')
    regexp_extract(a, '(\\d+)', 1) | regexp_extract(a, '(\\d+)') | regexp_extract(a, '\\d+', 0)
    regexp_extract(a, '(\\d+)-(\\d+)', 2) | regexp_extract(a, '([a-z]+)(\\d*)$', 2)
    regexp_extract(a, '[a-z]+$', 0) | regexp_extract(a, '^(.*)$', 1) | regexp_extract(a, '(a)|(b)', 2)
    regexp_extract(a, '([\u4e00-\u9fa5]+)', 1) | regexp_extract(a, '(x?)b', 1) | regexp_extract(a, '(a{1,2}?)', 1)
    regexp_extract(a, '(\\w+)\\W', 1) | regexp_extract(a, '(\\S+)\\s(\\S+)', 2) | regexp_extract(a, r'(\d{2,3})', 1)
    a rlike '^a' | a rlike 'c$' | a rlike '^abc$' | a rlike '^$' | a rlike '^.$' | a rlike '^..$' | a rlike '\\['
    a rlike '(?i)ABC' | a rlike '(?i)[a-c]{3}' | a rlike '(?i)k' | a rlike '[\\x00\\x7f]' | a rlike 'a|^b$|c$'
    a rlike '^[^a]+$' | a rlike '\\x41|\\u4e2d' | a rlike '[\\s\\d]' | a rlike '\\s' | a rlike '\\w'
    a rlike '[.\\-+]' | a rlike '[a-]' | a rlike '^(?:ab)+$' | a rlike 'a.c' | a not rlike 'a' | rlike(a, 'b')
    regexp_like(a, 'b') | a rlike '' | a rlike '(a|b)*c' | a rlike '}|]' | a rlike '^\\S+$' | a rlike '\\t'
    a rlike '[^\\x00-\\x7f]'
""")
REGEX_TEXTS = (
    None, "", "abc", "ABC", "aBc", "abcabc", "ab\n", "abc\n", "abc\r\n", "abc\r", "abc\u2028", "abc\x85", "abc\n\n",
    "a\nc", "a\rc", "a\u2028c", "a\x85c", "a b  c", " abc ", "12-34", "x12", "12", "1.5+3", "[x]", "中文abc", "中",
    "\t", "\x0b", "\u3000", "\xa0", "a", "b", "c", "aab", "bab", " ", "K", "\u212a", "\u017f", "]}", "-", "abab",
    "\n", "\r\n", "$1", "a\\b", "é", "😀", "😀c", "a😀c", "0", "abc12", "abc12\n",
)  # fmt: skip
JSON_PATHS = expressions(r"""
    get_json_object(a, '$.a') | get_json_object(a, '$.b') | get_json_object(a, '$.a.b')
    get_json_object(a, '$.a[0]') | get_json_object(a, '$.a[1].b') | get_json_object(a, '$[0]')
    get_json_object(a, '$[1].a') | get_json_object(a, '$') | get_json_object(a, "$['a b']")
    get_json_object(a, '$.a b') | get_json_object(a, '$.中') | get_json_object(a, '$.a-b')
    get_json_object(a, '$[0][1]') | try_cast(get_json_object(a, '$.a') as decimal(18,6))
""")
DOCUMENTS = (
    None, "", "x", "null", "true", "5", "-1.50", "\"x\"", "[]", "{}", "[1,2,null,{\"a\":\"z\"}]", "[[1,2],[3]]",
    "{\"a\":1}", "{\"a\":\"x\"}", "{\"a\":null}", "{\"a\":true,\"b\":false}", "{\"a\":1.10}", "{\"a\":1e3}",
    "{\"a\":1E-7}", "{\"a\":0.001}", "{\"a\":0.00099}", "{\"a\":9999999.5}", "{\"a\":10000000.5}",
    "{\"a\":-12345678.25}", "{\"a\":-0.0}", "{\"a\":-0}", "{\"a\":0.0}", "{\"a\":123456789012345678901234567890}",
    "{\"a\":12345678901234567}", "{\"a\":-9223372036854775809}", "{\"a\":1.7976931348623157e308}", "{\"a\":0.1}",
    "{\"a\":100}", "{\"a\":100.0}", "{\"a\":1e21}", "{\"a\":123456.789e3}",
    "{\"a\":{\"b\":1.10,\"c\":[1e3,null,\"x\"]}}", "{\"a\":{\"b\":{\"c\":\"\\\"q\\\"\\n\\u4e07/\\/\"}}}",
    "{\"a\":[1,{\"b\":2}]}", "{\"a\":[null,1]}", "{\"a\":[{\"b\":0.00001},{\"b\":1e10}]}", "{\"a b\":1}",
    "{\"中\":\"文\"}", "{\"a-b\":3}", "{\"a\":\"\"}", "{\"a\":{}}", "{\"a\":[]}", " { \"a\" : [ 1 , 2 ] } ",
    "{\"a\":1,}", "{\"a\":[1,]}", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":-Infinity}", "{\"a\":nan}",
    "{\"a\":\"NaN, ]\"}", "{\"a\":\",]\"}", "{\"a\":\"N\\\"I\"}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}",
    "{\"a\":+1}", "{\"a\":tru}", "{a:1}", "{\"a\":1", "{\"a\"", "[1", "{\"a\":\"\\x\"}", "{\"a\":\"\\ud83d\\ude00\"}",
    "{\"a\":\"é\"}", "{\"a\":\"tab\\t\"}", "{\"a\":{\"t\":\"\\u0001\\u001f\\u007f\"}}", "{\"A\":1}",
    "{\"b\":{\"a\":1},\"a\":2}", "{\"a\":\"1,5\"}", "{\"a\":\"0x1\"}", "{\"a\":{\"e\":\"1e5\",\"n\":-1.5e-10}}",
    "{\"a\":[-1.0E+2,0.5]}", "{\"a\":1e400}", "{\"a\":\"\u2028\"}", "{\"a\": 1.0000000000000001}",
    "{\"a\":\"{\\\"b\\\":1}\"}",
)  # fmt: skip
LETTERS = "AbΣαΑσ .'’́İıßﬁǅŉ中ˆ­😀_1ᾳΐªⅠⒶ\u017f\u212aͅ"


def _document(chance: random.Random, depth: int = 0) -> object:
    """A JSON value, at most five deep, with doubles below 18 digits: Java 17 prints some greater ones too long."""
    kind = chance.random()
    if depth > 3 or kind < 0.45:
        number = float(f"{chance.uniform(-1, 1) * 10.0 ** chance.randint(-20, 16):.{chance.randint(0, 14)}e}")
        words = ("", "x", "é😀", '"q"', "a\\b", "1.5e3", "\n\t\u0001", "N,]")
        return chance.choice([None, True, False, chance.randint(-(10**18), 10**6), number, chance.choice(words)])
    size = chance.randint(0, 3)
    if kind < 0.7:
        return [_document(chance, depth + 1) for _ in range(size)]
    return {chance.choice("abc"): _document(chance, depth + 1) for _ in range(size)}


def _documents(count: int) -> list[str]:
    chance = random.Random(SEED)
    return [json.dumps(_document(chance), ensure_ascii=chance.random() < 0.5) for _ in range(count)]


TOPICS = (
    Topic("text", (
        *TEXT,
        *(f"substring(a, {start}, {size})" for start in (-7, -3, -1, 0, 1, 2, 9) for size in (-1, 0, 2, 100)),
        *(f"substring(a, {start})" for start in (-7, -2, 0, 1, 2, 9)),
    ), tuple(product(
        (None, "", "abc", " abc ", "\tabc\n", "a,b,c", ",", "ABC", "ab%c", "a%c", "a\\b", "中文字", "é😀x", "a\nb",
        "aßﬁİ", "ΑΣ ΑΣΑ Σ ΣΑΣ.", "\u3000x\xa0", "bcabc", "abcabc", "ΌΣΟΣ"),
        (None, "", "b", "abc"),
    ))),
    Topic("capital and small letters", ("upper(a)", "lower(a)", "length(a)"), fuzz(LETTERS, 600, 7, "ΑΣ", "aΣ b", "ß")),
    Topic("regular expressions", REGEX, one_column(*REGEX_TEXTS)),
    Topic("fuzzed text for regular expressions", expressions(r"""
    regexp_extract(a, '^\\s*([a-z]+)[-_ ]?(\\d+)?$', 2) | regexp_replace(a, '(\\d)(?:-|\\.)', '$1:')
    regexp_replace(a, '[a-c]+$', '') | a rlike '^[^\\d]*$' | regexp_extract(a, '(a|ab)(c|bcd)?', 0)
    regexp_replace(a, '.$', '') | regexp_extract(a, '(a*?)(b+?)', 2)
    """), fuzz("abcd0123-_ .\n\r\u2028\x85", 500, 10, "abc-12", "ab cd", "a\n")),
    Topic("json", JSON_PATHS, one_column(*DOCUMENTS)),
    Topic("fuzzed json", expressions(r"""
    get_json_object(a, '$') | get_json_object(a, '$.a') | get_json_object(a, '$.a.b') | get_json_object(a, '$[1]')
    get_json_object(a, '$.b[0]') | try_cast(get_json_object(a, '$.a') as decimal(18,6))
    """), one_column(*_documents(500))),
)  # fmt: skip
