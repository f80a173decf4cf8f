/* Look-ups in the generated tables. */
#include "messages/schema.h"

#include <string.h>

#include "messages/email_form.h"

const struct schema empty_schema = {
    .name = "empty", .size = sizeof(struct empty), .fields = NULL, .fields_count = 0
};

/* The table is sorted by number; a request looks once. */
const struct message *message_find(uint16_t number)
{
    size_t low = 0, high = message_table_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (message_table[middle]->number == number) return message_table[middle];
        if (message_table[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static struct uuid key_of_field(const struct message *message, const struct field *field,
                                const void *value)
{
    assert(field->type == FIELD_ID || field->type == FIELD_TEXT);
    if (field->type == FIELD_ID) return *(const struct uuid *)value;
    const struct text text = *(const struct text *)value;
    struct email email;
    if (message->key_form == KEY_FORM_EMAIL && email_normalise(text, &email) == STATUS_OK)
        return key_of_text(email_text(&email));
    return key_of_text(text);
}

bool message_key_of(const struct message *message, const void *body, struct uuid sender,
                    struct uuid *ret_key, unsigned *ret_shard)
{
    assert(message != NULL);
    if (message->key == KEY_NONE) return false;
    struct uuid key = sender;
    if (message->key == KEY_FIELD) {
        assert(message->key_field < message->body->fields_count);
        const struct field *field = &message->body->fields[message->key_field];
        key = key_of_field(message, field, (const char *)body + field->offset);
    }
    *ret_key = key;
    *ret_shard = uuid_shard(key);
    return true;
}

const struct field *schema_field(const struct schema *schema, const char *name)
{
    size_t i = 0;
    while (i < schema->fields_count && strcmp(schema->fields[i].name, name) != 0)
        i++;
    assert(i < schema->fields_count);
    return &schema->fields[i];
}
