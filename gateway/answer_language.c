/* One of the market's few languages is chosen here, once, so that what is kept and what domains are
 * asked never depends on how somebody writes his wishes. */
#include "gateway/answer_language.h"

#include <string.h>
#include <strings.h>

#include "gateway/server_parts.h"
#include "messages/locale.h"

bool answer_language_is_field(const struct route *route, const struct field *field)
{
    return strcmp(route->method, "GET") == 0 && (field->flags & FIELD_IN_HEADER) != 0 &&
           strcasecmp(field->header, "Accept-Language") == 0;
}

struct text answer_language(const struct exchange *exchange)
{
    const struct route *route = exchange->match.route;
    const struct text languages = exchange->server->options.languages;
    const struct text nothing = { .data = NULL };
    if (route == NULL || languages.length == 0 ||
        memchr(languages.data, ',', languages.length) == NULL)
        return nothing;
    const struct schema *schema = route->message->body;
    for (size_t i = 0; i < schema->fields_count; i++)
        if (answer_language_is_field(route, &schema->fields[i]))
            return locale_choose(languages,
                                 exchange_header_list(exchange, TEXT("accept-language")));
    return nothing;
}
