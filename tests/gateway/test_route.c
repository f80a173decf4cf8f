/* The tree of routes. */
#include "gateway/route.h"
#include "tests/gateway/fixture.h"

static struct route_match match;

static enum status find(const char *method, const char *path)
{
    struct router *router = router_new(fixture_routes, fixture_routes_count, true);
    match = (struct route_match){ .route = NULL };
    const enum status status = router_find(router, text_of(method), text_of(path), &match);
    if (status == STATUS_METHOD_NOT_ALLOWED) {
        char allow[ROUTE_ALLOW_MAX + 1];
        (void)route_allowed(match.node, allow);
        assert_string_equal(allow, text_equals_string(text_of(path), "/v1/things")
                                       ? "GET, HEAD, POST, OPTIONS"
                                       : "GET, HEAD, PATCH, DELETE, OPTIONS");
    }
    router_destroy(&router);
    return status;
}

static void a_path_finds_its_route_by_method(void **state)
{
    (void)state;
    assert_int_equal(find("GET", "/v1/things"), STATUS_OK);
    assert_ptr_equal(match.route, &fixture_routes[1]);
    assert_int_equal(find("POST", "/v1/things"), STATUS_OK);
    assert_ptr_equal(match.route, &fixture_routes[2]);
}

static void a_parameter_takes_a_segment(void **state)
{
    (void)state;
    assert_int_equal(find("GET", "/v1/things/thg_1"), STATUS_OK);
    assert_ptr_equal(match.route, &fixture_routes[0]);
    assert_text_equal(match.values[2], TEXT("thg_1"));
}

static void a_literal_wins_over_a_parameter_only_for_its_methods(void **state)
{
    (void)state;
    assert_int_equal(find("POST", "/v1/things/open"), STATUS_OK);
    assert_ptr_equal(match.route, &fixture_routes[6]);
    assert_int_equal(find("GET", "/v1/things/open"), STATUS_OK);
    assert_ptr_equal(match.route, &fixture_routes[0]);
}

static void head_takes_the_route_of_get(void **state)
{
    (void)state;
    assert_int_equal(find("HEAD", "/v1/things"), STATUS_OK);
    assert_ptr_equal(match.route, &fixture_routes[1]);
}

static void another_method_is_refused_with_those_allowed(void **state)
{
    (void)state;
    assert_int_equal(find("DELETE", "/v1/things"), STATUS_METHOD_NOT_ALLOWED);
    assert_int_equal(find("OPTIONS", "/v1/things/thg_1"), STATUS_METHOD_NOT_ALLOWED);
}

static void what_names_nothing_is_not_found(void **state)
{
    (void)state;
    assert_int_equal(find("GET", "/"), STATUS_NOT_FOUND);
    assert_int_equal(find("GET", ""), STATUS_NOT_FOUND);
    assert_int_equal(find("GET", "/v1"), STATUS_NOT_FOUND);
    assert_int_equal(find("GET", "/v1/things/"), STATUS_NOT_FOUND);
    assert_int_equal(find("GET", "//v1/things"), STATUS_NOT_FOUND);
    assert_int_equal(find("GET", "/V1/things"), STATUS_NOT_FOUND);
    assert_int_equal(find("GET", "/v1/things/a/b/c/d/e/f/g/h/i"), STATUS_NOT_FOUND);
}

static void a_route_of_test_mode_is_there_only_then(void **state)
{
    (void)state;
    struct route route = fixture_routes[1];
    route.is_only_in_tests = true;
    for (int with_tests = 0; with_tests <= 1; with_tests++) {
        struct router *router = router_new(&route, 1, with_tests == 1);
        const enum status expected = with_tests == 1 ? STATUS_OK : STATUS_NOT_FOUND;
        assert_int_equal(router_find(router, TEXT("GET"), TEXT("/v1/things"), &match), expected);
        router_destroy(&router);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_finds_its_route_by_method),
        cmocka_unit_test(a_parameter_takes_a_segment),
        cmocka_unit_test(a_literal_wins_over_a_parameter_only_for_its_methods),
        cmocka_unit_test(head_takes_the_route_of_get),
        cmocka_unit_test(another_method_is_refused_with_those_allowed),
        cmocka_unit_test(what_names_nothing_is_not_found),
        cmocka_unit_test(a_route_of_test_mode_is_there_only_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
