/* The settling of promotions against a model that shares nothing with the implementation: it sells
 * single units, shares single minor units, and keeps every share as a record. */
#include "tests/actors/order/price_case.h"

enum { MODEL_LINES_MAX = 4, MODEL_PROMOTIONS_MAX = 5, MODEL_UNITS_MAX = 16, MODEL_CARTS = 20000 };

struct model {
    const struct price_request *request;
    size_t lines[MODEL_LINES_MAX]; /* by id */
    int64_t taken[MODEL_PROMOTIONS_MAX][MODEL_LINES_MAX];
};

static bool is_targeted(const struct model *model, const struct price_promotion *promotion,
                        size_t line)
{
    if (promotion->target.kind == PRICE_SELECT_ALL) return true;
    return uuid_equals(promotion->target.products[0], model->request->lines[line].product_id);
}

static int64_t left_of(const struct model *model, size_t line)
{
    int64_t left = model->request->lines[line].list_amount * model->request->lines[line].quantity;
    for (size_t i = 0; i < model->request->promotions_count; i++)
        left -= model->taken[i][line];
    return left;
}

/* Gives one minor unit after the other to whoever lacks most of the exact share, the first in the
 * order of ids. */
static void deal_out(const struct model *model, int64_t total, const int64_t weights[],
                     int64_t shares[])
{
    int64_t sum = 0;
    for (size_t i = 0; i < MODEL_LINES_MAX; i++) {
        sum += weights[i];
        shares[i] = 0;
    }
    for (int64_t dealt = 0; dealt < total && sum > 0; dealt++) {
        size_t best = MODEL_LINES_MAX;
        int64_t most = INT64_MIN;
        for (size_t k = 0; k < model->request->lines_count; k++) {
            const size_t line = model->lines[k];
            const int64_t lacking = total * weights[line] - shares[line] * sum;
            if (lacking > most) {
                most = lacking;
                best = line;
            }
        }
        shares[best]++;
    }
}

/* The units of the targeted lines as they lie on the counter, the dearest first; every set of them
 * is paid up to buy_quantity, so what is given is counted from the cheap end. */
static void sell_units(const struct model *model, const struct price_promotion *promotion,
                       int64_t given[])
{
    size_t units[MODEL_UNITS_MAX], count = 0;
    for (size_t k = 0; k < model->request->lines_count; k++) {
        const size_t line = model->lines[k];
        given[line] = 0;
        if (!is_targeted(model, promotion, line)) continue;
        for (int64_t i = 0; i < model->request->lines[line].quantity; i++)
            units[count++] = line;
    }
    int64_t to_give = 0;
    for (size_t i = 0; i < count; i++)
        to_give += (int64_t)i % (promotion->buy_quantity + promotion->get_quantity) >=
                   promotion->buy_quantity;
    for (; to_give > 0; to_give--) {
        size_t cheapest = MODEL_UNITS_MAX;
        for (size_t i = 0; i < count; i++) {
            if (units[i] == SIZE_MAX) continue;
            if (cheapest == MODEL_UNITS_MAX ||
                model->request->lines[units[i]].list_amount <
                    model->request->lines[units[cheapest]].list_amount)
                cheapest = i;
        }
        given[units[cheapest]]++;
        units[cheapest] = SIZE_MAX;
    }
}

static int64_t round_half_up(int64_t numerator, int64_t divisor)
{
    return (2 * numerator + divisor) / (2 * divisor);
}

/* What the promotion takes from each line if `left` is there. */
static int64_t would_take(const struct model *model, size_t index, const int64_t left[],
                          int64_t shares[])
{
    const struct price_promotion *promotion = &model->request->promotions[index];
    int64_t weights[MODEL_LINES_MAX] = { 0 }, sum = 0, total = 0;
    for (size_t i = 0; i < model->request->lines_count; i++)
        if (is_targeted(model, promotion, i)) sum += weights[i] = left[i];
    if (promotion->kind == PRICE_PROMOTION_PERCENT)
        total = round_half_up(sum * promotion->ppm, PRICE_PPM);
    if (promotion->kind == PRICE_PROMOTION_FIXED) total = promotion->fixed_amount;
    if (promotion->kind == PRICE_PROMOTION_BUY_X_GET_Y) {
        int64_t given[MODEL_LINES_MAX] = { 0 };
        sell_units(model, promotion, given);
        for (size_t i = 0; i < model->request->lines_count; i++) {
            weights[i] = round_half_up(weights[i] * given[i] * promotion->ppm,
                                       model->request->lines[i].quantity * PRICE_PPM);
            total += weights[i];
        }
    }
    if (promotion->has_cap && total > promotion->cap_amount) total = promotion->cap_amount;
    if (total > sum) total = sum;
    deal_out(model, total, weights, shares);
    return total;
}

/* By asking for every promotion how many are before it. */
static size_t next_promotion(const struct model *model, size_t place)
{
    for (size_t i = 0; i < model->request->promotions_count; i++) {
        size_t before = 0;
        for (size_t k = 0; k < model->request->promotions_count; k++) {
            const struct price_promotion *a = &model->request->promotions[k],
                                         *b = &model->request->promotions[i];
            before += a->priority < b->priority ||
                      (a->priority == b->priority && uuid_compare(a->id, b->id) < 0);
        }
        if (before == place) return i;
    }
    fail_msg("no promotion has place %zu", place);
    return 0;
}

static void combine(struct model *model, size_t index)
{
    int64_t left[MODEL_LINES_MAX] = { 0 }, shares[MODEL_LINES_MAX];
    for (size_t i = 0; i < model->request->lines_count; i++)
        left[i] = left_of(model, i);
    (void)would_take(model, index, left, shares);
    memcpy(model->taken[index], shares, sizeof shares);
}

