/* Memory, which never runs out: a parser that meets its limit traps. */

#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *ks_allocate(size_t size) {
  void *block = malloc(size > 0 ? size : 1);
  if (block == NULL) abort();
  return block;
}

char *ks_reserve(ks_buffer *buffer, size_t more) {
  if (more > buffer->capacity - buffer->size) {
    size_t wanted = buffer->size + more;
    if (wanted < more) abort();
    size_t capacity = buffer->capacity + buffer->capacity / 2;
    if (capacity < wanted) capacity = wanted < 256 ? 256 : wanted;
    char *data = realloc(buffer->data, capacity);
    if (data == NULL) abort();
    buffer->data = data;
    buffer->capacity = capacity;
  }
  return buffer->data + buffer->size;
}

void ks_append(ks_buffer *buffer, const void *data, size_t size) {
  if (size == 0) return;
  memcpy(ks_reserve(buffer, size), data, size);
  buffer->size += size;
}

void ks_append_string(ks_buffer *buffer, const char *string) { ks_append(buffer, string, strlen(string)); }

void ks_append_byte(ks_buffer *buffer, char byte) {
  *ks_reserve(buffer, 1) = byte;
  buffer->size += 1;
}

void ks_append_format(ks_buffer *buffer, const char *format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  int size = vsnprintf(NULL, 0, format, arguments);
  if (size > 0) {
    vsnprintf(ks_reserve(buffer, (size_t)size + 1), (size_t)size + 1, format, again);
    buffer->size += (size_t)size;
  }
  va_end(again);
}

void ks_free_buffer(ks_buffer *buffer) {
  free(buffer->data);
  *buffer = (ks_buffer){0};
}
