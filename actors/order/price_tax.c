/* Taxes: for each vendor's part and rate on the sum of what is taxed, shared to its lines and
 * deliveries. */
#include "actors/order/price_internal.h"

/* The rates of one class, by id, and what each still has to share. */
struct class_rates {
    size_t count;
    size_t rates[PRICE_RATES_MAX];
    int64_t ppm[PRICE_RATES_MAX], left[PRICE_RATES_MAX];
    int64_t ppm_sum;
};

static void add_piece(struct price_work *work, size_t column, unsigned tax_class, int64_t amount)
{
    assert(work->pieces_count < PRICE_PIECES_MAX);
    work->pieces[work->pieces_count++] =
        (struct price_piece){ .column = column, .tax_class = tax_class, .amount = amount };
}

/* ---- what is taxed ---- */

/* By what the lines of a delivery are weighed against each other: what is left of their price; when
 * all are free, their price before promotions; when that is nothing, too, they count alike. */
enum measure { BY_LEFT, BY_GOODS, BY_COUNT };

static int64_t measured(const struct price_work *work, size_t line, enum measure measure)
{
    switch (measure) {
    case BY_LEFT:
        return work->left[line];
    case BY_GOODS:
        return work->amounts[line];
    case BY_COUNT:
        break;
    }
    return 1;
}

static size_t find_or_add_class(unsigned classes[PRICE_LINES_MAX], struct price_sharing *sharing,
                                unsigned tax_class)
{
    for (size_t i = 0; i < sharing->count; i++)
        if (classes[i] == tax_class) return i;
    classes[sharing->count] = tax_class;
    sharing->weights[sharing->count] = 0;
    return sharing->count++;
}

/* The classes of a consignment's goods with their values; by id of the first line of each. */
static int64_t measure_classes(struct price_work *work, size_t consignment, enum measure measure,
                               unsigned classes[PRICE_LINES_MAX])
{
    int64_t sum = 0;
    work->sharing.count = 0;
    for (size_t i = 0; i < work->request->lines_count; i++) {
        const size_t index = work->line_order[i];
        const struct price_line *line = &work->request->lines[index];
        if (line->is_digital || line->consignment != consignment) continue;
        const int64_t value = measured(work, index, measure);
        work->sharing.weights[find_or_add_class(classes, &work->sharing, line->tax_class)] += value;
        sum += value;
    }
    return sum;
}

static enum status split_delivery(struct price_work *work, size_t consignment)
{
    const size_t column = work->consignments.first + consignment;
    struct price_sharing *sharing = &work->sharing;
    unsigned classes[PRICE_LINES_MAX];
    int64_t sum = 0;
    for (enum measure measure = BY_LEFT; measure <= BY_COUNT && sum == 0; measure++)
        sum = measure_classes(work, consignment, measure, classes);
    if (sum == 0) return STATUS_OK; /* nothing is sent */
    TRY(amount_allocate(work->left[column], sharing->weights, sharing->count, sharing->amounts,
                        sharing->remainders));
    for (size_t i = 0; i < sharing->count; i++) {
        add_piece(work, column, classes[i], sharing->amounts[i]);
        struct price_trace_entry entry =
            price_column_entry(work, PRICE_RULE_SPLIT, column, classes[i]);
        entry.base = work->left[column];
        entry.factor = sharing->weights[i];
        entry.divisor = sum;
        entry.amount = sharing->amounts[i];
        entry.remainder = sharing->remainders[i];
        price_trace_add(work, &entry);
    }
    return STATUS_OK;
}

static enum status cut_pieces(struct price_work *work, size_t vendor)
{
    const struct price_request *request = work->request;
    work->pieces_count = 0;
    for (size_t i = 0; i < request->lines_count; i++) {
        const size_t line = work->line_order[i];
        if (request->lines[line].vendor == vendor)
            add_piece(work, line, request->lines[line].tax_class, work->left[line]);
    }
    for (size_t i = 0; i < request->consignments_count; i++) {
        const size_t consignment = work->consignment_order[i];
        if (request->consignments[consignment].vendor != vendor) continue;
        if (!work->consignment_results[consignment].has_method) continue;
        const size_t column = work->consignments.first + consignment;
        if (request->delivery_tax == PRICE_DELIVERY_TAX_AS_GOODS)
            TRY(split_delivery(work, consignment));
        else
            add_piece(work, column, request->delivery_tax_class, work->left[column]);
    }
    return STATUS_OK;
}

