/* Messages, out of the columns in which the host hands them over. */

#include "internal.h"

#include <string.h>

static bool is_null(const ks_column *column, uint32_t index) {
  size_t low = 0, high = column->null_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (column->nulls[middle] == index) return true;
    if (column->nulls[middle] < index) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return false;
}

/* The item; when all are null the column is empty. */
static ks_bytes item(const ks_column *column, uint32_t index) {
  if (index >= column->end_count || is_null(column, index)) return (ks_bytes){NULL, 0};
  uint32_t start = index == 0 ? 0 : column->ends[index - 1];
  /* Empty, it still isn't none. */
  const uint8_t *bytes = column->bytes == NULL ? (const uint8_t *)"" : column->bytes;
  return (ks_bytes){bytes + start, column->ends[index] - start};
}

ks_text ks_topic(const ks_batch *batch) { return (ks_text){batch->topic, batch->topic_size}; }

uint32_t ks_count(const ks_batch *batch) { return (uint32_t)batch->offset_count; }

static uint32_t first_header(const ks_batch *batch, uint32_t index) {
  return index == 0 || batch->header_end_count == 0 ? 0 : batch->header_ends[index - 1];
}

ks_message ks_at(const ks_batch *batch, uint32_t index) {
  int64_t timestamp = batch->timestamps[index];
  return (ks_message){
      .batch = batch,
      .index = index,
      .partition = batch->partitions[index],
      .offset = batch->offsets[index],
      .timestamp = timestamp < 0 ? KS_NO_TIME : timestamp,
      .key = item(&batch->keys, index),
      .value = item(&batch->values, index),
      .headers = batch->header_end_count == 0 ? 0 : batch->header_ends[index] - first_header(batch, index),
  };
}

ks_header ks_message_header(const ks_message *message, uint32_t index) {
  const ks_batch *batch = message->batch;
  uint32_t at = first_header(batch, message->index) + index;
  ks_bytes name = item(&batch->header_names, at);
  return (ks_header){
      .name = {name.data == NULL ? "" : (const char *)name.data, name.size},
      .value = item(&batch->header_values, at),
  };
}

ks_bytes ks_find_header(const ks_message *message, const char *name) {
  for (uint32_t at = message->headers; at > 0; at--) {
    ks_header header = ks_message_header(message, at - 1);
    if (ks_equal(header.name, ks_string(name))) return header.value;
  }
  return (ks_bytes){NULL, 0};
}

static bool text_of(ks_bytes bytes, const char *what, ks_output *out, ks_text *text) {
  size_t valid = ks_valid_up_to(bytes.data, bytes.size);
  if (valid < bytes.size) {
    return ks_reject(out, "%s isn't UTF-8 text (byte 0x%02x at position %zu)", what, bytes.data[valid], valid);
  }
  *text = (ks_text){(const char *)bytes.data, bytes.size};
  return true;
}

bool ks_message_text(const ks_message *message, ks_output *out, ks_text *text) {
  if (message->value.data == NULL) return ks_reject(out, "the message has no value (a tombstone)");
  return text_of(message->value, "the value", out, text);
}

bool ks_key_text(const ks_message *message, ks_output *out, ks_text *text) {
  return text_of(message->key, "the key", out, text);
}

bool ks_each(const ks_batch *batch, ks_output *out, ks_parse_message *parse, void *context) {
  for (uint32_t index = 0; index < ks_count(batch); index++) {
    ks_mark before = ks_mark_here(out);
    ks_message message = ks_at(batch, index);
    bool parsed = parse(&message, out, context);
    if (out->refused) return false;
    ks_flush(out);
    if (!parsed || out->failed) {
      ks_take_back(out, before);
      ks_add_rejection(out, index, out->reason.size > 0 ? out->reason : ks_string("the parser gives no reason"));
    }
    /* What was noted for one message isn't the next one's: the parser may have gone on without the text. */
    out->reason = (ks_text){NULL, 0};
    out->failed = false;
  }
  return true;
}
