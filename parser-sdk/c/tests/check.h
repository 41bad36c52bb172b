/* The little that a test needs. */

#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                     \
  do {                                                                       \
    if (!(condition)) {                                                      \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                               \
    }                                                                        \
  } while (0)

#define CHECK_TEXT(actual, expected) check_text(__FILE__, __LINE__, actual, expected)

static inline void check_text(const char *file, int line, const char *actual, const char *expected) {
  if (actual != NULL && strcmp(actual, expected) == 0) return;
  fprintf(stderr, "%s:%d:\n  is      %s\n  should  %s\n", file, line, actual == NULL ? "(nothing)" : actual, expected);
  exit(1);
}

#endif
