/* The members of the asset's settings. The host guarantees that they are a JSON object; a text that
 * isn't has no members, and nothing is read past its end. */

#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

ks_text ks_settings(void) { return ks_host_settings(); }

typedef struct scanner {
  const char *at, *end;
} scanner;

static void skip_space(scanner *from) {
  while (from->at < from->end && memchr(" \t\r\n", *from->at, 4) != NULL) from->at++;
}

static bool next_is(scanner *from, char byte) {
  skip_space(from);
  if (from->at == from->end || *from->at != byte) return false;
  from->at++;
  return true;
}

/* What stands between the quotes. */
static bool read_string(scanner *from, ks_text *raw) {
  if (!next_is(from, '"')) return false;
  raw->data = from->at;
  for (; from->at < from->end; from->at++) {
    if (*from->at == '\\' && from->end - from->at > 1) {
      from->at++;
    } else if (*from->at == '"') {
      raw->size = (size_t)(from->at - raw->data);
      from->at++;
      return true;
    }
  }
  return false;
}

/* A value of any type, as it is written. */
static bool read_value(scanner *from, ks_text *raw) {
  ks_text string;
  unsigned depth = 0;
  skip_space(from);
  raw->data = from->at;
  while (from->at < from->end) {
    char byte = *from->at;
    if (byte == '"') {
      if (!read_string(from, &string)) return false;
    } else if (depth == 0 && memchr(",}] \t\r\n", byte, 7) != NULL) {
      break;
    } else {
      if (byte == '{' || byte == '[') depth++;
      if (byte == '}' || byte == ']') depth--;
      from->at++;
    }
    raw->size = (size_t)(from->at - raw->data);
    if (depth == 0 && memchr("\"}]", byte, 3) != NULL) return true;
  }
  return from->at > raw->data;
}

static uint32_t hex(const char *digits) {
  uint32_t number = 0;
  for (int at = 0; at < 4; at++) {
    char digit = digits[at];
    number = number << 4 | (uint32_t)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
  }
  return number;
}

static void append_code_point(ks_buffer *text, uint32_t point) {
  if (point < 0x80) {
    ks_append_byte(text, (char)point);
    return;
  }
  if (point < 0x800) {
    ks_append_byte(text, (char)(0xc0 | point >> 6));
  } else if (point < 0x10000) {
    ks_append_byte(text, (char)(0xe0 | point >> 12));
    ks_append_byte(text, (char)(0x80 | (point >> 6 & 63)));
  } else {
    ks_append_byte(text, (char)(0xf0 | point >> 18));
    ks_append_byte(text, (char)(0x80 | (point >> 12 & 63)));
    ks_append_byte(text, (char)(0x80 | (point >> 6 & 63)));
  }
  ks_append_byte(text, (char)(0x80 | (point & 63)));
}

/* The text of what stands between a JSON string's quotes. */
static void append_unescaped(ks_buffer *text, ks_text raw) {
  static const char escapes[] = "bfnrt", bytes[] = "\b\f\n\r\t";
  for (size_t at = 0; at < raw.size; at++) {
    if (raw.data[at] != '\\' || at + 1 == raw.size) {
      ks_append_byte(text, raw.data[at]);
      continue;
    }
    char kind = raw.data[++at];
    const char *known = memchr(escapes, kind, sizeof escapes - 1);
    if (kind == 'u' && raw.size - at > 4) {
      uint32_t point = hex(raw.data + at + 1);
      at += 4;
      if (point >> 10 == 0x36 && raw.size - at > 6 && raw.data[at + 1] == '\\' && raw.data[at + 2] == 'u') {
        point = 0x10000 + ((point & 0x3ff) << 10 | (hex(raw.data + at + 3) & 0x3ff));
        at += 6;
      }
      append_code_point(text, point);
    } else {
      ks_append_byte(text, known == NULL ? kind : bytes[known - escapes]);
    }
  }
}

static bool is_named(ks_text raw, const char *name) {
  ks_buffer text = {0};
  append_unescaped(&text, raw);
  bool same = ks_equal((ks_text){text.data, text.size}, ks_string(name));
  ks_free_buffer(&text);
  return same;
}

/* A member's value, as it is written. */
static bool find(const char *name, ks_text *value) {
  ks_text settings = ks_settings(), key;
  scanner from = {settings.data, settings.data + settings.size};
  if (!next_is(&from, '{')) return false;
  do {
    if (!read_string(&from, &key) || !next_is(&from, ':') || !read_value(&from, value)) return false;
    if (is_named(key, name)) return true;
  } while (next_is(&from, ','));
  return false;
}

bool ks_setting_text(ks_output *out, const char *name, ks_text *value) {
  ks_text raw;
  if (!find(name, &raw) || raw.size < 2 || raw.data[0] != '"') return false;
  ks_buffer text = {0};
  append_unescaped(&text, (ks_text){raw.data + 1, raw.size - 2});
  *value = ks_keep(out, (ks_text){text.data, text.size});
  ks_free_buffer(&text);
  return true;
}

bool ks_setting_int(const char *name, int64_t *value) {
  ks_text raw;
  char text[24], *end;
  if (!find(name, &raw) || raw.size >= sizeof text) return false;
  memcpy(text, raw.data, raw.size);
  text[raw.size] = 0;
  errno = 0;
  long long number = strtoll(text, &end, 10);
  if (end == text || *end != 0 || errno != 0) return false;
  *value = number;
  return true;
}

bool ks_setting_bool(const char *name, bool *value) {
  ks_text raw;
  if (!find(name, &raw)) return false;
  *value = ks_equal(raw, ks_string("true"));
  return *value || ks_equal(raw, ks_string("false"));
}
