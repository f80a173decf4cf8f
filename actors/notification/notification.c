/* The rules of telling people: the table of kinds, choices, what becomes of a message, pauses. */
#include "actors/notification/notification.h"

#include <string.h>

#define EMAIL (1u << NOTIFICATION_CHANNEL_EMAIL)
#define SMS (1u << NOTIFICATION_CHANNEL_SMS)
#define IN_APP (1u << NOTIFICATION_CHANNEL_IN_APP)
#define NOTICE(kind, about, critical, ways, leads_to, to, facts)                                   \
    [COMMON_NOTICE_KIND_##kind] = { .topic = NOTIFICATION_TOPIC_##about,                           \
                                    .is_critical = (critical),                                     \
                                    .channels = (ways),                                            \
                                    .link = NOTIFICATION_LINK_##leads_to,                          \
                                    .path = (to) },
static const struct notification_kind kinds[] = {
#include "actors/notification/notification_kind.def"
};
#undef NOTICE
static_assert(ARRAY_LENGTH(kinds) == COMMON_NOTICE_KIND_COUNT, "each kind stands in the table");
static_assert((int)NOTIFICATION_CHOICES_MAX <= 62, "choices are bits of an int64");

const struct notification_kind *notification_kind_of(enum common_notice_kind kind)
{
    assert((size_t)kind < ARRAY_LENGTH(kinds));
    return &kinds[kind];
}

static int64_t choice_bit(enum notification_topic topic, enum notification_channel channel)
{
    assert((unsigned)topic < NOTIFICATION_TOPIC_COUNT);
    assert((unsigned)channel < NOTIFICATION_CHANNEL_COUNT);
    return INT64_C(1) << ((int)topic * NOTIFICATION_CHANNEL_COUNT + (int)channel);
}

static bool default_choice(enum notification_topic topic, enum notification_channel channel)
{
    return topic != NOTIFICATION_TOPIC_MARKETING && channel != NOTIFICATION_CHANNEL_SMS;
}

static bool was_chosen(const struct notification_choices *choices, enum notification_topic topic,
                       enum notification_channel channel)
{
    return choices != NULL && (choices->chosen & choice_bit(topic, channel)) != 0;
}

bool notification_choice(const struct notification_choices *choices, enum notification_topic topic,
                         enum notification_channel channel)
{
    const int64_t bit = choice_bit(topic, channel);
    if (!was_chosen(choices, topic, channel)) return default_choice(topic, channel);
    return (choices->enabled & bit) != 0;
}

void notification_choose(struct notification_choices *choices, enum notification_topic topic,
                         enum notification_channel channel, bool is_enabled)
{
    const int64_t bit = choice_bit(topic, channel);
    choices->chosen |= bit;
    if (is_enabled)
        choices->enabled |= bit;
    else
        choices->enabled &= ~bit;
}

static struct notification_fate suppressed(enum notification_suppression why)
{
    return (struct notification_fate){ .is_written = true,
                                       .state = NOTIFICATION_MESSAGE_STATE_SUPPRESSED,
                                       .why = why };
}

struct notification_fate notification_decide(const struct notification_prospect *prospect,
                                             const struct notification_choices *choices)
{
    assert((unsigned)prospect->audience < COMMON_AUDIENCE_COUNT);
    const struct notification_kind *kind = notification_kind_of(prospect->kind);
    const bool is_in_app = prospect->channel == NOTIFICATION_CHANNEL_IN_APP;
    const bool is_email = prospect->channel == NOTIFICATION_CHANNEL_EMAIL;
    struct notification_fate fate = { .is_written = true };
    /* Staff and guests have no inbox, and somebody who is invited has none yet. */
    const bool has_inbox = prospect->audience != COMMON_AUDIENCE_ADMIN &&
                           prospect->audience != COMMON_AUDIENCE_GUEST && !prospect->is_invited;
    if ((kind->channels & 1u << prospect->channel) == 0 || (is_in_app && !has_inbox))
        return (struct notification_fate){ 0 };
    /* What only goes by text message was asked for a moment ago. */
    const bool is_forced = kind->is_critical && (is_email || kind->channels == SMS);
    if (!is_forced && !notification_choice(choices, kind->topic, prospect->channel)) {
        /* (actors/notification/README.md, Decisions: defaults leave no row, refusals do) */
        return was_chosen(choices, kind->topic, prospect->channel)
                   ? suppressed(NOTIFICATION_SUPPRESSION_PREFERENCE)
                   : (struct notification_fate){ 0 };
    }
    fate.state = NOTIFICATION_MESSAGE_STATE_SENT;
    if (is_in_app) return fate;
    if (!prospect->has_address) return suppressed(NOTIFICATION_SUPPRESSION_NO_ADDRESS);
    if (!prospect->has_transport) return suppressed(NOTIFICATION_SUPPRESSION_NO_TRANSPORT);
    fate.state = NOTIFICATION_MESSAGE_STATE_QUEUED;
    return fate;
}

int64_t notification_backoff_us(int64_t unit_us, int64_t attempts, struct uuid id)
{
    static const int64_t factors[] = { 1, 4, 20, 120, 720 };
    static_assert(ARRAY_LENGTH(factors) == NOTIFICATION_ATTEMPTS_MAX - 1, "one per failure");
    assert(unit_us > 0);
    assert(attempts >= 1);
    const size_t index = attempts <= (int64_t)ARRAY_LENGTH(factors) ? (size_t)attempts - 1
                                                                    : ARRAY_LENGTH(factors) - 1;
    const int64_t wait_us = unit_us * factors[index];
    return wait_us + wait_us / 8 * id.bytes[10] / UINT8_MAX;
}

size_t notification_find_name(const char *const *names, size_t count, struct text name)
{
    size_t i = 0;
    while (i < count && !text_equals_string(name, names[i]))
        i++;
    return i;
}

/* Not a parser: the answer of another company's server is only looked through for one name, since
 * nothing is lost when it is not found. What follows the name and its colon, or nothing. */
static struct text value_after(struct text json, struct text quoted_name)
{
    const struct text none = { 0 };
    const char *at = json.length == 0
                         ? NULL
                         : memmem(json.data, json.length, quoted_name.data, quoted_name.length);
    if (at == NULL) return none;
    const char *end = json.data + json.length;
    at += quoted_name.length;
    while (at < end && (*at == ' ' || *at == ':'))
        at++;
    return (struct text){ at, (size_t)(end - at) };
}

struct text notification_find_sid(struct text json)
{
    enum { SID_MAX = 64 };
    const struct text none = { 0 }, value = value_after(json, TEXT("\"sid\""));
    if (value.length == 0 || value.data[0] != '"') return none;
    const char *start = value.data + 1, *at = start, *end = value.data + value.length;
    while (at < end && ((*at >= '0' && *at <= '9') || ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z')))
        at++;
    const size_t length = (size_t)(at - start);
    if (at == end || *at != '"' || length > SID_MAX) return none;
    return (struct text){ start, length };
}

struct text notification_find_code(struct text json)
{
    enum { CODE_DIGITS_MAX = 10 };
    const struct text value = value_after(json, TEXT("\"code\""));
    size_t length = 0;
    while (length < value.length && value.data[length] >= '0' && value.data[length] <= '9')
        length++;
    const bool is_code = length > 0 && length <= CODE_DIGITS_MAX && length < value.length;
    return is_code ? (struct text){ value.data, length } : (struct text){ 0 };
}
