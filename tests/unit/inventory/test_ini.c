/* Inventories in the INI form, and the complaints about them. */
#include "check.h"

static const struct row texts[] = {
    { S_INIT(""), S_INIT("all > ungrouped; ungrouped") },
    { S_INIT("# c\n; c\n\nh1\n"), S_INIT("all > ungrouped; ungrouped(h1)") },
    { S_INIT("h1 a=1 b='x y' c=\"it's\" # n=2\n"),
      S_INIT("all > ungrouped; ungrouped(h1); h1{'a': 1, 'b': 'x y', 'c': \"it's\"}") },
    { S_INIT("h1 colour=#ff0000\n"), S_INIT("all > ungrouped; ungrouped(h1); h1{'colour': ''}") },
    { S_INIT("h1 a=0644 b=1_000 c=true d=True e='\"5\"'\n"),
      S_INIT("all > ungrouped; ungrouped(h1); "
             "h1{'a': '0644', 'b': 1000, 'c': 'true', 'd': True, 'e': '5'}") },
    { S_INIT("[web]\nw[1:2] p=80\n[db]\nd1:22\n"),
      S_INIT("all > ungrouped web db; ungrouped; web(w1 w2); db(d1); w1{'p': 80}; w2{'p': 80}; "
             "d1{'ansible_port': 22}") },
    { S_INIT("w1:22 a=1\n[web]\nw1:33 a=2\n"),
      S_INIT("all > ungrouped web; ungrouped; web(w1); w1{'ansible_port': 22}{'a': 1}{'a': 2}") },
    { S_INIT("[g]\nh\n[g:vars]\na=1\nb = \"x\\ny\"\nc=\"x\" \"y\"\nd=1, 2\ne=a # b\nf=5 # x\ng=\n"),
      S_INIT("all > ungrouped g; ungrouped; "
             "g(h){'a': 1, 'b': 'x\\ny', 'c': 'xy', 'd': (1, 2), 'e': 'a # b', 'f': 5, 'g': ''}") },
    { S_INIT("[top:children]\nleaf\n[leaf]\nh\n"),
      S_INIT("all > ungrouped top; ungrouped; top > leaf; leaf(h)") },
    { S_INIT("[leaf:vars]\na=1\n[leaf]\nh # x\n"),
      S_INIT("all > ungrouped leaf; ungrouped; leaf(h){'a': 1}") },
    { S_INIT("[g] # note\nh\n[g:vars]# note\nansible_group_priority=5\n"),
      S_INIT("all > ungrouped g; ungrouped; g(h)") },
    { S_INIT("[all]\nh\n[all:vars]\na=1\n"), S_INIT("all(h){'a': 1} > ungrouped; ungrouped(h)") },
    { S_INIT("h1\n[top:children]\nungrouped\n[ungrouped]\n"),
      S_INIT("all > ungrouped top; ungrouped; top > ungrouped") },
    { S_INIT("h1\r\n[web]\r\nw1 a=1\r\n"),
      S_INIT("all > ungrouped web; ungrouped(h1); web(w1); w1{'a': 1}") },
    { S_INIT("[a]\n[b]\na x=1\n"), S_INIT("all > ungrouped a b; ungrouped; a{'x': 1}; b(a)") },
    { S_INIT("[2001:db8::1]:22\n::1\n"),
      S_INIT("all > ungrouped; ungrouped(2001:db8::1 ::1); 2001:db8::1{'ansible_port': 22}") },
    { S_INIT("# \xFF any byte\nh1\n"), S_INIT("all > ungrouped; ungrouped(h1)") },
    { S_INIT("h1\xC2\x85h2\n"), S_INIT("all > ungrouped; ungrouped(h1 h2)") },
    { S_INIT("h t={{ x }} u=\"{{ 'a' }}\"\n"),
      S_INIT("1:8 expected 'name=value' behind the host, "
             "not 'x' [a template needs quotes: name=\"{{ ... }}\"]") },
    { S_INIT("[g:vars]\nx={{ ['a'] }}\n[g]\n"),
      S_INIT("2:3 value is a set or map of things that cannot be in one [INI values are read as "
             "Python literals: quote a template twice: name='\"{{ ... }}\"']") },
    { S_INIT("h1 note=it's\n"), S_INIT("1:11 quote is never closed [a value with a quote in it is "
                                       "written in the other kind of quotes, such as "
                                       "note=\"it's\"]") },
    { S_INIT("h1 a=x\\\n"), S_INIT("1:7 backslash at the end of the line") },
    { S_INIT("[g]\nh\n[g:vars]\nx: 1\n"), S_INIT("4:1 expected 'name=value' in [g:vars] [in this "
                                                 "form a variable is set with '=': x=1]") },
    { S_INIT("[web:var]\nx=1\n"),
      S_INIT("1:6 section of unknown kind 'var' [did you mean 'vars'?]") },
    { S_INIT("[my group]\n"),
      S_INIT("1:1 '[my group]' is no section [a section is [group], [group:vars] or "
             "[group:children], without blanks; behind it only a comment that begins with '#']") },
    { S_INIT("[webs]\nh\n[top:children]\nweb\n"),
      S_INIT("4:1 group 'web' is a child of 'top', but no section declares it [did you mean "
             "'webs'?]") },
    { S_INIT("[other:vars]\na=1\n"), S_INIT("1:1 group 'other' has variables, but no section "
                                            "declares it [add a section [other]]") },
    { S_INIT("[a:children]\nb\n[b:children]\na\n"),
      S_INIT("4:1 group 'a' cannot be a child of 'b', which is below it") },
    { S_INIT("[a:children]\na\n"), S_INIT("2:1 group 'a' cannot be a child of itself") },
    { S_INIT("[g]\nh\n[g:vars]\nansible_group_priority=high\n"),
      S_INIT("4:24 ansible_group_priority of group 'g' must be a number") },
    { S_INIT("---\nall:\n"), S_INIT("1:1 '---' is no host: this looks like a YAML file [name it "
                                    ".yml to have it read as YAML only]") },
    { S_INIT("web:\n"), S_INIT("1:1 host 'web:' ends in ':' [a port follows a colon (web1:2222); "
                               "is this a YAML file? Then name it .yml]") },
    { S_INIT("[g:children]\na b\n"),
      S_INIT("2:1 expected the name of a group in [g:children] [write one group a line; variables "
             "belong into [g:vars]]") },
    { S_INIT("w[1:\n"), S_INIT("1:1 range in 'w[1:' has no end [close it with ']']") },
    { S_INIT("\"\" a=1\n"), S_INIT("1:1 host name is empty") },
    { S_INIT("\xEF\xBB\xBF[web]\n"), S_INIT("1:1 file begins with a byte order mark [save the file "
                                            "as UTF-8 without it]") },
    { S_INIT("h a=\xFF\n"), S_INIT("1:5 byte 0xff is no UTF-8 [save the file as UTF-8]") },
};

