/* Counts brackets and commas that are not inside strings. */
#include "runtime/json_bounds.h"

bool json_is_bounded(struct text text, size_t depth_max, size_t values_max)
{
    size_t depth = 0, values = 1;
    bool is_in_string = false;
    for (size_t i = 0; i < text.length; i++) {
        const char byte = text.data[i];
        if (is_in_string) {
            if (byte == '\\') i++;
            is_in_string = byte != '"';
            continue;
        }
        is_in_string = byte == '"';
        if (byte == '{' || byte == '[') depth++;
        if ((byte == '}' || byte == ']') && depth > 0) depth--;
        values += byte == '{' || byte == '[' || byte == ',';
        if (depth > depth_max || values > values_max) return false;
    }
    return true;
}
