/* Makes snapshots of commits, each of the one before if it can be. */
#include "actors/catalog/search_snapshot.hh"

#include <algorithm>
#include <cstring>

namespace search
{

/* ---- rows ---- */

/* Of documents: the id, then the row; empty: none. */
void Rows::put(size_t number, const std::vector<std::string> &values)
{
    size_t size = 0;
    for (const std::string &value : values) {
        if (value.empty()) continue;
        const bool is_one = value.size() > sizeof(struct uuid) &&
                            value.size() <= sizeof(struct uuid) + SEARCH_ROW_BYTES_MAX;
        if (!is_one) throw other_format();
        size += value.size() - sizeof(struct uuid);
    }
    if (number >= blocks.size()) blocks.resize(number + 1);
    blocks[number] = nullptr;
    if (size == 0) return;
    void *memory = ::operator new(sizeof(block) + size + BLOCK * sizeof(struct uuid));
    std::memset(memory, 0, sizeof(block) + size + BLOCK * sizeof(struct uuid));
    auto *made = static_cast<block *>(memory);
    blocks[number] = { made, [](block *gone) { ::operator delete(gone); } };
    char *bytes = reinterpret_cast<char *>(made + 1), *ids = bytes + size;
    size_t end = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        if (!values[i].empty()) {
            std::memcpy(ids + i * sizeof(struct uuid), values[i].data(), sizeof(struct uuid));
            const size_t length = values[i].size() - sizeof(struct uuid);
            std::memcpy(bytes + end, values[i].data() + sizeof(struct uuid), length);
            end += length;
        }
        made->ends[i] = static_cast<uint16_t>(end);
    }
}

std::string Rows::value_of(size_t number, size_t place) const
{
    if (number >= blocks.size() || blocks[number] == nullptr) return std::string();
    const block *old = blocks[number].get();
    const size_t start = old->start(place), length = old->ends[place] - start;
    if (length == 0) return std::string();
    std::string value(reinterpret_cast<const char *>(&old->ids()[place]), sizeof(struct uuid));
    return value.append(old->bytes() + start, length);
}

void Rows::load(const Xapian::Database &database)
{
    blocks.clear();
    blocks.reserve(database.get_lastdocid() / BLOCK + 1);
    std::vector<std::string> values(BLOCK);
    size_t number = 0;
    for (auto value = database.valuestream_begin(ROW_SLOT);
         value != database.valuestream_end(ROW_SLOT); ++value) {
        const Xapian::docid document = value.get_docid();
        if (number_of(document) != number) {
            put(number, values);
            values.assign(BLOCK, std::string());
            number = number_of(document);
        }
        values[place_of(document)] = *value;
    }
    put(number, values);
}

void Rows::reload(const Xapian::Database &database, const std::vector<Xapian::docid> &changed)
{
    auto value = database.valuestream_begin(ROW_SLOT);
    const auto end = database.valuestream_end(ROW_SLOT);
    for (size_t i = 0; i < changed.size();) {
        const size_t number = number_of(changed[i]);
        std::vector<std::string> values(BLOCK);
        for (size_t place = 0; place < BLOCK; place++)
            values[place] = value_of(number, place);
        for (; i < changed.size() && number_of(changed[i]) == number; i++) {
            if (value != end) value.skip_to(changed[i]);
            const bool is_there = value != end && value.get_docid() == changed[i];
            values[place_of(changed[i])] = is_there ? *value : std::string();
        }
        put(number, values);
    }
}

/* ---- snapshots ---- */

namespace
{

/* All that somebody has; never destroyed, since threads may outlive what is static. */
struct registry {
    std::mutex guard;
    std::vector<std::weak_ptr<const Snapshot>> list;
};

registry &all_snapshots()
{
    static registry &all = *new registry;
    return all;
}

std::shared_ptr<const struct search_names> owned(struct search_names *names)
{
    return { names, [](struct search_names *list) { search_names_destroy(&list); } };
}

std::shared_ptr<const struct search_words> owned(struct search_words *words)
{
    return { words, [](struct search_words *list) { search_words_destroy(&list); } };
}

bool is_apart(char byte)
{
    return std::strchr(" -/&.,'+()", byte) != nullptr;
}

} // namespace

