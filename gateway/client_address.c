/* Networks of proxies, and the address that they report. All addresses are IPv6 here, with IPv4
 * mapped, so that there is one comparison. */
#include "gateway/client_address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

#include "runtime/arena.h"

enum { ADDRESS_BITS = 128, MAPPED_BITS = 96, MAPPED_AT = 12 };

static struct in6_addr map_four(const struct in_addr *four)
{
    struct in6_addr mapped = { .s6_addr = { [10] = 0xff, [11] = 0xff } };
    memcpy(mapped.s6_addr + MAPPED_AT, four, sizeof *four);
    return mapped;
}

static enum status address_read(struct text text, struct in6_addr *ret_address)
{
    char word[INET6_ADDRSTRLEN];
    struct in_addr four;
    if (text.length >= sizeof word) return STATUS_INVALID_VALUE;
    memcpy(word, text.data, text.length);
    word[text.length] = '\0';
    if (strlen(word) != text.length) return STATUS_INVALID_VALUE; /* a NUL would hide the rest */
    if (inet_pton(AF_INET6, word, ret_address) == 1) return STATUS_OK;
    if (inet_pton(AF_INET, word, &four) != 1) return STATUS_INVALID_VALUE;
    *ret_address = map_four(&four);
    return STATUS_OK;
}

/* ---- networks ---- */

static bool is_in_network(const struct proxy_network *network, const struct in6_addr *address)
{
    assert(network->bits <= ADDRESS_BITS);
    const size_t whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(network->address.s6_addr, address->s6_addr, whole) != 0) return false;
    const unsigned mask = 0xff00U >> rest & 0xffU;
    return rest == 0 || ((network->address.s6_addr[whole] ^ address->s6_addr[whole]) & mask) == 0;
}

/* 10.1.2.3/8 is refused: it may mean the host or the network, and a guess would believe too much.
 */
static bool is_whole_network(const struct proxy_network *network)
{
    for (unsigned bit = network->bits; bit < ADDRESS_BITS; bit++) {
        if ((network->address.s6_addr[bit / 8] & 0x80U >> bit % 8) != 0) return false;
    }
    return true;
}

static enum status network_read(struct text word, struct proxy_network *ret_network)
{
    const char *slash = memchr(word.data, '/', word.length);
    const size_t length = slash == NULL ? word.length : (size_t)(slash - word.data);
    TRY(address_read((struct text){ word.data, length }, &ret_network->address));
    ret_network->bits = ADDRESS_BITS;
    if (slash == NULL) return STATUS_OK;
    const bool is_four = IN6_IS_ADDR_V4MAPPED(&ret_network->address);
    const unsigned most = is_four ? ADDRESS_BITS - MAPPED_BITS : ADDRESS_BITS;
    const struct text prefix = { slash + 1, word.length - length - 1 };
    int64_t bits;
    if (text_parse_int(prefix, &bits) != STATUS_OK || bits < 0 || bits > most)
        return STATUS_INVALID_VALUE;
    ret_network->bits = (unsigned)bits + (is_four ? MAPPED_BITS : 0);
    return is_whole_network(ret_network) ? STATUS_OK : STATUS_INVALID_VALUE;
}

enum status proxies_read(struct text list, struct proxies *ret_proxies)
{
    struct proxies proxies = { .count = 0 };
    struct text rest = text_trim(list);
    while (rest.length > 0) {
        const char *comma = memchr(rest.data, ',', rest.length);
        const size_t length = comma == NULL ? rest.length : (size_t)(comma - rest.data);
        if (proxies.count == PROXY_NETWORKS_MAX) return STATUS_INVALID_VALUE;
        TRY(network_read(text_trim((struct text){ rest.data, length }),
                         &proxies.networks[proxies.count++]));
        if (comma == NULL) break;
        rest = (struct text){ comma + 1, rest.length - length - 1 };
        if (rest.length == 0) return STATUS_INVALID_VALUE;
    }
    *ret_proxies = proxies;
    return STATUS_OK;
}

bool proxies_have(const struct proxies *proxies, const struct in6_addr *address)
{
    assert(proxies->count <= PROXY_NETWORKS_MAX);
    for (size_t i = 0; i < proxies->count; i++) {
        if (is_in_network(&proxies->networks[i], address)) return true;
    }
    return false;
}

/* ---- the address that they report ---- */

struct in6_addr client_address_of_peer(const struct sockaddr *peer)
{
    if (peer->sa_family == AF_INET)
        return map_four(&((const struct sockaddr_in *)(const void *)peer)->sin_addr);
    if (peer->sa_family == AF_INET6)
        return ((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr;
    return (struct in6_addr){ .s6_addr = { 0 } };
}

/* Some proxies add the port: 192.0.2.1:4711, [2001:db8::1]:4711. */
static enum status forwarded_read(struct text word, struct in6_addr *ret_address)
{
    if (word.length > 0 && word.data[0] == '[') {
        const char *end = memchr(word.data, ']', word.length);
        if (end == NULL) return STATUS_INVALID_VALUE;
        return address_read((struct text){ word.data + 1, (size_t)(end - word.data) - 1 },
                            ret_address);
    }
    const char *colon = memchr(word.data, ':', word.length);
    const char *dot = memchr(word.data, '.', word.length);
    if (colon != NULL && dot != NULL && dot < colon) word.length = (size_t)(colon - word.data);
    return address_read(word, ret_address);
}

/* Removes the last word from a list; false when there is none. */
static bool split_last(struct text *list, struct text *ret_word)
{
    if (list->length == 0) return false;
    const char *comma = memrchr(list->data, ',', list->length);
    const size_t before = comma == NULL ? 0 : (size_t)(comma - list->data);
    const size_t start = comma == NULL ? 0 : before + 1;
    *ret_word = text_trim((struct text){ list->data + start, list->length - start });
    list->length = before;
    return true;
}

struct in6_addr client_address_find(const struct proxies *proxies, struct in6_addr peer,
                                    const struct text *fields, size_t count)
{
    assert(count == 0 || fields != NULL);
    struct in6_addr client = peer;
    struct text list = { .data = NULL }, word;
    for (size_t seen = 0; seen < FORWARDED_MAX && proxies_have(proxies, &client); seen++) {
        struct in6_addr before;
        while (list.length == 0 && count > 0)
            list = fields[--count];
        if (!split_last(&list, &word) || forwarded_read(word, &before) != STATUS_OK) break;
        client = before;
    }
    return client;
}

struct text client_address_text(struct arena *arena, const struct in6_addr *address)
{
    char word[INET6_ADDRSTRLEN];
    const bool is_four = IN6_IS_ADDR_V4MAPPED(address);
    const char *written = is_four
                              ? inet_ntop(AF_INET, address->s6_addr + MAPPED_AT, word, sizeof word)
                              : inet_ntop(AF_INET6, address, word, sizeof word);
    assert(written != NULL);
    return text_copy(arena, text_of(word));
}