Test(ini, is_read)
{
    BENCH(bench);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        EQ_STR(bench_parse(&bench, ini_parse, texts[i].text), texts[i].expected, texts[i].text);
    }
}

/* Each value knows its place, and a text may be a template. */
Test(ini, values_have_places)
{
    BENCH(bench);
    struct place place;
    bench_parse(&bench, ini_parse, S("h1 a=1 b=\"{{ x }}\"\n[g:vars]\nc =  y\n[g]\nh1\n"));
    value vars = data_host(bench.inventory, S("h1"))->vars.items[0], b = value_get(vars, S("b"));
    cr_assert(source_place(bench.sources, b.at, &place));
    cr_assert(place.line == 1 && place.column == 10 && b.at.len == 9);
    cr_assert(value_is_trusted(b));
    cr_assert(source_place(bench.sources, value_map_key(vars, 1).at, &place));
    cr_assert(place.line == 1 && place.column == 8);
    value c = value_get(data_group(bench.inventory, S("g"))->vars.items[0], S("c"));
    cr_assert(source_place(bench.sources, c.at, &place));
    cr_assert(place.line == 3 && place.column == 6 && c.at.len == 1);
}

/* What came before a mistake stays. */
Test(ini, keeps_what_it_read)
{
    BENCH(bench);
    bench_parse(&bench, ini_parse, S("h1\n[g]\nh2\n[g:vars]\na=1\nwrong\n"));
    EQ_STR(bench_dump(&bench), S("all > ungrouped; ungrouped(h1); g(h2){'a': 1}"), S("partial"));
}