/* Two worlds: with it and without; the shopper takes the one in which more is taken off, and at the
 * same amount the one of the promotion that comes first. */
static void choose_world(struct model *model, size_t place)
{
    const size_t index = next_promotion(model, place);
    struct model other = *model;
    int64_t full[MODEL_LINES_MAX] = { 0 }, shares[MODEL_LINES_MAX], without = 0, with = 0;
    bool is_first = true;
    for (size_t i = 0; i < model->request->lines_count; i++) {
        full[i] = model->request->lines[i].list_amount * model->request->lines[i].quantity;
        if (!is_targeted(model, &model->request->promotions[index], i)) continue;
        for (size_t k = 0; k < place; k++)
            is_first &= model->taken[next_promotion(model, k)][i] == 0;
        for (size_t k = 0; k < model->request->promotions_count; k++)
            other.taken[k][i] = 0;
    }
    if (would_take(model, index, full, shares) == 0) return;
    memcpy(other.taken[index], shares, sizeof shares);
    for (size_t i = 0; i < model->request->lines_count; i++) {
        without += full[i] - left_of(model, i);
        with += full[i] - left_of(&other, i);
    }
    if (with > without || (with == without && is_first)) *model = other;
}

static void settle(struct model *model)
{
    const size_t count = model->request->promotions_count;
    for (size_t i = 0; i < count; i++)
        if (!model->request->promotions[next_promotion(model, i)].is_exclusive)
            combine(model, next_promotion(model, i));
    for (size_t i = 0; i < count; i++)
        if (model->request->promotions[next_promotion(model, i)].is_exclusive)
            choose_world(model, i);
}

static void find_lines(struct model *model)
{
    for (size_t i = 0; i < model->request->lines_count; i++) {
        size_t before = 0;
        for (size_t k = 0; k < model->request->lines_count; k++)
            before += uuid_compare(model->request->lines[k].id, model->request->lines[i].id) < 0;
        model->lines[before] = i;
    }
}

static struct price_case *small_case(struct price_chance *chance)
{
    static const int64_t usual_ppm[] = { 0, 100000, 333333, 500000, PRICE_PPM };
    struct price_case *shop = price_case_new("EUR");
    for (int64_t i = 1 + price_chance_below(chance, MODEL_LINES_MAX); i > 0; i--) {
        struct price_line *line =
            price_case_add_line(shop, (size_t)price_chance_below(chance, 2),
                                price_chance_below(chance, 40), 1 + price_chance_below(chance, 4));
        line->id.bytes[1] = (uint8_t)price_chance_next(chance);
    }
    for (int64_t i = 1 + price_chance_below(chance, MODEL_PROMOTIONS_MAX); i > 0; i--) {
        static const enum price_promotion_kind kinds[] = { PRICE_PROMOTION_PERCENT,
                                                           PRICE_PROMOTION_FIXED,
                                                           PRICE_PROMOTION_BUY_X_GET_Y };
        struct price_promotion *promotion =
            price_case_add_promotion(shop, kinds[price_chance_below(chance, 3)]);
        promotion->id.bytes[1] = (uint8_t)price_chance_next(chance);
        promotion->priority = price_chance_below(chance, 3) - 1;
        promotion->is_exclusive = price_chance_below(chance, 2) == 0;
        promotion->ppm = usual_ppm[price_chance_below(chance, 5)];
        promotion->fixed_amount = price_chance_below(chance, 50);
        promotion->buy_quantity = 1 + price_chance_below(chance, 2);
        promotion->get_quantity = 1 + price_chance_below(chance, 2);
        promotion->has_cap = price_chance_below(chance, 3) == 0;
        promotion->cap_amount = price_chance_below(chance, 30);
        if (price_chance_below(chance, 2) == 0) continue;
        promotion->target = (struct price_selection){
            .kind = PRICE_SELECT_PRODUCTS,
            .products = &shop->lines[price_chance_below(chance, (int64_t)shop->request.lines_count)]
                             .product_id,
            .products_count = 1
        };
    }
    return shop;
}

static int64_t share_of(const struct price_case *shop, size_t line, size_t promotion)
{
    const struct price_cost *cost = &shop->result.lines[line].cost;
    for (size_t i = 0; i < cost->discounts_count; i++)
        if (cost->discounts[i].promotion == promotion) return cost->discounts[i].amount;
    return 0;
}

static void promotions_settle_as_a_model_that_counts_single_units(void **state)
{
    (void)state;
    struct price_chance chance = { .seed = 11 };
    unsigned won = 0, lost = 0;
    for (unsigned i = 0; i < MODEL_CARTS; i++) {
        struct price_case *shop = small_case(&chance);
        price_case_price(shop);
        struct model model = { .request = &shop->request };
        find_lines(&model);
        settle(&model);
        for (size_t k = 0; k < shop->request.promotions_count; k++) {
            for (size_t line = 0; line < shop->request.lines_count; line++)
                assert_int_equal(share_of(shop, line, k), model.taken[k][line]);
            won += price_case_reason(shop, k) == PRICE_REASON_GAVE_WAY;
            lost += price_case_reason(shop, k) == PRICE_REASON_OTHERS_ARE_BETTER;
        }
        price_case_free(&shop);
    }
    /* Both ends of the comparison were there, often. */
    assert_true(won > MODEL_CARTS / 20);
    assert_true(lost > MODEL_CARTS / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(promotions_settle_as_a_model_that_counts_single_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
