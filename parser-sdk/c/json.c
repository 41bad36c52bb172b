/* JSON values, written one after another. */

#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DEEPEST 60

void ks_begin_json(ks_json *json, ks_output *out, bool is_body) {
  json->out = out;
  json->text.size = 0;
  json->lists = 0;
  json->depth = 0;
  json->is_body = is_body;
  ks_append_byte(&json->text, '{');
}

static bool in_list(const ks_json *json) { return json->depth > 0 && (json->lists >> (json->depth - 1) & 1) != 0; }

/* Writes what stands in front of a value. False when it can't stand there. */
static bool begin_value(ks_json *json, const char *name) {
  if (json->is_body && json->out->pending == KS_NOTHING) {
    ks_bug(json->out, "it sets `%s` before it opens a container or an artifact", name == NULL ? "" : name);
    return false;
  }
  if (!json->is_body && !json->out->has_cef) {
    ks_bug(json->out, "it sets a CEF field of an artifact that is complete: call ks_cef for each artifact");
    return false;
  }
  if (in_list(json) != (name == NULL)) {
    ks_bug(json->out, name == NULL ? "it puts a value without a name into an object" : "it puts `%s` into a list", name);
    return false;
  }
  if (json->is_body && json->depth == 0 && !ks_once(json->out, name)) return false;
  char last = json->text.data[json->text.size - 1];
  if (last != '{' && last != '[') ks_append_byte(&json->text, ',');
  if (name != NULL) {
    ks_append_json_string(&json->text, ks_string(name));
    ks_append_byte(&json->text, ':');
  }
  return true;
}

void ks_put_text(ks_json *json, const char *name, ks_text text) {
  if (!begin_value(json, name)) return;
  size_t valid = ks_valid_up_to((const uint8_t *)text.data, text.size);
  if (valid < text.size) {
    ks_fail(json->out, "`%s` can't be written as JSON: it isn't UTF-8 text (byte 0x%02x at position %zu)",
            name == NULL ? "an item" : name, (unsigned char)text.data[valid], valid);
    text = (ks_text){"", 0};
  }
  ks_append_json_string(&json->text, text);
}

void ks_put_base64(ks_json *json, const char *name, ks_bytes bytes) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (bytes.data == NULL) {
    ks_put_null(json, name);
    return;
  }
  if (!begin_value(json, name)) return;
  ks_append_byte(&json->text, '"');
  for (size_t at = 0; at < bytes.size; at += 3) {
    size_t left = bytes.size - at;
    uint32_t three = (uint32_t)bytes.data[at] << 16 | (left > 1 ? (uint32_t)bytes.data[at + 1] << 8 : 0) |
                     (left > 2 ? bytes.data[at + 2] : 0);
    const char four[4] = {digits[three >> 18], digits[three >> 12 & 63], left > 1 ? digits[three >> 6 & 63] : '=',
                          left > 2 ? digits[three & 63] : '='};
    ks_append(&json->text, four, sizeof four);
  }
  ks_append_byte(&json->text, '"');
}

void ks_put_int(ks_json *json, const char *name, int64_t number) {
  if (!begin_value(json, name)) return;
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)number);
  ks_append_string(&json->text, text);
}

void ks_put_double(ks_json *json, const char *name, double number) {
  if (!begin_value(json, name)) return;
  if (!isfinite(number)) {
    ks_fail(json->out, "`%s` can't be written as JSON: it is no finite number", name == NULL ? "an item" : name);
    number = 0;
  }
  /* The shortest text that is read as the same number. */
  char text[40];
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, number);
    if (strtod(text, NULL) == number) break;
  }
  ks_append_string(&json->text, text);
}

void ks_put_bool(ks_json *json, const char *name, bool value) {
  if (begin_value(json, name)) ks_append_string(&json->text, value ? "true" : "false");
}

void ks_put_null(ks_json *json, const char *name) {
  if (begin_value(json, name)) ks_append_string(&json->text, "null");
}

static void open_level(ks_json *json, const char *name, bool list) {
  if (json->depth >= DEEPEST) {
    ks_bug(json->out, "it opens more than %d objects and lists inside one another", DEEPEST);
    return;
  }
  if (!begin_value(json, name)) return;
  uint64_t bit = UINT64_C(1) << json->depth;
  json->lists = list ? json->lists | bit : json->lists & ~bit;
  json->depth += 1;
  ks_append_byte(&json->text, list ? '[' : '{');
}

void ks_open_object(ks_json *json, const char *name) { open_level(json, name, false); }

void ks_open_list(ks_json *json, const char *name) { open_level(json, name, true); }

void ks_close(ks_json *json) {
  if (json->depth == 0) {
    ks_bug(json->out, "it closes more objects and lists than it opens");
    return;
  }
  ks_append_byte(&json->text, in_list(json) ? ']' : '}');
  json->depth -= 1;
}