/* The part's pieces of a class as the weights of a sharing. Statuses: OK, OUT_OF_RANGE. */
static enum status gather_class(struct price_work *work, unsigned tax_class, int64_t *ret_sum)
{
    struct price_sharing *sharing = &work->sharing;
    int64_t sum = 0;
    sharing->count = 0;
    for (size_t i = 0; i < work->pieces_count; i++) {
        const struct price_piece *piece = &work->pieces[i];
        if (piece->tax_class != tax_class) continue;
        sharing->columns[sharing->count] = piece->column;
        sharing->weights[sharing->count++] = piece->amount;
        TRY(price_add_to(&sum, piece->amount));
    }
    *ret_sum = sum;
    return STATUS_OK;
}

static void put_tax(struct price_work *work, size_t rate, size_t column, int64_t base,
                    int64_t amount)
{
    const size_t place = rate * work->columns_count + column;
    work->tax_bases[place] += base;
    work->tax_amounts[place] += amount;
    work->is_taxed[place] = true;
}

static struct price_trace_entry part_entry(enum price_rule rule, size_t vendor, size_t object)
{
    return (struct price_trace_entry){ .rule = rule,
                                       .subject = PRICE_SUBJECT_PART,
                                       .index = (unsigned)vendor,
                                       .object = (unsigned)object };
}

static void note_share(struct price_work *work, enum price_rule rule, size_t place, size_t object,
                       const struct price_trace_entry *whole)
{
    if (work->entries == NULL) return;
    struct price_trace_entry entry =
        price_column_entry(work, rule, work->sharing.columns[place], object);
    entry.base = whole->amount;
    entry.factor = work->sharing.weights[place];
    entry.divisor = whole->base;
    entry.amount = work->sharing.amounts[place];
    entry.remainder = work->sharing.remainders[place];
    price_trace_add(work, &entry);
}

/* ---- tax on top of the prices ---- */

static enum status add_tax(struct price_work *work, size_t vendor, size_t rate)
{
    struct price_sharing *sharing = &work->sharing;
    struct price_trace_entry whole = part_entry(PRICE_RULE_TAX, vendor, rate);
    TRY(gather_class(work, work->request->rates[rate].tax_class, &whole.base));
    if (sharing->count == 0) return STATUS_OK;
    whole.factor = work->request->rates[rate].ppm;
    whole.divisor = PRICE_PPM;
    if (work->request->is_tax_exempt) {
        whole.reason = PRICE_REASON_EXEMPT;
        whole.divisor = 0;
        price_trace_add(work, &whole);
        return STATUS_OK;
    }
    TRY(amount_scale(whole.base, whole.factor, PRICE_PPM, &whole.amount, &whole.remainder));
    price_trace_add(work, &whole);
    TRY(amount_allocate(whole.amount, sharing->weights, sharing->count, sharing->amounts,
                        sharing->remainders));
    for (size_t i = 0; i < sharing->count; i++) {
        put_tax(work, rate, sharing->columns[i], sharing->weights[i], sharing->amounts[i]);
        note_share(work, PRICE_RULE_TAX_SHARE, i, rate, &whole);
    }
    return STATUS_OK;
}

/* ---- tax that the prices contain ---- */

static void gather_rates(const struct price_work *work, unsigned tax_class,
                         struct class_rates *ret_rates)
{
    *ret_rates = (struct class_rates){ .count = 0 };
    for (size_t i = 0; i < work->request->rates_count; i++) {
        const size_t rate = work->rate_order[i];
        if (work->request->rates[rate].tax_class != tax_class) continue;
        ret_rates->rates[ret_rates->count] = rate;
        ret_rates->ppm[ret_rates->count++] = work->request->rates[rate].ppm;
        ret_rates->ppm_sum += work->request->rates[rate].ppm;
    }
}

/* Shares the contained tax among the rates: what each has to give to the pieces. */
static enum status share_rates(struct price_work *work, size_t vendor, int64_t contained,
                               struct class_rates *rates)
{
    int64_t remainders[PRICE_RATES_MAX];
    TRY(amount_allocate(contained, rates->ppm, rates->count, rates->left, remainders));
    for (size_t i = 0; i < rates->count; i++) {
        struct price_trace_entry entry = part_entry(PRICE_RULE_TAX, vendor, rates->rates[i]);
        entry.base = contained;
        entry.factor = rates->ppm[i];
        entry.divisor = rates->ppm_sum;
        entry.amount = rates->left[i];
        entry.remainder = remainders[i];
        price_trace_add(work, &entry);
    }
    return STATUS_OK;
}

