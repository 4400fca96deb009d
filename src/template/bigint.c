/* bigint.c - integers of any length, through libcrypto's BIGNUM; results that fit are ordinary. */
#include <math.h>
#include <openssl/bn.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "template/core.h"

#define MAX_DIGITS 4300    /* of an integer that is read, as Python */
#define MAX_BITS   1000000 /* of a result */

static void free_bn(BIGNUM **bn)
{
    BN_free(*bn);
}
#define BN CLEANUP(free_bn) BIGNUM *

static BIGNUM *to_bn(value v)
{
    BIGNUM *bn = NULL;
    if (value_is_big(v)) {
        BN_dec2bn(&bn, value_big_digits(v).ptr);
        return bn;
    }
    int64_t i = small_integer(v);
    uint64_t magnitude = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    bn = BN_new();
    BN_set_word(bn, magnitude);
    BN_set_negative(bn, i < 0);
    return bn;
}

static value from_bn(struct arena *arena, const BIGNUM *bn)
{
    char *digits = BN_bn2dec(bn);
    value v = value_big(arena, str_copy(arena, str_of(digits)));
    OPENSSL_free(digits);
    return v;
}

int64_t small_integer(value v)
{
    return value_is(v, VALUE_BOOL) ? value_as_bool(v) : value_as_int(v);
}

value big_add(struct arena *arena, value a, value b)
{
    BN x = to_bn(a);
    BN y = to_bn(b);
    BN_add(x, x, y);
    return from_bn(arena, x);
}

value big_sub(struct arena *arena, value a, value b)
{
    BN x = to_bn(a);
    BN y = to_bn(b);
    BN_sub(x, x, y);
    return from_bn(arena, x);
}

value big_mul(struct arena *arena, value a, value b)
{
    BN x = to_bn(a);
    BN y = to_bn(b);
    BN_CTX *context = BN_CTX_new();
    BN_mul(x, x, y, context);
    BN_CTX_free(context);
    return from_bn(arena, x);
}

/* Rounds towards minus infinity, as Python. False: division by zero. */
bool big_divmod(struct arena *arena, value a, value b, value *ret_quotient, value *ret_rest)
{
    BN x = to_bn(a);
    BN y = to_bn(b);
    BN quotient = BN_new();
    BN rest = BN_new();
    if (BN_is_zero(y)) {
        return false;
    }
    BN_CTX *context = BN_CTX_new();
    BN_div(quotient, rest, x, y, context);
    if (!BN_is_zero(rest) && BN_is_negative(rest) != BN_is_negative(y)) {
        BN_sub_word(quotient, 1);
        BN_add(rest, rest, y);
    }
    BN_CTX_free(context);
    *ret_quotient = from_bn(arena, quotient);
    *ret_rest = from_bn(arena, rest);
    return true;
}

bool big_pow(struct arena *arena, value a, uint64_t exponent, value *ret)
{
    BN x = to_bn(a);
    bool trivial = BN_is_zero(x) || BN_abs_is_word(x, 1);
    if (!trivial && (exponent > MAX_BITS || (uint64_t)BN_num_bits(x) * exponent > MAX_BITS)) {
        return false;
    }
    if (trivial) {
        exponent = exponent == 0 ? 0 : 2 - exponent % 2;
    }
    BN power = BN_new();
    BN result = BN_new();
    BN_set_word(power, exponent);
    BN_CTX *context = BN_CTX_new();
    BN_exp(result, x, power, context);
    BN_CTX_free(context);
    *ret = from_bn(arena, result);
    return true;
}

int big_compare(value a, value b)
{
    BN x = to_bn(a);
    BN y = to_bn(b);
    return BN_cmp(x, y);
}

/* Of a finite number, without its fraction. */
value big_from_double(struct arena *arena, double d)
{
    if (fabs(d) < 9e18) {
        return value_int((int64_t)d);
    }
    return value_big(arena, str_format(arena, "%.0f", trunc(d)));
}

static bool small_from_digits(str digits, unsigned base, value *ret)
{
    uint64_t number;
    if (!str_to_base(digits, base, &number) || number > INT64_MAX) {
        return false;
    }
    *ret = value_int((int64_t)number);
    return true;
}

/* Digits of any base up to 36, without sign. False: too many. */
bool big_from_digits(struct arena *arena, str digits, unsigned base, value *ret)
{
    if (small_from_digits(digits, base, ret)) {
        return true;
    }
    bool power_of_two = (base & (base - 1)) == 0;
    if (digits.len > (power_of_two ? MAX_BITS / 8 : MAX_DIGITS)) {
        return false;
    }
    if (base == 10) {
        *ret = value_big(arena, digits);
        return true;
    }
    BN n = BN_new();
    BN_zero(n);
    for (size_t i = 0; i < digits.len; i++) {
        uint64_t digit;
        if (!str_to_base(str_part(digits, i, i + 1), base, &digit)) {
            return false;
        }
        BN_mul_word(n, base);
        BN_add_word(n, digit);
    }
    *ret = from_bn(arena, n);
    return true;
}

str big_to_base(struct arena *arena, value v, unsigned base)
{
    static const char digits[] = "0123456789abcdef";
    BN n = to_bn(v);
    bool negative = BN_is_negative(n);
    struct strbuf reversed = strbuf_in(arena);
    BN_set_negative(n, 0);
    do {
        strbuf_add_char(&reversed, digits[BN_div_word(n, base)]);
    } while (!BN_is_zero(n));
    struct strbuf out = strbuf_in(arena);
    if (negative) {
        strbuf_add_char(&out, '-');
    }
    for (size_t i = reversed.len; i > 0; i--) {
        strbuf_add_char(&out, reversed.ptr[i - 1]);
    }
    return strbuf_str(&out);
}
