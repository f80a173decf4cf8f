/* Peers: links opened and closed by the agent's snapshots, and what arrives from them. Nothing that
 * arrives is trusted before its frame is proved. */
#include <stdlib.h>
#include <string.h>

#include "runtime/bus_internal.h"
#include "runtime/log.h"
#include "runtime/metrics.h"

/* ---- peers ---- */

struct peer *bus_find_peer(const struct bus *bus, uint64_t incarnation)
{
    for (size_t i = 0; i < bus->peers_count; i++)
        if (bus->peers[i]->member.incarnation == incarnation) return bus->peers[i];
    return NULL;
}

/* Each opening has a number of its own, so that the peer knows that frames count anew (runtime/
 * README.md, Decisions: an opening counts anew). */
static struct frame_header bus_next_opening(struct bus *bus, const struct peer *peer)
{
    struct frame_header header = { .sender = text_of(bus->self.name),
                                   .sender_kind = (uint8_t)bus->self.kind,
                                   .incarnation = bus->self.incarnation,
                                   .opening = ++bus->last_opening };
    frame_prove(bus_key_of(bus, bus->self.kind), peer->member.incarnation, &header);
    return header;
}

static void bus_remember_past(struct bus *bus, const struct peer *peer)
{
    if (peer->opening == 0) return;
    struct past_peer *past = &bus->past[bus->next_past++ % MEMBERS_MAX];
    *past = (struct past_peer){ .incarnation = peer->member.incarnation, .opening = peer->opening };
    memcpy(past->sequences, peer->sequences, sizeof past->sequences);
}

static void bus_recall_past(struct bus *bus, struct peer *peer)
{
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        struct past_peer *past = &bus->past[i];
        if (past->incarnation != peer->member.incarnation) continue;
        peer->opening = past->opening;
        memcpy(peer->sequences, past->sequences, sizeof past->sequences);
        past->incarnation = 0;
    }
}

static void bus_add_peer(struct bus *bus, const struct member *member)
{
    assert(bus->peers_count < MEMBERS_MAX);
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL) abort();
    peer->member = *member;
    TAILQ_INIT(&peer->asks);
    TAILQ_INIT(&peer->waiting);
    peer->count = ++bus->last_count;
    /* The peer may still hold what this process has forgotten: it is to hear of the opening at
     * once. */
    peer->is_credit_due = true;
    bus_recall_past(bus, peer);
    const struct frame_header header = bus_next_opening(bus, peer);
    struct net *net = links_net(bus->links);
    outbox_init(&peer->lanes[LANE_CONTROL], net, member->control_endpoint, &header);
    outbox_init(&peer->lanes[LANE_DATA], net, member->data_endpoint, &header);
    bus->peers[bus->peers_count++] = peer;
    log_info("peer_linked", LOG_STRING("peer", member->name));
}

static void bus_remove_peer(struct bus *bus, size_t position)
{
    struct peer *peer = bus->peers[position];
    bus->peers[position] = bus->peers[--bus->peers_count];
    bus_remember_past(bus, peer);
    while (!TAILQ_EMPTY(&peer->asks))
        bus_end_ask(TAILQ_FIRST(&peer->asks), STATUS_UNAVAILABLE);
    for (size_t i = 0; i < LANES_COUNT; i++)
        outbox_clear(&peer->lanes[i]);
    log_info("peer_unlinked", LOG_STRING("peer", peer->member.name));
    free(peer);
}

void bus_drop_peers(struct bus *bus)
{
    while (bus->peers_count > 0)
        bus_remove_peer(bus, bus->peers_count - 1);
}

void bus_forgive_silence(struct bus *bus, int64_t absence_us)
{
    bus->heard_at_us += absence_us;
    bus->joined_at_us += absence_us;
    for (size_t i = 0; i < bus->peers_count; i++)
        if (bus->peers[i]->heard_at_us != 0) bus->peers[i]->heard_at_us += absence_us;
}

bool bus_hears_owner(const struct bus *bus, unsigned domain, unsigned shard)
{
    assert(bus != NULL);
    const struct member *owner = members_owner(&bus->members, domain, shard);
    if (owner == NULL) return false;
    if (owner->incarnation == bus->self.incarnation) return true;
    const struct peer *peer = bus_find_peer(bus, owner->incarnation);
    return peer != NULL && peer->heard_at_us != 0 &&
           loop_now_us(bus->options.loop) - peer->heard_at_us < BUS_HEARD_US;
}