bool Snapshot::is_before(const std::string &other, const log_head &later) const
{
    return index == other && head.generation == later.generation && head.words <= later.words &&
           head.names <= later.names && head.rows <= later.rows;
}

std::shared_ptr<const Snapshot> Snapshot::of(const Xapian::Database &database)
{
    const log_head now = read_log_head(database);
    const std::string index = database.get_uuid();
    registry &all = all_snapshots();
    const std::lock_guard<std::mutex> lock(all.guard);
    std::shared_ptr<const Snapshot> before;
    for (size_t i = 0; i < all.list.size();) {
        const std::shared_ptr<const Snapshot> one = all.list[i].lock();
        if (one == nullptr) {
            all.list.erase(all.list.begin() + static_cast<long>(i));
            continue;
        }
        i++;
        if (!one->is_before(index, now)) continue;
        if (before == nullptr || before->is_before(index, one->head)) before = one;
    }
    if (before != nullptr && now.is_equal(before->head)) return before;
    std::shared_ptr<const Snapshot> made = make(database, index, now, before.get());
    all.list.push_back(made);
    return made;
}

std::shared_ptr<const Snapshot> Snapshot::make(const Xapian::Database &database,
                                               const std::string &index, const log_head &head,
                                               const Snapshot *before)
{
    auto made = std::make_shared<Snapshot>();
    made->index = index;
    made->head = head;
    made->read_names(database, before);
    made->read_words(database, before);
    made->read_rows(database, before);
    return made;
}

void Snapshot::read_names(const Xapian::Database &database, const Snapshot *before)
{
    const unsigned long first = before == nullptr ? 0 : before->head.names;
    if (before != nullptr && first == head.names) {
        names_ = before->names_;
        return;
    }
    struct search_names *names =
        before == nullptr ? search_names_new() : search_names_copy(before->names());
    names_ = owned(names);
    for (unsigned long i = first; i < head.names; i++) {
        const std::string records = database.get_metadata(log_key(NAMES_LOG, i));
        if (search_names_replay(names, text_of_string(records)) != STATUS_OK) throw other_format();
    }
}

void Snapshot::read_words(const Xapian::Database &database, const Snapshot *before)
{
    const unsigned long first = before == nullptr ? 0 : before->head.words;
    if (before != nullptr && first == head.words) {
        words_ = before->words_;
        return;
    }
    struct search_words *words =
        before == nullptr ? search_words_new() : search_words_copy(before->words());
    words_ = owned(words);
    for (unsigned long i = first; i < head.words; i++) {
        const std::string lines = database.get_metadata(log_key(WORDS_LOG, i));
        search_words_add(words, text_of_string(lines));
    }
    search_words_sort(words);
}

void Snapshot::read_rows(const Xapian::Database &database, const Snapshot *before)
{
    std::vector<Xapian::docid> changed;
    const bool is_known =
        before != nullptr && read_rows_log(database, before->head.rows, head.rows, changed);
    if (!is_known) {
        rows.load(database);
        return;
    }
    rows = before->rows;
    rows.reload(database, changed);
}

void Snapshot::make_places() const
{
    for (uint32_t i = 0; i < search_names_count(names()); i++) {
        const struct search_name name = search_names_get(names(), i);
        if (name.kind > SEARCH_NAME_VENDOR) continue;
        const std::string whole = folded(name.name);
        for (size_t at = 0; at < whole.size(); at++) {
            const bool begins_word = !is_apart(whole[at]) && (at == 0 || is_apart(whole[at - 1]));
            if (begins_word) places_.push_back({ whole.substr(at), i });
        }
    }
    std::sort(places_.begin(), places_.end(), [](const auto &a, const auto &b) {
        return a.rest != b.rest ? a.rest < b.rest : a.number < b.number;
    });
}

const std::vector<named_place> &Snapshot::places() const
{
    std::call_once(places_once, [this] { make_places(); });
    return places_;
}

} // namespace search
