/* Text: UTF-8, JSON strings, points in time. */

#include "internal.h"

#include <stdio.h>
#include <string.h>

ks_text ks_string(const char *string) { return (ks_text){string, strlen(string)}; }

bool ks_equal(ks_text a, ks_text b) { return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0); }

bool ks_begins(ks_text text, const char *prefix, ks_text *rest) {
  size_t size = strlen(prefix);
  if (text.size < size || memcmp(text.data, prefix, size) != 0) return false;
  if (rest != NULL) *rest = (ks_text){text.data + size, text.size - size};
  return true;
}

ks_text ks_line(ks_text text) {
  const char *end = text.size > 0 ? memchr(text.data, '\n', text.size) : NULL;
  return end == NULL ? text : (ks_text){text.data, (size_t)(end - text.data)};
}

ks_text ks_first(ks_text text, size_t count) {
  size_t at = 0;
  for (; at < text.size; at++) {
    /* Every byte but those that continue a code point begins one. */
    if (((unsigned char)text.data[at] & 0xc0) != 0x80 && count-- == 0) break;
  }
  return (ks_text){text.data, at};
}

/* ---- UTF-8 -------------------------------------------------------------------------------- */

/* The length of the sequence that begins there; 0 when it is none (Unicode, table 3-7). */
static size_t sequence(const uint8_t *data, size_t left) {
  uint8_t first = data[0], low = 0x80, high = 0xbf;
  size_t length;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  if (left < length || data[1] < low || data[1] > high) return 0;
  for (size_t at = 2; at < length; at++) {
    if ((data[at] & 0xc0) != 0x80) return 0;
  }
  return length;
}

size_t ks_valid_up_to(const uint8_t *data, size_t size) {
  size_t at = 0;
  while (at < size) {
    uint64_t eight;
    if (size - at >= sizeof eight) {
      memcpy(&eight, data + at, sizeof eight);
      if ((eight & 0x8080808080808080u) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    size_t length = sequence(data + at, size - at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

void ks_make_valid(char *data, size_t size) {
  for (size_t at = 0; at < size; at++) {
    at += ks_valid_up_to((const uint8_t *)data + at, size - at);
    if (at < size) data[at] = '?';
  }
}

/* ---- JSON --------------------------------------------------------------------------------- */

/* What follows the backslash of an escaped byte; 'u' for those that are written as \u00XX, 0 for a byte
 * that stands for itself. Nothing is escaped but what JSON demands, as in every other SDK. */
static char escape(unsigned char byte) {
  switch (byte) {
  case '"':
  case '\\':
    return (char)byte;
  case '\b':
    return 'b';
  case '\f':
    return 'f';
  case '\n':
    return 'n';
  case '\r':
    return 'r';
  case '\t':
    return 't';
  default:
    return byte < 0x20 ? 'u' : 0;
  }
}

void ks_append_json_string(ks_buffer *buffer, ks_text text) {
  ks_append_byte(buffer, '"');
  size_t start = 0;
  for (size_t at = 0; at < text.size; at++) {
    unsigned char byte = (unsigned char)text.data[at];
    char kind = escape(byte);
    if (kind == 0) continue;
    ks_append(buffer, text.data + start, at - start);
    start = at + 1;
    ks_append_byte(buffer, '\\');
    ks_append_byte(buffer, kind);
    if (kind == 'u') {
      const char *digits = "0123456789abcdef";
      const char hex[4] = {'0', '0', digits[byte >> 4], digits[byte & 15]};
      ks_append(buffer, hex, sizeof hex);
    }
  }
  ks_append(buffer, text.data + start, text.size - start);
  ks_append_byte(buffer, '"');
}

/* ---- time --------------------------------------------------------------------------------- */

static int64_t floor_divide(int64_t number, int64_t by) { return number / by - (number % by < 0); }

/* Year, month and day of a number of days since 1970-01-01, proleptic Gregorian: Howard Hinnant's
 * civil_from_days. */
static void civil(int64_t days, int64_t *year, unsigned *month, unsigned *day) {
  days += 719468;
  int64_t era = floor_divide(days, 146097);
  int64_t day_of_era = days - era * 146097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t from_march = (5 * day_of_year + 2) / 153;
  *day = (unsigned)(day_of_year - (153 * from_march + 2) / 5 + 1);
  *month = (unsigned)(from_march < 10 ? from_march + 3 : from_march - 9);
  *year = year_of_era + era * 400 + (*month <= 2);
}

void ks_append_time(ks_buffer *buffer, int64_t unix_ms) {
  const int64_t day_ms = INT64_C(86400000);
  int64_t days = floor_divide(unix_ms, day_ms), year;
  unsigned ms = (unsigned)(unix_ms - days * day_ms), month, day;
  civil(days, &year, &month, &day);
  char text[64];
  snprintf(text, sizeof text, "%04lld-%02u-%02uT%02u:%02u:%02u.%03uZ", (long long)year, month, day, ms / 3600000,
           ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
  ks_append_string(buffer, text);
}