bool bus_hears_hints(const struct bus *bus)
{
    assert(bus != NULL);
    const int64_t since_us = loop_now_us(bus->options.loop) - BUS_HEARD_US;
    bool has_node = false;
    for (size_t i = 0; i < bus->peers_count; i++) {
        const struct peer *peer = bus->peers[i];
        if (peer->member.kind != MEMBER_NODE) continue;
        if (peer->hints_heard_at_us == 0 || peer->hints_heard_at_us < since_us) return false;
        has_node = true;
    }
    return has_node;
}

/* Only nodes are asked, so of two others neither needs the other. */
static bool bus_wants_peer(const struct bus *bus, const struct member *member)
{
    if (member->incarnation == 0 || member->kind == MEMBER_AGENT) return false;
    if (strcmp(member->name, bus->self.name) == 0) return false;
    return member->kind == MEMBER_NODE || bus->self.kind == MEMBER_NODE;
}

static const struct member *members_find_incarnation(const struct members *members,
                                                     uint64_t incarnation)
{
    for (size_t i = 0; i < members->count; i++)
        if (members->list[i].incarnation == incarnation) return &members->list[i];
    return NULL;
}

static void bus_replay_early(struct bus *bus)
{
    const size_t count = bus->early_count;
    /* What is early still is put back behind these. */
    struct early_frame frames[BUS_EARLY_MAX];
    memcpy(frames, bus->early, sizeof frames);
    bus->early_count = bus->early_bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bus_read_frame(bus, frames[i].lane, (struct text){ frames[i].data, frames[i].length });
        free(frames[i].data);
    }
}

/* Joins again when the agent does not know us as we are; a newer process of our name keeps the
 * place. */
static void bus_check_own_entry(struct bus *bus)
{
    const struct member *own = members_find(&bus->members, text_of(bus->self.name));
    if (own == NULL || own->incarnation < bus->self.incarnation ||
        (own->incarnation == bus->self.incarnation && own->is_ready != bus->self.is_ready))
        bus->is_join_due = true;
}

void bus_receive_snapshot(struct bus *bus, uint64_t agent_incarnation, uint64_t version)
{
    const int64_t now_us = loop_now_us(bus->options.loop);
    if (version == 0) {
        /* A new agent asks who is there. */
        bus->is_join_due = true;
        bus_send_join(bus);
        return;
    }
    const bool is_older =
        version < bus->members.version || agent_incarnation < bus->agent_incarnation;
    const bool was_silent = now_us - bus->heard_at_us > 2 * BUS_SILENCE_US;
    /* A clock that was set back makes a new agent look old; when nobody else speaks it is believed.
     */
    if (is_older && !was_silent) return;
    bus->heard_at_us = now_us;
    bus->agent_incarnation = agent_incarnation;
    if (version == bus->members.version) {
        bus_check_own_entry(bus);
        return;
    }
    bus->members = bus->incoming;
    bus_check_own_entry(bus);
    for (size_t i = bus->peers_count; i > 0; i--) {
        struct peer *peer = bus->peers[i - 1];
        const struct member *member =
            members_find_incarnation(&bus->members, peer->member.incarnation);
        if (member == NULL || !bus_wants_peer(bus, member))
            bus_remove_peer(bus, i - 1);
        else
            peer->member = *member;
    }
    for (size_t i = 0; i < bus->members.count; i++) {
        const struct member *member = &bus->members.list[i];
        if (bus_wants_peer(bus, member) && bus_find_peer(bus, member->incarnation) == NULL)
            bus_add_peer(bus, member);
    }
    bus_replay_early(bus);
    links_wake(bus->links);
    if (bus->options.on_members != NULL)
        bus->options.on_members(bus->options.context, &bus->members);
}

/* ---- frames of peers that are not known yet ---- */

static void bus_keep_early(struct bus *bus, enum lane lane, struct text frame)
{
    if (bus->early_count >= BUS_EARLY_MAX ||
        bus->early_bytes + frame.length > BUS_EARLY_BYTES_MAX) {
        metric_add(METRIC_FRAMES_DROPPED, 1);
        return;
    }
    struct early_frame *early = &bus->early[bus->early_count++];
    *early = (struct early_frame){ lane, loop_now_us(bus->options.loop), malloc(frame.length),
                                   frame.length };
    if (early->data == NULL) abort();
    memcpy(early->data, frame.data, frame.length);
    bus->early_bytes += frame.length;
}

