/* The parser natively: no WebAssembly, and the sanitizers see every mistake. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kafka_soar_testing.h"

static void check(const char *actual, const char *expected) {
  if (strcmp(actual, expected) == 0) return;
  fprintf(stderr, "is      %s\nshould  %s\n", actual, expected);
  exit(1);
}

int main(void) {
  ks_test *test = ks_test_new("events");
  ks_test_value(test, "Hello, parser\nand more");
  ks_test_tombstone(test);
  check(ks_test_parse(test).text, "[{\"container\":{\"name\":\"Hello, parser\"},\"artifacts\":["
                                  "{\"cef\":{\"message\":\"Hello, parser\\nand more\"}}]}]");
  check(ks_test_reason(test, 1), "the message has no value (a tombstone)");
  ks_test_free(test);
  puts("passed");
  return 0;
}