/* Divides what one piece contains among the rates, by what each still has to give: so pieces and
 * rates both come out exactly, and the last piece gets what is left. */
static enum status divide_piece(struct price_work *work, size_t place, struct class_rates *rates)
{
    const struct price_sharing *sharing = &work->sharing;
    const int64_t contained = sharing->amounts[place];
    int64_t amounts[PRICE_RATES_MAX], remainders[PRICE_RATES_MAX], divisor = 0;
    for (size_t i = 0; i < rates->count; i++)
        divisor += rates->left[i];
    TRY(amount_allocate(contained, rates->left, rates->count, amounts, remainders));
    for (size_t i = 0; i < rates->count; i++) {
        const size_t column = sharing->columns[place];
        put_tax(work, rates->rates[i], column, sharing->weights[place] - contained, amounts[i]);
        struct price_trace_entry entry =
            price_column_entry(work, PRICE_RULE_TAX_SHARE, column, rates->rates[i]);
        entry.base = contained;
        entry.factor = rates->left[i];
        entry.divisor = divisor;
        entry.amount = amounts[i];
        entry.remainder = remainders[i];
        price_trace_add(work, &entry);
        rates->left[i] -= amounts[i];
        assert(rates->left[i] >= 0);
    }
    return STATUS_OK;
}

static void exempt_piece(struct price_work *work, size_t place)
{
    const size_t column = work->sharing.columns[place];
    work->exempted[column] += work->sharing.amounts[place];
    struct price_trace_entry entry = price_column_entry(work, PRICE_RULE_EXEMPTION, column, 0);
    entry.amount = work->sharing.amounts[place];
    price_trace_add(work, &entry);
}

static enum status find_contained(struct price_work *work, size_t vendor, unsigned tax_class)
{
    struct price_sharing *sharing = &work->sharing;
    struct class_rates rates;
    struct price_trace_entry whole = part_entry(PRICE_RULE_CONTAINED, vendor, tax_class);
    TRY(gather_class(work, tax_class, &whole.base));
    if (sharing->count == 0) return STATUS_OK;
    gather_rates(work, tax_class, &rates);
    whole.factor = rates.ppm_sum;
    whole.divisor = PRICE_PPM + rates.ppm_sum;
    TRY(amount_scale(whole.base, whole.factor, whole.divisor, &whole.amount, &whole.remainder));
    price_trace_add(work, &whole);
    TRY(amount_allocate(whole.amount, sharing->weights, sharing->count, sharing->amounts,
                        sharing->remainders));
    const bool is_exempt = work->request->is_tax_exempt;
    if (!is_exempt) TRY(share_rates(work, vendor, whole.amount, &rates));
    for (size_t i = 0; i < sharing->count; i++) {
        note_share(work, PRICE_RULE_CONTAINED_SHARE, i, tax_class, &whole);
        if (is_exempt)
            exempt_piece(work, i);
        else
            TRY(divide_piece(work, i, &rates));
    }
    return STATUS_OK;
}

/* True of the first rate of each class, by id: a class is looked at once. */
static bool is_first_of_class(const struct price_work *work, size_t place)
{
    const struct price_rate *rates = work->request->rates;
    for (size_t i = 0; i < place; i++)
        if (rates[work->rate_order[i]].tax_class == rates[work->rate_order[place]].tax_class)
            return false;
    return true;
}

enum status price_taxes(struct price_work *work)
{
    const struct price_request *request = work->request;
    if (request->rates_count == 0) return STATUS_OK;
    for (size_t vendor = 0; vendor < request->vendors_count; vendor++) {
        TRY(cut_pieces(work, vendor));
        for (size_t i = 0; i < request->rates_count; i++) {
            const size_t rate = work->rate_order[i];
            if (!request->prices_include_tax)
                TRY(add_tax(work, vendor, rate));
            else if (is_first_of_class(work, i))
                TRY(find_contained(work, vendor, request->rates[rate].tax_class));
        }
    }
    return STATUS_OK;
}