void bus_drop_early(struct bus *bus, int64_t before_us)
{
    size_t kept = 0;
    for (size_t i = 0; i < bus->early_count; i++) {
        struct early_frame *early = &bus->early[i];
        if (early->at_us >= before_us) {
            bus->early[kept++] = *early;
            continue;
        }
        metric_add(METRIC_FRAMES_DROPPED, 1);
        bus->early_bytes -= early->length;
        free(early->data);
    }
    bus->early_count = kept;
}

/* ---- envelopes ---- */

static void bus_receive_request(struct bus *bus, struct peer *peer, const struct envelope *envelope)
{
    /* Requests that never arrived will never be finished; their credit goes back with the next one.
     */
    if (envelope->sequence > peer->seen + 1) {
        peer->seen_done += envelope->sequence - peer->seen - 1;
        peer->is_credit_due = true;
    }
    if (envelope->sequence > peer->seen) peer->seen = envelope->sequence;
    struct return_address from = { .kind = peer->member.kind,
                                   .incarnation = peer->member.incarnation,
                                   .count = peer->count,
                                   .ask = envelope->ask,
                                   .number = envelope->number };
    memcpy(from.member, peer->member.name, sizeof from.member);
    bus->options.on_request(bus->options.context, envelope, &from);
}

static void peer_receive_credit(struct bus *bus, struct peer *peer, uint64_t done)
{
    if (done > peer->sent || done <= peer->sent_done) return;
    peer->sent_done = done;
    bus_pump(bus, peer);
}

/* A peer that waits for us says how many requests it has sent: those that were lost on the way are
 * finished. */
static void peer_receive_count(struct peer *peer, uint64_t sent)
{
    if (sent > peer->seen) {
        peer->seen_done += sent - peer->seen;
        peer->seen = sent;
    }
    peer->is_credit_due = true;
}

static void bus_lose_hints(struct bus *bus, const struct peer *peer)
{
    if (peer->member.kind == MEMBER_NODE && bus->options.on_hints_lost != NULL)
        bus->options.on_hints_lost(bus->options.context);
}

static void bus_receive_hint(struct bus *bus, const struct peer *peer,
                             const struct envelope *envelope)
{
    struct hint hint;
    if (peer->member.kind != MEMBER_NODE) return;
    if (envelope->domain == HINT_LOST) bus_lose_hints(bus, peer);
    if (bus->options.on_hint == NULL || envelope->domain == HINT_LOST) return;
    if (hint_read(envelope, &hint) == STATUS_OK)
        bus->options.on_hint(bus->options.context, &hint);
    else
        metric_add(METRIC_ENVELOPES_DROPPED, 1);
}

static void bus_receive_envelope(struct bus *bus, struct peer *peer, enum lane lane,
                                 const struct envelope *envelope)
{
    if (lane == LANE_DATA && envelope->kind == ENVELOPE_REQUEST) {
        bus_receive_request(bus, peer, envelope);
    } else if (lane == LANE_DATA && envelope->kind == ENVELOPE_REPLY) {
        bus_receive_reply(bus, peer, envelope);
    } else if (lane == LANE_DATA && envelope->kind == ENVELOPE_PING) {
        peer_receive_count(peer, envelope->sequence);
    } else if (lane == LANE_CONTROL && envelope->kind == ENVELOPE_CREDIT) {
        peer_receive_credit(bus, peer, envelope->sequence);
    } else if (lane == LANE_CONTROL && envelope->kind == ENVELOPE_HINT) {
        bus_receive_hint(bus, peer, envelope);
    } else {
        metric_add(METRIC_ENVELOPES_DROPPED, 1);
    }
}

/* ---- frames ---- */

static void bus_read_agent_frame(struct bus *bus, enum lane lane, struct frame_reader *reader,
                                 const struct frame_header *header)
{
    struct envelope envelope;
    if (lane != LANE_CONTROL || !frame_is_proved(bus->options.keys->mesh, 0, header) ||
        frame_next(reader, &envelope) != STATUS_OK || envelope.kind != ENVELOPE_SNAPSHOT ||
        members_decode(envelope.body, &bus->incoming) != STATUS_OK) {
        metric_add(METRIC_FRAMES_DROPPED, 1);
        return;
    }
    bus_receive_snapshot(bus, header->incarnation, bus->incoming.version);
}

static bool bus_proves_frame(const struct bus *bus, const struct frame_header *header)
{
    if (header->sender_kind != MEMBER_NODE && header->sender_kind != MEMBER_GATEWAY &&
        header->sender_kind != MEMBER_CLIENT)
        return false;
    return frame_is_proved(bus_key_of(bus, (enum member_kind)header->sender_kind),
                           bus->self.incarnation, header);
}

