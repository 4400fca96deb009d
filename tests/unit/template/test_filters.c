/* Filters, tests, lookups and methods; expected is what Ansible gives. */
#include "kit.h"

static const char vars[] =
    "{l: [b, A, c], n: [3, 1, 2], d: {a: 1, b: 2}, s: Hello World, users: [{n: x, k: [1, 2]},\n"
    " {n: y, k: []}], lf: \"\\n\", r: {failed: false, changed: true}, ml: \"one\\ntwo\"}";

Test(filters, rows)
{
    static const struct kit_row rows[] = {
        { "{{ l | sort }}", "['A', 'b', 'c']" },
        { "{{ n | sort(reverse=true) | first }}", "3" },
        { "{{ l | join(', ') }}", "b, A, c" },
        { "{{ users | map(attribute='n') }}", "['x', 'y']" },
        { "{{ users | selectattr('n', 'equalto', 'y') | map(attribute='k') | list }}", "[[]]" },
        { "{{ users | subelements('k') | length }}", "2" },
        { "{{ d | dict2items }}", "[{'key': 'a', 'value': 1}, {'key': 'b', 'value': 2}]" },
        { "{{ d | dict2items | items2dict == d }}", "True" },
        { "{{ d | combine({'b': 3}, {'c': {'x': 1}}) }}", "{'a': 1, 'b': 3, 'c': {'x': 1}}" },
        { "{{ {'a': [1]} | combine({'a': [2]}, list_merge='append') }}", "{'a': [1, 2]}" },
        { "{{ 'abc' | regex_replace('(b)', '<\\1>') }}", "a<b>c" },
        { "{{ 'foo=1' | regex_search('(\\w+)=(\\d)', '\\1', '\\2') }}", "['foo', '1']" },
        { "{{ 'a1b22' | regex_findall('[0-9]+') }}", "['1', '22']" },
        { "{{ 'a.b' | regex_escape }}", "a\\.b" },
        { "{{ '/a/b.tar.gz' | basename }} {{ '/a/b' | dirname }}", "b.tar.gz /a" },
        { "{{ ['a', 'b'] | path_join }}", "a/b" },
        { "{{ 'yes' | bool }} {{ 'nope' | bool }} {{ 1 | bool }}", "True False True" },
        { "{{ true | ternary('a', 'b') }}", "a" },
        { "{{ '5' | int + 1 }} {{ 'x' | int(7) }} {{ '1.5' | float }}", "6 7 1.5" },
        { "{{ 2.5 | round }} {{ 3.14159 | round(2) }}", "2.0 3.14" },
        { "{{ [1, [2, [3]]] | flatten }}", "[1, 2, 3]" },
        { "{{ ['a', 'A', 'b'] | unique }}", "['a', 'b']" },
        { "{{ ['a', 'A', {}, {}] | unique }}", "['a', 'A', {}]" },
        { "{{ [{}] | unique(case_sensitive=false) }}",
          "!filter 'unique': a list or map is compared as it is: without 'attribute' and "
          "'case_sensitive'" },
        { "{{ [{'n': []}] | unique(attribute='n') }}",
          "!filter 'unique': a list or map is compared as it is: without 'attribute' and "
          "'case_sensitive'" },
        { "{{ [d, {'c': 3}] | combine([none, {'a': 0}]) }}", "{'a': 0, 'b': 2, 'c': 3}" },
        { "{{ d | combine([[{'a': 0}]]) }}",
          "!filter 'combine': maps are combined, and this is a list" },
        { "{{ 'x' | comment(prefix=lf, prefix_count=3) }}", "\n\n\n# x\n#" },
        { "{{ 'x' | password_hash(salt_size=[8]) }}",
          "!filter 'password_hash': 'salt_size' must be an integer, not a list" },
        { "{{ [1, 2] | union([2, 3]) }} {{ [1, 2] | difference([2]) }}", "[1, 2, 3] [1]" },
        { "{{ [1, 2] | zip(['a', 'b']) | list }}", "[(1, 'a'), (2, 'b')]" },
        { "{{ 'a' | hash('md5') }}", "0cc175b9c0f1b6a831c399e269772661" },
        { "{{ 'hi' | b64encode }} {{ 'aGk=' | b64decode }}", "aGk= hi" },
        { "{{ 'a b' | quote }}", "'a b'" },
        { "{{ ml | indent(2) }}", "one\n  two" },
        { "{{ ml | comment }}", "#\n# one\n# two\n#" },
        { "{{ d | to_nice_yaml }}", "a: 1\nb: 2\n" },
        { "{{ '{\"x\": [1]}' | from_json }}", "{'x': [1]}" },
        { "{{ 'x: [1]' | from_yaml }}", "{'x': [1]}" },
        { "{{ 1536 | human_readable }} {{ '1K' | human_to_bytes }}", "1.50 KB 1024" },
        { "{{ 'http://u@h:8/p?q=1' | urlsplit('hostname') }}", "h" },
        { "{{ 59 | random(seed='web1') }} {{ 59 | random(seed='web1') }}", "52 52" },
        { "{{ [1, 2, 3] | shuffle(seed='x') | sort }}", "[1, 2, 3]" },
        { "{{ 'a' | password_hash('sha512', 'saltsalt', rounds=5000) }}",
          "$6$saltsalt$8gzUrz5S2/"
          "0AfMGfui2LllQQ2fwu.jYnAVGef2XY7gAo0jNFrzHsTq9lMr2ze7QvIJxr4BYOKdgDpx4"
          "Va9Atb1" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}

Test(filters, tests)
{
    static const struct kit_row rows[] = {
        { "{{ r is changed }} {{ r is failed }} {{ r is succeeded }}", "True False True" },
        { "{{ '2.10' is version('2.9', '>') }} {{ '1.0' is version('1.0.0', 'ge') }}",
          "True False" },
        { "{{ '1.0.0-rc1' is version('1.0.0', '<', version_type='semver') }}", "True" },
        { "{{ s is match('Hello') }} {{ s is search('World') }} {{ s is regex('x') }}",
          "True True False" },
        { "{{ l is iterable }} {{ d is mapping }} {{ s is string }}", "True True True" },
        { "{{ 'b' is in l }} {{ [1, 2] is subset([1, 2, 3]) }} {{ l is contains('c') }}",
          "True True True" },
        { "{{ '/' is directory }} {{ '/nowhere' is exists }}", "True False" },
        { "{{ [true, 1] is all }} {{ [0, ''] is any }}", "True False" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}

Test(filters, methods)
{
    static const struct kit_row rows[] = {
        { "{{ s.split() }} {{ 'a,b,c'.split(',', 1) }}", "['Hello', 'World'] ['a', 'b,c']" },
        { "{{ s.startswith('He') }} {{ s.find('o') }} {{ s.upper() }}", "True 4 HELLO WORLD" },
        { "{{ s.replace('l', 'L', 1) }} {{ ' x '.strip() }}!", "HeLlo World x!" },
        { "{{ '-'.join(l) }} {{ 'x'.rjust(3, '.') }}", "b-A-c ..x" },
        { "{{ d.get('a') }} {{ d.get('z', 9) }} {{ d.keys() | list }}", "1 9 ['a', 'b']" },
        { "{{ l.index('A') }} {{ l.count('b') }}", "1 1" },
        { "{{ 'a\nb'.splitlines() }}", "['a', 'b']" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}

#define FILES    EXAMPLES "/files/"
#define CSV(...) "{{ lookup('csvfile', " __VA_ARGS__ ") }}"

Test(filters, lookups)
{
    static const struct kit_row rows[] = {
        { "{{ lookup('items', [1, 2]) }}", "[1, 2]" },
        { "{{ q('sequence', 'start=1 end=3') }}", "['1', '2', '3']" },
        { "{{ q('together', [1, 2], ['a', 'b']) }}", "[[1, 'a'], [2, 'b']]" },
        { "{{ q('nested', [1, 2], ['a']) }}", "[[1, 'a'], [2, 'a']]" },
        { "{{ q('indexed_items', ['a']) }}", "[(0, 'a')]" },
        { "{{ lookup('pipe', 'echo hi') }}", "hi" },
        { "{{ lookup('vars', 's') }} {{ lookup('vars', 'zz', default='no') }}", "Hello World no" },
        { "{{ lookup('varnames', '^us') }}", "users" },
        { "{{ lookup('file', '/nowhere', errors='ignore') }}", "" },
        { "{{ lookup('ini', 'name section=day one file=" FILES "latin1.ini encoding=latin1') }}",
          "Café" },
        { "{{ lookup('ini', 'size of cups section=day one encoding=latin1 file=" FILES
          "latin1.ini') }}",
          "3" },
        { "{{ lookup('ini', 'name', section='day one', file='" FILES "latin1.ini') }}",
          "!lookup 'ini': byte 20 is not 'utf-8'" },
        { "{{ lookup('ini', 'name', file='" FILES "latin1.ini', encoding='nope') }}",
          "!lookup 'ini': the encoding 'nope' is not known" },
        { "{{ lookup('ini', 'name nosuch=1') }}", "!lookup 'ini': has no option 'nosuch'" },
        { "{{ lookup('ini', 'file=x section=y') }}",
          "!lookup 'ini': needs a key before the options" },
        { CSV("'\"a b\" file=\"" FILES "quoted.csv\" delimiter=, encoding=iso8859-15'"), "1" },
        { CSV("'a  b delimiter=, encoding=iso8859-15 file=" FILES "quoted.csv'"), "2" },
        { CSV("'a b', encoding='iso8859-15', delimiter=',', file='" FILES "quoted.csv'"), "[]" },
        { CSV("'euro €', encoding='iso8859-15', delimiter=',', file='" FILES "quoted.csv'"), "3" },
        { CSV("'no such col=2, default=none delimiter=, file=" FILES "hosts.csv'"), "none" },
        { CSV("'web1 col=2, delimiter=, file=" FILES "hosts.csv'"),
          "!lookup 'csvfile': 'col' is a number, not '2,'" },
        { "{{ q('subelements', {'skipped': true, 'changed': false}, 'a') }}", "[]" },
        { CSV("'x nosuch=1'"), "!lookup 'csvfile': has no option 'nosuch'" },
        { CSV("'file=x'"), "!lookup 'csvfile': needs a key to search for" },
        { CSV("'x', nosuch=1"), "!lookup 'csvfile': has no option 'nosuch'" },
        { "{{ lookup('password', '/dev/null length=5 chars=digits') | length }}", "5" },
        { "{{ lookup('password', '/dev/null encrypt= length=5') | length }}", "5" },
        { "{{ lookup('password', '/dev/null size=5') }}",
          "!lookup 'password': has no option 'size'" },
        { "{{ q('subelements', [{'a': {'b': none}}, {'a': {'b': {'c': [1]}}}], 'a.b.c', "
          "{'skip_missing': true}) | map('last') }}",
          "[1]" },
        { "{{ q('subelements', [{'a': {'b': none}}], 'a.b.c') }}",
          "!filter 'subelements': the key is looked for in a null, not in a map" },
        { "{{ lookup('url', 'gopher://x') }}",
          "!lookup 'url': 'gopher://x': Unsupported protocol" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}

/* What asks about an encrypted variable gets it as it is; "hello", by "pw". */
Test(filters, vaults)
{
    static const char vault[] =
        "plain: x\nsecret: !vault |\n"
        "  $ANSIBLE_VAULT;1.1;AES256\n"
        "  32353363363934623761313038343937633233393439316434323239393263626536626332"
        "373330\n"
        "  6638613762656232323632323133363331343131663362660a306264316361356539363538"
        "313265\n"
        "  33666362306563363730613261376262363164353961393238626565333135306265323237"
        "333737\n"
        "  3439323136646532390a613865656534373536336366393736373164393666643837396433"
        "306534\n"
        "  3934\n";
    static const struct kit_row rows[] = {
        { "{{ secret is vault_encrypted }} {{ plain is vault_encrypted }}", "True False" },
        { "{{ secret is not vault_encrypted }}", "False" },
        { "{{ secret | unvault('pw') | length }}", "6" },
        { "{{ secret | unvault('px') }}", "!filter 'unvault': the password is wrong" },
        { "{% set secret = 'x' %}{{ secret is vault_encrypted }}", "False" },
        { "{{ secret | length }}", "!value is encrypted, and there is no vault password" },
    };
    kit_rows(DIALECT_CLASSIC, vault, rows, ARRAY_LEN(rows));
}

Test(filters, mistakes)
{
    static const struct kit_row rows[] = {
        { "{{ 'a' | upper(1) }}", "!filter 'upper': takes no arguments, and 1 are given" },
        { "{{ s | replace('a') }}", "!filter 'replace': argument 'new' is missing" },
        { "{{ s | indent(widht=2) }}", "!filter 'indent' has no argument 'widht'" },
        { "{{ 'x' | from_json }}", "!" },
        { "{{ s | regex_search('(') }}", "!" },
        { "{{ nope | upper }}", "!'nope' is undefined" },
        { "{{ users | rekey_on_member(nope) }}", "!'nope' is undefined" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        kit_open(&kit, DIALECT_CLASSIC, vars);
        const char *got = kit_value(&kit, rows[i].text);
        cr_expect(strncmp(got, rows[i].expected, strlen(rows[i].expected)) == 0, "%s gave %s",
                  rows[i].text, got);
        kit_close(&kit);
    }
}

/* Differences found by asking the real engines for the same at random. */
Test(filters, oddities)
{
    static const struct kit_row rows[] = {
        { "{{ '{:05}|{:<05}|{:*>05}'.format('a', 2, 3) }}", "a0000|20000|****3" },
        { "{{ '%a' % 'h\303\251' }} {{ '{!a}'.format('\346\227\245') }}", "'h\\xe9' '\\u65e5'" },
        { "{{ '{.real}'.format(false) }} {{ 5 .imag }}", "0 0" },
        { "{{ -0.5 | filesizeformat }}", "0 Bytes" },
        { "{{ 'x' | comment(decoration='; ', prefix='', postfix='') }}|", "; x\n|" },
        { "{{ 'abc' | difference('b') }}", "['a', 'c']" },
        { "{{ ['{'] is subset('{}') }}", "True" },
        { "{{ ',' | max(attribute='a') }}", "," },
        { "{{ 'abc'.translate({97: 'x', 98: none}) }}", "xc" },
        { "{{ 'abc'.translate('abc'.maketrans('ab', 'xy', 'c')) }}", "xy" },
        { "{{ [1, 2] | truncate(3) }}", "[1, 2]" },
        { "{{ (1)[1:] }}", "!an integer cannot be sliced" },
        { "{{ {'bc': 1}['abc'[1:]] }}", "1" },
        { "{{ 'abcd'['xy'[1:] | length:] }}", "bcd" },
        { "{{ {(1, 'b'): 2}[1, 'ab'[1:]] }}", "2" },
        { "{{ 5 | indent }}", "!filter 'indent': a string is needed, not an integer" },
        { "{{ [1] in {} }}", "!a list cannot be a key of a map" },
        { "{{ [] | sum(start='x') }}", "!filter 'sum': strings are joined by 'join'" },
        { "{{ 'YWI?' | b64decode }}", "!filter 'b64decode': the text is no base64" },
        { "{{ 'a' | regex_search(1) }}",
          "!filter 'regex_search': a string is needed, not an integer" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
    static const struct kit_row plain[] = {
        { "{{ 'ba' | sort(attribute='x') }}", "['b', 'a']" },
        { "{{ [2, 1] | map('abs') | reverse }}", "[1, 2]" },
        { "{{ {}.get(nope, 3) }}", "3" },
        { "{{ nope is callable }}", "True" },
        { "{{ '{:x}'.format(nope) }}", "!'nope' is undefined" },
    };
    kit_rows(DIALECT_JINJA, vars, plain, ARRAY_LEN(plain));
}

/* Found by asking the real engines at random: tests/reference/random. */
Test(filters, found_at_random)
{
    static const struct kit_row rows[] = {
        { "{{ [0, 0.0, false, none] | map('select') | list }}", "[[], [], [], []]" },
        { "{{ [1, 2] | slice(-2) | list }}", "[]" },
        { "{{ [1] | slice(0) }}", "!filter 'slice': the number of slices must be positive" },
        { "{{ [{'k': 1}, {}] | map(attribute='k.x', default=7) | list }}", "[7, 7]" },
        { "{{ [{}, {}] | sort(attribute='b,a') }}", "!a map has no 'b'" },
        { "{{ [{'b': 2, 'a': 1}, {'b': 1, 'a': 2}] | map(attribute='b') | sort }}", "[1, 2]" },
        { "{% set t = 'a\\r\\nb\\r' %}{{ t | indent(1) }}|", "a\n b|" },
        { "{{ '  x y  ' | wordwrap(4) }}|", "  x\ny|" },
        { "{{ 'well-made self-made' | wordwrap(8) }}", "well-\nmade\nself-\nmade" },
        { "{{ 'a-b 1-2 one--two' | wordwrap(4) }}", "a-b\n1-2\none\n--\ntwo" },
        { "{{ 'x-\u00e4b-cd' | wordwrap(5, wrapstring='/') }}", "x-\u00e4b-/cd" },
        { "{{ 'abcdefg' | wordwrap(3, break_long_words=false) }} {{ 'ab-cdefgh' | wordwrap(4) }}",
          "abcdefg ab-c\ndefg\nh" },
        { "{{ '  a  b c'.rsplit(none, 1) }} {{ ' a b '.rsplit() }}", "['  a  b', 'c'] ['a', 'b']" },
        { "{{ 2048 | human_readable(unit='KB') }} {{ 2048 | human_readable(unit='k') }}",
          "2048.00 Bytes 2.00 KB" },
        { "{{ 0 | root(-2) }}", "!filter 'root': there is no such power of zero" },
        { "{{ '//a/c' | relpath('/etc') }}", "../a/c" },
        { "{{ 'x' | regex_search('y', 'z') }}",
          "!filter 'regex_search': 'z' is no group: write '\\1' or '\\g<name>'" },
        { "{{ 'x5' is search(5) }}", "!test 'search': a string is needed, not an integer" },
        { "{{ [[1]] is subset([[1], 2]) }}", "!test 'subset': a set cannot hold a list" },
        { "{{ [[1]] | union([[1], 2]) }}", "[[1], 2]" },
        { "{{ (1, [2]) | union([3]) }}", "!filter 'union': of a tuple and a list, with lists or "
                                         "maps in them, no set can be made" },
        { "{{ [{'a': 1}, none] | combine }} {{ 'x' | combine }}", "{'a': 1} x" },
        { "{{ {'a': 1} | to_json(indent=1, separators=(';', '=')) }}", "{\n \"a\"=1\n}" },
        { "{{ 1 | to_nice_yaml(default_flow_style=true) }}",
          "!filter 'to_nice_yaml': 'default_flow_style' is the filter's own" },
        { "{{ 1 | to_yaml(allow_unicode=false) }}",
          "!filter 'to_yaml': 'allow_unicode' is the filter's own" },
        { "{{ ['<' | escape] }} {{ '%r' | format('x' | safe) }}", "[Markup('&lt;')] Markup('x')" },
        { "{{ {1: 2}.items() | tojson }}",
          "!filter 'tojson': a dict_items has no form in JSON: make it a list, by '| list'" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
    static const struct kit_row plain[] = {
        { "{{ 'abc' | map(attribute='o.k', default=9) | list }}", "[9, 9, 9]" },
        { "{{ nope | indent }}", "!'nope' is undefined" },
        { "{{ self }} {{ self.x is defined }}", "<TemplateReference None> False" },
    };
    kit_rows(DIALECT_JINJA, vars, plain, ARRAY_LEN(plain));
}

Test(filters, times_by_a_format)
{
    static const struct kit_row rows[] = {
        { "{{ 'Feb  3 04:05:06 2026 GMT' | to_datetime('%b %d %H:%M:%S %Y %Z') }}",
          "2026-02-03 04:05:06" },
        { "{{ '12:30 am' | to_datetime('%I:%M %p') }} {{ '12 PM' | to_datetime('%I %p') }}",
          "1900-01-01 00:30:00 1900-01-01 12:00:00" },
        { "{{ '2024 060' | to_datetime('%Y %j') }}", "2024-02-29 00:00:00" },
        { "{{ '2026 10 Tuesday' | to_datetime('%Y %W %A') }}", "2026-03-10 00:00:00" },
        { "{{ '2026 10 2' | to_datetime('%Y %U %w') }}", "2026-03-10 00:00:00" },
        { "{{ '2026-02-03T04:05:06.5+01:30' | to_datetime('%Y-%m-%dT%H:%M:%S.%f%z') }}",
          "2026-02-03 04:05:06.500000+01:30" },
        { "{{ '5%T' | to_datetime('%d%%t') }}", "1900-01-05 00:00:00" },
        { "{{ ' 2026' | to_datetime('%Y') }}",
          "!filter 'to_datetime': ' 2026' is not of the form '%Y'" },
        { "{{ '26' | to_datetime('%Y') }}", "!filter 'to_datetime': '26' is not of the form '%Y'" },
        { "{{ 'XYZ' | to_datetime('%Z') }}",
          "!filter 'to_datetime': 'XYZ' is not of the form '%Z'" },
        { "{{ '1700000000' | to_datetime('%s') }}",
          "!filter 'to_datetime': '1700000000' is not of the form '%s'" },
    };
    kit_rows(DIALECT_CLASSIC, vars, rows, ARRAY_LEN(rows));
}
