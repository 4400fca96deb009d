/* Filters of community.general and ansible.utils for lists, keys and tables. */
#include "kit.h"

static const char vars[] = "a: [1, 2, 3]\n"
                           "b: [2, 3, 4]\n"
                           "maps: [{name: x, v: 1}, {name: y, v: 2}]\n"
                           "more: [{name: x, w: 5}, {name: a, v: 9}]\n"
                           "deep: {name: 2, k: [{name: 3, z: 0}, {}], e: [], p: {q: 1, name: n}}\n"
                           "csv: \"a,b\\n1,2\\n\\n\\\"x, y\\\",\\\"q\\\"\\\"q\\\",5\\n7\\n\"\n"
                           "ini: \"[DEFAULT]\\nd=0\\n[s]\\nA = 1\\n  two\\nb: %(A)s\\n\"\n";

#define G "community.general."
#define U "ansible.utils."

Test(collections, lists)
{
    static const struct kit_row rows[] = {
        { "{{ a | " G "accumulate }} {{ 'abc' | " G "accumulate }}",
          "[1, 3, 6] ['a', 'ab', 'abc']" },
        { "{{ ['a', 'b', 'a', 1, true] | " G "counter }}", "{'a': 2, 'b': 1, 1: 2}" },
        { "{{ [[1]] | " G "counter }}",
          "!filter 'community.general.counter': a list cannot be the key of a map" },
        { "{{ 'abc' | " G "crc32 }} {{ '' | " G "crc32 }}", "352441c2 0" },
        { "{{ 'x' | " G "dict_kv('k') }}", "{'k': 'x'}" },
        { "{{ maps | " G "groupby_as_dict('name') }}",
          "{'x': {'name': 'x', 'v': 1}, 'y': {'name': 'y', 'v': 2}}" },
        { "{{ (maps + maps) | " G "groupby_as_dict('name') }}",
          "!filter 'community.general.groupby_as_dict': the key of item 2 is not unique" },
        { "{{ ['1.10', '1.9', '2.0', '1.9'] | " G "version_sort }}",
          "['1.9', '1.9', '1.10', '2.0']" },
        { "{{ ['1.10', '1.9'] | " G "version_sort(reverse=true) }}", "['1.10', '1.9']" },
        { "{{ a | " G "lists_union(b, [9, 1]) }} {{ a | " G "lists_intersect(b) }}",
          "[1, 2, 3, 4, 9] [2, 3]" },
        { "{{ (a + a) | " G "lists_difference(b) }} {{ a | " G "lists_symmetric_difference(b) }}",
          "[1] [1, 4]" },
        { "{{ [a, b] | " G "lists_union(flatten=true) }} {{ [a, b] | " G "lists_union }}",
          "[1, 2, 3, 4] [[1, 2, 3], [2, 3, 4]]" },
        { "{{ maps | " G "lists_mergeby(more, 'name') }}",
          "[{'name': 'a', 'v': 9}, {'name': 'x', 'v': 1, 'w': 5}, {'name': 'y', 'v': 2}]" },
        { "{{ [maps, more] | " G "lists_mergeby('name') | length }}", "3" },
        { "{{ maps | " G "lists_mergeby(more, 'name', recursiv=true) }}",
          "!filter 'community.general.lists_mergeby': takes 'recursive' and 'list_merge', not "
          "'recursiv'" },
        { "{{ '52:54:00' | random_mac(seed='host1') }}", "52:54:00:4f:7c:77" },
        { "{{ '52:zz' | random_mac }}",
          "!filter 'community.general.random_mac': 'zz' is no hexadecimal byte of a MAC address" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}

Test(collections, time)
{
    static const struct kit_row rows[] = {
        { "{{ '1h' | " G "to_seconds }} {{ '1h 30min' | " G "to_minutes }}", "3600.0 90.0" },
        { "{{ '1y' | " G "to_days(year=365.25) }} {{ '-2w' | " G "to_time_unit('hours') }}",
          "365.25 -336.0" },
        { "{{ '0' | " G "to_days }} {{ '5minutes' | " G "to_hours }}", "0 0.083333333333" },
        { "{{ '1.5h' | " G "to_days }}", "!filter 'community.general.to_days': '1.5h' is no span "
                                         "of time: write them like '3h 20min'" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}

/* The filters of one name in two collections are not the same. */
Test(collections, keys)
{
    static const struct kit_row rows[] = {
        { "{{ maps | " G "keep_keys(target=['v']) }}", "[{'v': 1}, {'v': 2}]" },
        { "{{ maps | " G "remove_keys('^n', 'regex') }}", "[{'v': 1}, {'v': 2}]" },
        { "{{ maps | " G "replace_keys(target=[{'before': 'v', 'after': 'w'}]) }}",
          "[{'name': 'x', 'w': 1}, {'name': 'y', 'w': 2}]" },
        { "{{ deep | " G "keep_keys(target=['v']) }}",
          "!filter 'community.general.keep_keys': a list of maps is needed, not a map" },
        { "{{ deep | " U "keep_keys(target=['name']) }}",
          "{'name': 2, 'k': [{'name': 3}], 'p': {'name': 'n'}}" },
        { "{{ deep | " U "remove_keys(target=['n'], matching_parameter='starts_with') }}",
          "{'k': [{'z': 0}], 'e': [], 'p': {'q': 1}}" },
        { "{{ deep.p | " U "replace_keys(target=[{'before': 'q', 'after': 'r'}]) }}",
          "{'name': 'n', 'r': 1}" },
        { "{{ deep | " U "to_paths }}", "{'name': 2, 'k[0].name': 3, 'k[0].z': 0, 'k[1]': {}, "
                                        "'e': [], 'p.q': 1, 'p.name': 'n'}" },
        { "{{ deep | " U "get_path('k[0].z') }} {{ deep | " U "get_path(\"p['name']\") }}", "0 n" },
        { "{{ deep | " U "get_path('k | length') }}",
          "!filter 'ansible.utils.get_path': 'k | length' is no path: write one like "
          "\"a.b[0]['c']\"" },
        { "{{ a | " U "index_of('eq', 2) }} {{ maps | " U "index_of('!=', 'x', 'name') }}", "1 1" },
        { "{{ a | " U "index_of('in', [1, 3]) }} {{ a | " U "index_of('gt', 9) }}", "[0, 2] []" },
        { "{{ ['1', '2', '3'] | " U "param_list_compare(['all', '!2', '9']) }}",
          "{'actionable': ['1', '3'], 'unsupported': ['9']}" },
        { "{{ [{'data': maps, 'match_key': 'name', 'name': 'A'}] | " U "consolidate }}",
          "{'x': {'A': {'name': 'x', 'v': 1}}, 'y': {'A': {'name': 'y', 'v': 2}}}" },
        { "{{ [{'data': maps, 'match_key': 'w', 'name': 'A'}] | " U "consolidate }}",
          "!filter 'ansible.utils.consolidate': item 1 of source 1 has no such key" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}

Test(collections, tables)
{
    static const struct kit_row rows[] = {
        { "{{ csv | " G "from_csv }}", "[{'a': '1', 'b': '2'}, {'a': 'x, y', 'b': 'q\"q', None: "
                                       "['5']}, {'a': '7', 'b': None}]" },
        { "{{ 'x;y' | " G "from_csv(fieldnames=['p', 'q'], delimiter=';') }}",
          "[{'p': 'x', 'q': 'y'}]" },
        { "{{ 'x\ty' | " G "from_csv(dialect='excel-tab', fieldnames=['p', 'q']) }}",
          "[{'p': 'x', 'q': 'y'}]" },
        { "{{ 'a' | " G "from_csv(dialect='exel') }}", "!filter 'community.general.from_csv': "
                                                       "'exel' is no dialect: use excel, "
                                                       "excel-tab or unix" },
        { "{{ ini | " G "from_ini }}",
          "{'s': {'d': '0', 'A': '1\\ntwo', 'b': '%(A)s'}, 'DEFAULT': {'d': '0'}}" },
        { "{{ 'x=1' | " G "from_ini }}",
          "!line 1 of the INI text: there is no section before 'x=1'" },
        { "{{ {'s': {'a': 1, 'b': none}, 'DEFAULT': {'d': 'x'}} | " G "to_ini }}",
          "[DEFAULT]\nd = x\n\n[s]\na = 1\nb = None\n" },
        { "{{ {} | " G "to_ini }}",
          "!filter 'community.general.to_ini': an empty map cannot be written" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}

/* Bytes: what str.encode gives; printed as their text, as Ansible does. */
Test(collections, bytes)
{
    static const struct kit_row rows[] = {
        { "{{ 'a\u00e9'.encode() }} {{ 'a\u00e9'.encode() | string }}", "a\u00e9 b'a\\xc3\\xa9'" },
        { "{{ 'a\u00e9'.encode('utf-8') | b64encode }} {{ 'a\u00e9'.encode() | length }}",
          "YcOp 3" },
        { "{{ '\u00e9'.encode('latin-1').hex() }} {{ 'x'.encode().decode() }}", "e9 x" },
        { "{{ '\u00e9'.encode('ascii', 'replace') }}", "?" },
        { "{{ '\u00e9'.encode('ascii') }}", "!method 'encode': '\u00e9' has no code in 'ascii'" },
        { "{{ 'x'.encode('utf-16') }}",
          "!method 'encode': the encoding 'utf-16' is not supported" },
        { "{{ '\u2167 a\u00a0b'.rsplit() }} {{ 'a b'.isprintable() }}",
          "['\u2167', 'a', 'b'] True" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}

/* As Python's unicodedata.normalize gives it; each text in the four forms, as escapes. */
Test(collections, unicode_normalize)
{
    static const struct {
        const char *text, *nfc, *nfd, *nfkc, *nfkd;
    } rows[] = {
        { "\u00e9", "\u00e9", "e\u0301", "\u00e9", "e\u0301" },
        { "e\u0301", "\u00e9", "e\u0301", "\u00e9", "e\u0301" },
        { "\u212b", "\u00c5", "A\u030a", "\u00c5", "A\u030a" },
        { "\uac01", "\uac01", "\u1100\u1161\u11a8", "\uac01", "\u1100\u1161\u11a8" },
        { "\u1e9b\u0323", "\u1e9b\u0323", "\u017f\u0323\u0307", "\u1e69", "s\u0323\u0307" },
        { "\ufb01\u2460\u00b2", "\ufb01\u2460\u00b2", "\ufb01\u2460\u00b2", "fi12", "fi12" },
        { "\u0344", "\u0308\u0301", "\u0308\u0301", "\u0308\u0301", "\u0308\u0301" },
        { "a\u0315\u0300\u05ae", "\u00e0\u05ae\u0315", "a\u05ae\u0300\u0315", "\u00e0\u05ae\u0315",
          "a\u05ae\u0300\u0315" },
    };
    static const char *const forms[] = { "NFC", "NFD", "NFKC", "NFKD" };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *expected[] = { rows[i].nfc, rows[i].nfd, rows[i].nfkc, rows[i].nfkd };
        for (size_t f = 0; f < ARRAY_LEN(forms); f++) {
            char text[128];
            snprintf(text, sizeof text, "{{ '%s' | " G "unicode_normalize(form='%s') }}",
                     rows[i].text, forms[f]);
            struct kit_row row = { text, expected[f] };
            kit_rows(DIALECT_CLASSIC, vars, &row, 1);
        }
    }
    static const struct kit_row others[] = {
        { "{{ 'e\u0301' | " G "unicode_normalize == '\u00e9' }}", "True" },
        { "{{ '' | " G "unicode_normalize }}", "" },
        { "{{ 'a' | " G "unicode_normalize('nfc') }}",
          "!filter 'community.general.unicode_normalize': 'form' is one of 'NFC', 'NFD', 'NFKC', "
          "'NFKD', not 'nfc'" },
        { "{{ 5 | " G "unicode_normalize }}",
          "!filter 'community.general.unicode_normalize': a string is needed, not an integer" },
    };
    kit_rows(DIALECT_CLASSIC, vars, others, ARRAY_LEN(others));
}

/* Values that do not fit into 80 columns. */
Test(collections, pprint)
{
    static const struct kit_row rows[] = {
        { "{{ {'b': [1, 2], 'a': none} | pprint }}", "{'a': None, 'b': [1, 2]}" },
        { "{{ range(28) | list | pprint }}",
          "[0,\n 1,\n 2,\n 3,\n 4,\n 5,\n 6,\n 7,\n 8,\n 9,\n 10,\n 11,\n 12,\n 13,\n 14,\n"
          " 15,\n 16,\n 17,\n 18,\n 19,\n 20,\n 21,\n 22,\n 23,\n 24,\n 25,\n 26,\n 27]" },
        { "{{ ('word ' * 17) | pprint }}",
          "('word word word word word word word word word word word word word word word '\n"
          " 'word word ')" },
        { "{{ {'key': 'x' * 40, 'other': ['y' * 40, 'z']} | pprint }}",
          "{'key': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',\n"
          " 'other': ['yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy', 'z']}" },
    };
    kit_rows(DIALECT_JINJA, vars, rows, ARRAY_LEN(rows));
}
