# One function per kind of target, so that flags and include paths are said once.

add_library(souk_flags INTERFACE)
target_compile_features(souk_flags INTERFACE c_std_17)
target_compile_options(souk_flags INTERFACE
    $<$<COMPILE_LANGUAGE:C>:-std=gnu17> $<$<COMPILE_LANGUAGE:CXX>:-std=gnu++17>
    -g -fno-omit-frame-pointer -fno-strict-aliasing -U_FORTIFY_SOURCE -D_GNU_SOURCE -UNDEBUG
    -fstack-protector-strong -fPIE
    -Wall -Wextra -Wshadow -Wconversion $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
    -Wimplicit-fallthrough -Wvla -Wpointer-arith -Wwrite-strings
    $<$<BOOL:${SOUK_WERROR}>:-Werror>)
target_include_directories(souk_flags INTERFACE
    ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_link_options(souk_flags INTERFACE -pie -Wl,-z,relro,-z,now)
if(SOUK_SANITIZE)
    target_compile_options(souk_flags INTERFACE
        -O1 -fsanitize=address,undefined -fno-sanitize-recover=all)
    target_link_options(souk_flags INTERFACE -fsanitize=address,undefined)
    target_compile_definitions(souk_flags INTERFACE SOUK_SANITIZED=1)
else()
    # Instrumented frames are larger than real ones, so the limit is checked without sanitizers.
    # Fortified calls of the C library check what they can; with sanitizers those do it, and better.
    target_compile_options(souk_flags INTERFACE -O2 -Wframe-larger-than=4096 -D_FORTIFY_SOURCE=2)
endif()
if(SOUK_FUZZ)
    target_compile_options(souk_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# souk_library(NAME SOURCES a.c b.c LINKS other ...): the static library of one folder.
function(souk_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC souk_flags ${ARG_LINKS})
endfunction()

# souk_program(NAME SOURCES main.c LINKS ...): one of our programs, in build/bin.
function(souk_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE souk_flags ${ARG_LINKS})
endfunction()

# souk_test(NAME SOURCES test_x.c LINKS ... LABELS unit|database|...): one cmocka program, one ctest.
function(souk_test name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;LABELS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_link_libraries(${name} PRIVATE souk_flags ${ARG_LINKS} PkgConfig::cmocka)
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 120)
endfunction()
