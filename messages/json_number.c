/* jansson reads what has a point or an exponent as a double. */
#include "messages/json_number.h"

bool json_read_whole(const json_t *json, int64_t *ret_number)
{
    static const double exact_max = 9007199254740992.0; /* 2^53: up to here doubles are exact */
    if (json_is_integer(json)) {
        *ret_number = json_integer_value(json);
        return true;
    }
    if (!json_is_real(json)) return false;
    const double number = json_real_value(json);
    if (!(number > -exact_max && number < exact_max)) return false;
    const int64_t whole = (int64_t)number;
    if ((double)whole != number) return false;
    *ret_number = whole;
    return true;
}