/* The peer counts anew: it knows nothing of our requests any more, and its answers to them may be
 * lost. Ours to its own are still welcome, but not counted. */
static void bus_meet_opening(struct bus *bus, struct peer *peer, uint64_t opening)
{
    const bool is_first = peer->opening == 0;
    peer->opening = opening;
    for (size_t i = 0; i < LANES_COUNT; i++) {
        peer->sequences[i] = 0;
        peer->has_frame[i] = false;
    }
    peer->seen = peer->seen_done = 0;
    peer->count = ++bus->last_count;
    peer->is_credit_due = true;
    if (is_first) return;
    bus_lose_hints(bus, peer);
    log_info("peer_opened_anew", LOG_STRING("peer", peer->member.name));
    bus_end_sent_asks(peer);
}

/* Frames of the peer were lost, and with them answers: what it was asked ends. Its own requests may
 * be lost, too, so it is told to do the same, by an opening. */
static void bus_mend_hole(struct bus *bus, struct peer *peer)
{
    log_info("peer_frames_lost", LOG_STRING("peer", peer->member.name));
    bus_end_sent_asks(peer);
    const struct frame_header header = bus_next_opening(bus, peer);
    for (size_t i = 0; i < LANES_COUNT; i++)
        outbox_set_header(&peer->lanes[i], &header);
    peer->is_credit_due = true;
}

/* False if the frame is of an earlier opening, or has been there already. */
static bool bus_accept_frame(struct bus *bus, struct peer *peer, enum lane lane,
                             const struct frame_header *header)
{
    if (header->opening == 0 || header->opening < peer->opening) return false;
    if (header->opening > peer->opening) bus_meet_opening(bus, peer, header->opening);
    if (header->sequence <= peer->sequences[lane]) return false;
    const uint64_t hole = header->sequence - peer->sequences[lane] - 1;
    if (hole > 0) metric_add(METRIC_FRAMES_DROPPED, hole < INT32_MAX ? (int64_t)hole : INT32_MAX);
    /* Before the first frame nothing is known to be lost: a link may begin in the middle of an
     * opening. */
    if (hole > 0 && lane == LANE_DATA && peer->has_frame[lane]) bus_mend_hole(bus, peer);
    if (hole > 0 && lane == LANE_CONTROL) bus_lose_hints(bus, peer);
    peer->sequences[lane] = header->sequence;
    peer->has_frame[lane] = true;
    peer->heard_at_us = loop_now_us(bus->options.loop);
    if (lane == LANE_CONTROL) peer->hints_heard_at_us = peer->heard_at_us;
    return true;
}

static void bus_read_peer_frame(struct bus *bus, struct peer *peer, enum lane lane,
                                struct frame_reader *reader, const struct frame_header *header)
{
    const uint64_t incarnation = peer->member.incarnation;
    if (!bus_accept_frame(bus, peer, lane, header)) {
        metric_add(METRIC_FRAMES_DROPPED, 1);
        return;
    }
    struct envelope envelope;
    enum status status;
    while ((status = frame_next(reader, &envelope)) == STATUS_OK) {
        bus_receive_envelope(bus, peer, lane, &envelope);
        /* What was called may have let the peer go. */
        peer = bus_find_peer(bus, incarnation);
        if (peer == NULL) return;
    }
    if (status == STATUS_CORRUPT) metric_add(METRIC_ENVELOPES_DROPPED, 1);
}

void bus_read_frame(struct bus *bus, enum lane lane, struct text frame)
{
    struct frame_reader reader;
    struct frame_header header;
    if (frame_open(frame, &reader, &header) != STATUS_OK) {
        metric_add(METRIC_FRAMES_DROPPED, 1);
        return;
    }
    if (header.sender_kind == MEMBER_AGENT) {
        bus_read_agent_frame(bus, lane, &reader, &header);
        return;
    }
    if (!bus_proves_frame(bus, &header)) {
        metric_add(METRIC_FRAMES_DROPPED, 1);
        return;
    }
    struct peer *peer = bus_find_peer(bus, header.incarnation);
    if (peer != NULL && text_equals_string(header.sender, peer->member.name) &&
        peer->member.kind == header.sender_kind) {
        bus_read_peer_frame(bus, peer, lane, &reader, &header);
        return;
    }
    const struct member *known = members_find(&bus->members, header.sender);
    if (known != NULL && known->incarnation >= header.incarnation)
        metric_add(METRIC_FRAMES_DROPPED, 1); /* of a life that is over */
    else
        bus_keep_early(bus, lane, frame);
}
