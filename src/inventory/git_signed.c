/*
 * git_signed.c - signatures of commits, checked by the programs that made them.
 *
 * What they read lies in memory, as files of this process below /proc: nothing is written to a
 * disk, and no keys but those of the file count.
 *
 * Source: git-commit(1) and gitformat-signature(5) for what is signed; ssh-keygen(1), "-Y verify"
 * and "ALLOWED SIGNERS"; gpgv(1), and GnuPG's doc/DETAILS for what it answers.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "formats/objects.h"
#include "inventory/git_program.h"
#include "inventory/git_state.h"

#define KEYS_MAX ((size_t)16 << 20) /* bytes of a file of keys */

struct check {
    struct arena *arena;
    struct diags *diags;
    const struct git_state *state;
    str key_file, keys; /* its path and its text */
    str signature, signed_text;
    git_time_t time; /* the commit's */
};

static bool refuse(const struct check *check, const char *why, const char *hint)
{
    struct diag *diag = diag_error(check->diags, SPAN_NONE, "commit %.*s of '%.*s' %s", 10,
                                   check->state->commit.ptr,
                                   SARG(tree_shown(check->arena, check->state->top)), why);
    if (hint != NULL) {
        diag_hint(diag, "%s", hint);
    }
    return false;
}

/* The signature is there, by a key that counts, and something is wrong with it. */
static bool refuse_signature(const struct check *check, str said)
{
    refuse(check, "has a signature that does not hold", NULL);
    if (str_trim(said).len > 0) {
        diag_note(check->diags->all.items[check->diags->all.len - 1], SPAN_NONE, "it wrote: %.*s",
                  SARG(str_trim(said)));
    }
    return false;
}

/* Run a program on the text that was signed. False: it cannot be started, which was told. */
static bool run(const struct check *check, const char *const *args, struct program_answer *ret)
{
    int problem = program_run(check->arena, args, check->signed_text, ret);
    if (problem != 0) {
        diag_error(check->diags, SPAN_NONE, "cannot run %s to check a signature: %s", args[0],
                   strerror(problem));
    }
    return problem == 0;
}

/* ---- SSH ---- */

static bool is_key_type(str word)
{
    return str_starts(word, S("ssh-")) || str_starts(word, S("ecdsa-")) ||
           str_starts(word, S("sk-"));
}

/* The keys in the form of allowed_signers; those of authorized_keys get a name. */
static str allowed_signers(const struct check *check)
{
    struct strbuf out = strbuf_in(check->arena);
    for (str rest = check->keys; !str_is_none(rest);) {
        str line = str_trim(str_cut_line(&rest)), words = line;
        bool bare = is_key_type(str_cut(&words, ' '));
        strbuf_addf(&out, "%s%.*s\n", bare ? "signer " : "", SARG(line));
    }
    return strbuf_str(&out);
}

static const char *time_option(const struct check *check)
{
    char text[32];
    struct tm parts;
    time_t time = (time_t)check->time;
    localtime_r(&time, &parts);
    strftime(text, sizeof text, "%Y%m%d%H%M%S", &parts);
    return str_format(check->arena, "-Overify-time=%s", text).ptr;
}

static bool check_ssh(const struct check *check)
{
    const char *keys, *signature, *at = time_option(check);
    struct program_answer principals, answer = { .status = -1 };
    CLEANUP(close_fd) int key_fd = memory_file(check->arena, allowed_signers(check), &keys);
    CLEANUP(close_fd) int signature_fd = memory_file(check->arena, check->signature, &signature);
    if (key_fd < 0 || signature_fd < 0) {
        return refuse(check, "cannot be checked: there is no memory for its signature", NULL);
    }
    if (!run(check,
             (const char *const[]){ "ssh-keygen", "-Y", "find-principals", "-f", keys, "-s",
                                    signature, at, NULL },
             &principals)) {
        return false;
    }
    if (principals.status != 0 || str_trim(principals.out).len == 0) {
        return refuse(check, "is signed by another key",
                      "keys: lines as of ~/.ssh/id_ed25519.pub, or as ssh-keygen(1) has them for "
                      "allowed signers");
    }
    for (str rest = principals.out; answer.status != 0 && !str_is_none(rest);) {
        str name = str_trim(str_cut_line(&rest));
        if (name.len > 0 &&
            !run(check,
                 (const char *const[]){ "ssh-keygen", "-Y", "verify", "-n", "git", "-f", keys, "-I",
                                        str_c(check->arena, name), "-s", signature, at, NULL },
                 &answer)) {
            return false;
        }
    }
    return answer.status == 0 || refuse_signature(check, answer.err);
}

/* ---- OpenPGP ---- */

/* The bytes of armored keys, one block behind the other; what is none, is as it is. */
static bool unarmored(const struct check *check, str *ret)
{
    static const str begin = S_INIT("-----BEGIN PGP PUBLIC KEY BLOCK-----");
    struct strbuf out = strbuf_in(check->arena);
    *ret = check->keys;
    for (size_t at = 0; (at = str_find(check->keys, begin, at)) != STR_NPOS;) {
        at += begin.len;
        str rest = str_part(check->keys, at, check->keys.len), bytes;
        struct strbuf digits = strbuf_in(check->arena);
        bool body = false;
        while (!str_is_none(rest)) {
            str line = str_trim(str_cut_line(&rest));
            if (str_starts(line, S("-----END")) || str_starts(line, S("="))) {
                break;
            }
            body = body || line.len == 0; /* headers end with an empty line */
            strbuf_add(&digits, body ? line : STR_EMPTY);
        }
        if (!base64_decode(check->arena, strbuf_str(&digits), &bytes)) {
            return false;
        }
        strbuf_add(&out, bytes);
        *ret = strbuf_str(&out);
    }
    return true;
}

/* Whether gpgv says so: in a line of its own, as names in keys and signatures are words, too. */
static bool says(str said, str words)
{
    while (!str_is_none(said)) {
        if (str_starts(str_cut_line(&said), words)) {
            return true;
        }
    }
    return false;
}

static bool check_pgp(const struct check *check)
{
    const char *keys, *signature;
    struct program_answer answer;
    str ring;
    if (!unarmored(check, &ring)) {
        return refuse(check, "cannot be checked: the keys are not well-formed", NULL);
    }
    CLEANUP(close_fd) int key_fd = memory_file(check->arena, ring, &keys);
    CLEANUP(close_fd) int signature_fd = memory_file(check->arena, check->signature, &signature);
    if (key_fd < 0 || signature_fd < 0) {
        return refuse(check, "cannot be checked: there is no memory for its signature", NULL);
    }
    if (!run(check,
             (const char *const[]){ "gpgv", "--status-fd", "1", "--keyring", keys, signature, "-",
                                    NULL },
             &answer)) {
        return false;
    }
    if (answer.status == 0 && says(answer.out, S("[GNUPG:] GOODSIG "))) {
        return true; /* not EXPSIG, EXPKEYSIG or REVKEYSIG */
    }
    if (says(answer.out, S("[GNUPG:] NO_PUBKEY "))) {
        return refuse(check, "is signed by another key", "keys: as gpg --export --armor prints");
    }
    return refuse_signature(check, answer.err);
}

/* ---- both ---- */

/* False: it has none, or cannot be read; which was told. */
static bool find_signature(struct check *check, git_repository *repo)
{
    git_buf signature = GIT_BUF_INIT, text = GIT_BUF_INIT;
    git_commit *commit = NULL;
    git_oid id;
    if (git_oid_fromstrn(&id, check->state->commit.ptr, check->state->commit.len) != 0 ||
        git_commit_lookup(&commit, repo, &id) != 0) {
        return refuse(check, "cannot be read", NULL);
    }
    check->time = git_commit_time(commit);
    git_commit_free(commit);
    bool found = git_commit_extract_signature(&signature, &text, repo, &id, NULL) == 0;
    if (found) {
        check->signature = str_copy(check->arena, (str){ signature.ptr, signature.size });
        check->signed_text = str_copy(check->arena, (str){ text.ptr, text.size });
    }
    git_buf_dispose(&signature);
    git_buf_dispose(&text);
    return found || refuse(check, "is not signed", "git commit -S signs one");
}

static bool read_keys(struct check *check)
{
    CLEANUP(close_fd) int fd = tree_open(check->key_file);
    if (fd < 0 || !fd_read(check->arena, fd, KEYS_MAX, &check->keys)) {
        diag_error(check->diags, SPAN_NONE, "cannot read the keys in '%.*s': %s",
                   SARG(check->key_file), tree_why(errno));
        return false;
    }
    return true;
}

static bool check_signature(struct check *check, git_repository *repo)
{
    if (!find_signature(check, repo)) {
        return false;
    }
    str text = str_trim(check->signature);
    if (str_starts(text, S("-----BEGIN SSH SIGNATURE-----"))) {
        return check_ssh(check);
    }
    if (str_starts(text, S("-----BEGIN PGP SIGNATURE-----"))) {
        return check_pgp(check);
    }
    return refuse(check, "has a signature of another kind than SSH and OpenPGP", NULL);
}

bool git_state_is_signed(struct arena *arena, struct diags *diags, const struct git_state *state,
                         str key_file)
{
    struct check check = { .arena = arena, .diags = diags, .state = state, .key_file = key_file };
    git_repository *repo = NULL, *own = NULL;
    git_oid commit;
    if (str_is_none(state->commit)) {
        diag_error(diags, SPAN_NONE, "repository '%.*s' has no commits", SARG(state->top));
        return false;
    }
    if (!read_keys(&check)) {
        return false;
    }
    if (state->mounted) {
        git_tree_find(state->top, &repo, &commit);
    } else if (git_repository_open(&own, str_c(arena, state->top)) == 0) {
        repo = own;
    }
    bool ok = repo != NULL && check_signature(&check, repo);
    git_repository_free(own);
    return ok;
}
