/* The SDK natively, under the sanitizers. The parser that runs is the one that `parser` points to. */

#include "check.h"

#include "internal.h"
#include "kafka_soar_testing.h"

#include <math.h>

static bool (*parser)(const ks_batch *batch, ks_output *out);
static ks_parse_message *each;

bool ks_parse(const ks_batch *batch, ks_output *out) { return parser(batch, out); }

static bool parse_each(const ks_batch *batch, ks_output *out) { return ks_each(batch, out, each, NULL); }

static ks_test *words(void) {
  ks_test *test = ks_test_new("t");
  ks_test_value(test, "one");
  ks_test_value(test, "two");
  ks_test_value(test, "three");
  return test;
}

/* Runs over "one", "two" and "three". */
static void gives(bool (*parse)(const ks_batch *, ks_output *), const char *text) {
  ks_test *test = words();
  parser = parse;
  ks_parsed parsed = ks_test_parse(test);
  CHECK_TEXT(parsed.refused ? parsed.reason : parsed.text, text);
  CHECK(parsed.size == strlen(parsed.text));
  ks_test_free(test);
}

/* ---- in ----------------------------------------------------------------------------------- */

static bool reads(const ks_batch *batch, ks_output *out) {
  CHECK(ks_equal(ks_topic(batch), ks_string("t")));
  CHECK(ks_count(batch) == 4);
  ks_message first = ks_at(batch, 0), second = ks_at(batch, 1), third = ks_at(batch, 2), last = ks_at(batch, 3);
  CHECK(first.partition == 3 && first.offset == INT64_MAX && first.index == 0 && first.timestamp == 1700000000123);
  CHECK(first.value.data == NULL && first.key.size == 1 && first.key.data[0] == 'k' && first.headers == 3);
  CHECK(ks_equal(ks_message_header(&first, 0).name, ks_string("a")));
  CHECK(ks_message_header(&first, 2).value.data == NULL);
  CHECK(ks_find_header(&first, "a").size == 1 && ks_find_header(&first, "a").data[0] == '2');
  CHECK(ks_find_header(&first, "b").data == NULL && ks_find_header(&first, "c").data == NULL);

  CHECK(second.partition == 0 && second.offset == 0 && second.timestamp == KS_NO_TIME && second.headers == 0);
  CHECK(second.key.data == NULL && second.value.data != NULL && second.value.size == 0);
  ks_text text;
  CHECK(ks_message_text(&second, out, &text) && text.size == 0);
  CHECK(ks_key_text(&second, out, &text) && text.data == NULL);
  CHECK(third.timestamp == KS_NO_TIME && third.headers == 1 && third.value.size == 3 && third.key.data == NULL);
  CHECK(third.offset == 1 && ks_message_header(&third, 0).value.size == 0);
  CHECK(ks_message_header(&third, 0).value.data != NULL);
  CHECK(last.key.data != NULL && last.key.size == 0);
  return true;
}

static void a_message_gives_back_what_kafka_held(void) {
  ks_test *test = ks_test_new("t");
  const ks_header headers[] = {
      {ks_string("a"), ks_test_bytes("1")}, {ks_string("a"), ks_test_bytes("2")}, {ks_string("b"), {NULL, 0}}};
  ks_test_record(test, &(ks_record){.partition = 3,
                                    .offset = INT64_MAX,
                                    .has_timestamp = true,
                                    .timestamp = 1700000000123,
                                    .key = ks_test_bytes("k"),
                                    .headers = headers,
                                    .header_count = 3});
  ks_test_value(test, "");
  const ks_header empty = {ks_string(""), ks_test_bytes("")};
  ks_test_record(test, &(ks_record){.offset = 1,
                                    .has_timestamp = true,
                                    .timestamp = -5,
                                    .value = ks_test_bytes("abc"),
                                    .headers = &empty,
                                    .header_count = 1});
  ks_test_record(test, &(ks_record){.offset = 2, .key = ks_test_bytes("")});
  parser = reads;
  CHECK_TEXT(ks_test_parse(test).text, "");
  ks_test_free(test);
}

static bool texts(const ks_message *message, ks_output *out, void *context) {
  (void)context;
  ks_text text;
  if (!ks_message_text(message, out, &text) || !ks_key_text(message, out, &text)) return false;
  ks_container(out, text);
  ks_artifact(out, message);
  return true;
}

static void what_is_no_text_is_rejected_and_named(void) {
  static const struct {
    const char *bytes, *reason;
  } CASES[] = {
      {"0123456789abcdefg\xff", "the value isn't UTF-8 text (byte 0xff at position 17)"},
      {"\xe2\x82", "the value isn't UTF-8 text (byte 0xe2 at position 0)"},
      {"\xed\xa0\x80", "the value isn't UTF-8 text (byte 0xed at position 0)"},
      {"\xf4\x90\x80\x80", "the value isn't UTF-8 text (byte 0xf4 at position 0)"},
      {"\xc0\xaf", "the value isn't UTF-8 text (byte 0xc0 at position 0)"},
      {"12345678\xf0\x9f\x98\x80\x80", "the value isn't UTF-8 text (byte 0x80 at position 12)"},
      {"a\xc3", "the value isn't UTF-8 text (byte 0xc3 at position 1)"},
  };
  ks_test *test = ks_test_new("t");
  size_t count = sizeof CASES / sizeof *CASES;
  for (size_t at = 0; at < count; at++) ks_test_value(test, CASES[at].bytes);
  ks_test_tombstone(test);
  ks_test_record(test, &(ks_record){.offset = 100, .key = ks_test_bytes("\x80"), .value = ks_test_bytes("x")});
  ks_test_record(test, &(ks_record){.offset = 101, .key = ks_test_bytes("kéy"), .value = ks_test_bytes("\xf4\x8f\xbf\xbf")});
  parser = parse_each;
  each = texts;
  ks_parsed parsed = ks_test_parse(test);
  CHECK_TEXT(parsed.text, "[{\"container\":{\"name\":\"kéy\"},\"artifacts\":[{}]}]");
  CHECK(parsed.source_count == 1 && parsed.sources[0] == count + 2 && parsed.rejected == count + 2);
  for (size_t at = 0; at < count; at++) CHECK_TEXT(ks_test_reason(test, (uint32_t)at), CASES[at].reason);
  CHECK_TEXT(ks_test_reason(test, (uint32_t)count), "the message has no value (a tombstone)");
  CHECK_TEXT(ks_test_reason(test, (uint32_t)count + 1), "the key isn't UTF-8 text (byte 0x80 at position 0)");
  CHECK(ks_test_reason(test, (uint32_t)count + 2) == NULL);
  ks_test_free(test);
}

static void texts_are_cut_between_code_points(void) {
  CHECK(ks_equal(ks_first(ks_string("aé€😀z"), 4), ks_string("aé€😀")));
  CHECK(ks_equal(ks_first(ks_string("aé"), 0), ks_string("")));
  CHECK(ks_equal(ks_first(ks_string("aé"), 9), ks_string("aé")));
  CHECK(ks_equal(ks_line(ks_string("one\ntwo\n")), ks_string("one")));
  CHECK(ks_equal(ks_line(ks_string("one")), ks_string("one")));
  CHECK(ks_equal(ks_line((ks_text){NULL, 0}), ks_string("")));
}

/* ---- out ---------------------------------------------------------------------------------- */

static bool two_containers(const ks_batch *batch, ks_output *out) {
  ks_container(out, ks_string("a"));
  for (uint32_t index = 0; index < ks_count(batch); index++) {
    ks_message message = ks_at(batch, index);
    ks_text text;
    if (index == 2) ks_container(out, ks_string("b"));
    ks_artifact(out, &message);
    if (!ks_message_text(&message, out, &text)) return false;
    ks_put_text(ks_cef(out), "message", text);
  }
  return true;
}

static bool own_choice(const ks_batch *batch, ks_output *out) {
  ks_message first = ks_at(batch, 0), second = ks_at(batch, 1);
  ks_container(out, ks_string("a"));
  ks_run_automation(out, false);
  ks_artifact(out, &first);
  ks_run_automation(out, true);
  ks_artifact(out, &second);
  ks_put_bool(ks_fields(out), "run_automation", true);
  ks_artifact(out, NULL);
  return true;
}

static void playbooks_run_after_the_last_artifact(void) {
  gives(two_containers, "[{\"container\":{\"name\":\"a\"},\"artifacts\":[{\"cef\":{\"message\":\"one\"},"
                        "\"run_automation\":false},{\"cef\":{\"message\":\"two\"}}]},"
                        "{\"container\":{\"name\":\"b\"},\"artifacts\":[{\"cef\":{\"message\":\"three\"}}]}]");
  gives(own_choice, "[{\"container\":{\"name\":\"a\",\"run_automation\":false},\"artifacts\":["
                    "{\"run_automation\":true},{\"run_automation\":true},{}]}]");
}

static bool every_member(const ks_batch *batch, ks_output *out) {
  const ks_text tags[] = {ks_string("a"), ks_string("[")};
  ks_message first = ks_at(batch, 0);
  ks_container(out, ks_string("c \"1\""));
  ks_label(out, ks_string("events"));
  ks_description(out, ks_string("\x01\x1f\x7f\b\f\n\r\t\\/\xe2\x80\xa8"));
  ks_severity(out, "critical");
  ks_sensitivity(out, "red");
  ks_status(out, "new");
  ks_tags(out, tags, 2);
  ks_source_data_identifier(out, ks_format(out, "%d-%s", 7, "x"));
  ks_start_time(out, 1700000000123);
  ks_end_time(out, KS_NO_TIME);
  ks_due_time(out, -1);
  ks_kill_chain(out, ks_string("delivery"));
  ks_owner_id(out, 12);
  ks_json *fields = ks_fields(out);
  ks_open_object(fields, "custom_fields");
  ks_put_double(fields, "d", 0.1);
  ks_put_double(fields, "e", 1e300);
  ks_put_int(fields, "i", INT64_MIN);
  ks_open_list(fields, "l");
  ks_put_null(fields, NULL);
  ks_open_object(fields, NULL);
  ks_close(fields);
  ks_put_bool(fields, NULL, false);
  ks_close(fields);
  ks_close(fields);
  ks_put_int(fields, "tenant_id", 3);
  ks_artifact(out, &first);
  ks_type(out, "network");
  ks_put_base64(ks_cef(out), "b0", ks_test_bytes(""));
  ks_name(out, ks_string("n"));
  ks_put_base64(ks_cef(out), "b1", ks_test_bytes("a"));
  ks_put_base64(ks_cef(out), "b2", ks_test_bytes("ab"));
  ks_put_base64(ks_cef(out), "b3", ks_test_bytes("\xff\xfe\xfd"));
  ks_owner(out, ks_string("admin"));
  ks_artifact(out, &first);
  ks_put_int(ks_cef(out), "x", 1);
  ks_artifact(out, &first);
  ks_cef(out);
  ks_label(out, ks_string("event"));
  return true;
}

static void every_member_is_where_soar_looks_for_it(void) {
  gives(every_member,
        "[{\"container\":{\"name\":\"c \\\"1\\\"\",\"label\":\"events\","
        "\"description\":\"\\u0001\\u001f\x7f\\b\\f\\n\\r\\t\\\\/\xe2\x80\xa8\",\"severity\":\"critical\","
        "\"sensitivity\":\"red\",\"status\":\"new\",\"tags\":[\"a\",\"[\"],\"source_data_identifier\":\"7-x\","
        "\"start_time\":\"2023-11-14T22:13:20.123Z\",\"due_time\":\"1969-12-31T23:59:59.999Z\","
        "\"kill_chain\":\"delivery\",\"owner_id\":12,"
        "\"custom_fields\":{\"d\":0.1,\"e\":1e+300,\"i\":-9223372036854775808,\"l\":[null,{},false]},\"tenant_id\":3},"
        "\"artifacts\":[{\"type\":\"network\",\"cef\":{\"b0\":\"\",\"b1\":\"YQ==\",\"b2\":\"YWI=\",\"b3\":\"//79\"},"
        "\"name\":\"n\",\"owner_id\":\"admin\",\"run_automation\":false},"
        "{\"cef\":{\"x\":1},\"run_automation\":false},{\"cef\":{},\"label\":\"event\"}]}]");
}

static uint32_t rejected;

static bool rejects_one(const ks_message *message, ks_output *out, void *context) {
  (void)context;
  ks_artifact(out, message);
  ks_name(out, ks_string("kept or not"));
  ks_container(out, ks_string("b"));
  ks_artifact(out, message);
  return message->index == rejected ? ks_reject(out, "number %u", (unsigned)rejected) : true;
}

static bool a_container_first(const ks_batch *batch, ks_output *out) {
  ks_container(out, ks_string("a"));
  ks_skip_if_empty(out);
  return ks_each(batch, out, each, NULL);
}

static void what_was_written_for_a_rejected_message_is_taken_back(void) {
  for (rejected = 0; rejected < 3; rejected++) {
    ks_test *test = words();
    parser = a_container_first;
    each = rejects_one;
    ks_parsed parsed = ks_test_parse(test);
    CHECK_TEXT(parsed.text,
               "[{\"container\":{\"name\":\"a\"},\"artifacts\":[{\"name\":\"kept or not\"}]},"
               "{\"container\":{\"name\":\"b\"},\"artifacts\":[{\"run_automation\":false},{\"name\":\"kept or not\"}]},"
               "{\"container\":{\"name\":\"b\"},\"artifacts\":[{}]}]");
    CHECK(parsed.source_count == 4 && parsed.rejected == 1);
    CHECK(parsed.sources[0] == (rejected == 0 ? 1 : 0) && parsed.sources[3] == (rejected == 2 ? 1 : 2));
    char reason[] = "number 0";
    reason[7] = (char)('0' + rejected);
    CHECK_TEXT(ks_test_reason(test, rejected), reason);
    ks_test_free(test);
  }
}

static bool opens_and_rejects_first(const ks_message *message, ks_output *out, void *context) {
  (void)context;
  if (message->index == 0) {
    ks_container(out, ks_string("a much longer name than that of the first"));
    return ks_reject(out, "no");
  }
  ks_artifact(out, message);
  return true;
}

static void a_container_left_out_for_a_rejected_message_comes_back(void) {
  each = opens_and_rejects_first;
  gives(a_container_first, "[{\"container\":{\"name\":\"a\"},\"artifacts\":[{\"run_automation\":false},{}]}]");
}

static bool some_are_empty(const ks_batch *batch, ks_output *out) {
  (void)batch;
  for (int at = 0; at < 6; at++) {
    ks_container(out, ks_format(out, "%d", at));
    if (at % 3 != 1) ks_skip_if_empty(out);
  }
  return true;
}

static bool all_are_empty(const ks_batch *batch, ks_output *out) {
  (void)batch;
  ks_container(out, ks_string("a"));
  ks_skip_if_empty(out);
  return true;
}

static void an_empty_container_stays_unless_it_is_to_be_skipped(void) {
  gives(some_are_empty, "[{\"container\":{\"name\":\"1\"},\"artifacts\":[]},{\"container\":{\"name\":\"4\"},"
                        "\"artifacts\":[]}]");
  gives(all_are_empty, "");
}

/* ---- what can't be handled ---------------------------------------------------------------- */

static bool quotes_rubbish(const ks_message *message, ks_output *out, void *context) {
  (void)context;
  ks_container(out, ks_string("c"));
  ks_artifact(out, message);
  if (message->index == 0) ks_put_text(ks_cef(out), "host", ks_string("ab\xff"));
  if (message->index == 1) ks_put_double(ks_cef(out), "load", (double)NAN);
  return message->index == 2 ? ks_reject(out, "odd: \xff\xc3 %s", "é") : true;
}

static void a_value_that_is_not_json_rejects_its_message_alone(void) {
  ks_test *test = words();
  parser = parse_each;
  each = quotes_rubbish;
  CHECK_TEXT(ks_test_parse(test).text, "");
  CHECK_TEXT(ks_test_reason(test, 0), "`host` can't be written as JSON: it isn't UTF-8 text (byte 0xff at position 2)");
  CHECK_TEXT(ks_test_reason(test, 1), "`load` can't be written as JSON: it is no finite number");
  CHECK_TEXT(ks_test_reason(test, 2), "odd: ?? é");
  ks_test_free(test);
}

static bool goes_on_without_text(const ks_message *message, ks_output *out, void *context) {
  (void)context;
  ks_text text;
  if (ks_message_text(message, out, &text)) return false;
  ks_container(out, ks_string("no text"));
  return true;
}

static void a_reason_is_its_own_messages(void) {
  ks_test *test = ks_test_new("t");
  ks_test_tombstone(test);
  ks_test_value(test, "text");
  parser = parse_each;
  each = goes_on_without_text;
  CHECK_TEXT(ks_test_parse(test).text, "[{\"container\":{\"name\":\"no text\"},\"artifacts\":[]}]");
  CHECK(ks_test_reason(test, 0) == NULL);
  CHECK_TEXT(ks_test_reason(test, 1), "the parser gives no reason");
  ks_test_free(test);
}

static bool refuses_in_each(const ks_message *message, ks_output *out, void *context) {
  (void)context;
  return message->index == 1 ? ks_refuse(out, "`parser_settings` lacks `%s`", "label") : true;
}

static bool rejects_all(const ks_batch *batch, ks_output *out) {
  (void)batch;
  return ks_reject(out, "nothing can be done");
}

static bool says_nothing(const ks_batch *batch, ks_output *out) {
  (void)batch;
  (void)out;
  return false;
}

static bool bad_name(const ks_batch *batch, ks_output *out) {
  (void)batch;
  ks_container(out, ks_string("\xff"));
  return true;
}

static void a_batch_can_be_refused(void) {
  each = refuses_in_each;
  gives(parse_each, "`parser_settings` lacks `label`");
  gives(rejects_all, "nothing can be done");
  gives(says_nothing, "the parser gives no reason");
  gives(bad_name, "`name` can't be written as JSON: it isn't UTF-8 text (byte 0xff at position 0)");
}

static bool artifact_first(const ks_batch *batch, ks_output *out) {
  ks_message first = ks_at(batch, 0);
  ks_artifact(out, &first);
  return true;
}

static bool member_first(const ks_batch *batch, ks_output *out) {
  (void)batch;
  ks_label(out, ks_string("x"));
  return true;
}

static bool twice(const ks_batch *batch, ks_output *out) {
  (void)batch;
  ks_container(out, ks_string("x"));
  ks_put_text(ks_fields(out), "name", ks_string("y"));
  return true;
}

static bool left_open(const ks_batch *batch, ks_output *out) {
  (void)batch;
  ks_container(out, ks_string("x"));
  ks_open_list(ks_fields(out), "data");
  return true;
}

static bool closed_twice(const ks_batch *batch, ks_output *out) {
  (void)batch;
  ks_container(out, ks_string("x"));
  ks_close(ks_fields(out));
  return true;
}

static bool nameless(const ks_batch *batch, ks_output *out) {
  (void)batch;
  ks_container(out, ks_string("x"));
  ks_put_null(ks_fields(out), NULL);
  return true;
}

static bool named_in_a_list(const ks_batch *batch, ks_output *out) {
  (void)batch;
  ks_container(out, ks_string("x"));
  ks_open_list(ks_fields(out), "tags");
  ks_put_null(ks_fields(out), "n");
  return true;
}

static bool cef_of_a_container(const ks_batch *batch, ks_output *out) {
  (void)batch;
  ks_container(out, ks_string("x"));
  ks_put_null(ks_cef(out), "n");
  return true;
}

static bool cef_of_the_one_before(const ks_batch *batch, ks_output *out) {
  ks_message first = ks_at(batch, 0);
  ks_container(out, ks_string("x"));
  ks_artifact(out, &first);
  ks_json *cef = ks_cef(out);
  ks_artifact(out, &first);
  ks_put_null(cef, "n");
  return true;
}

static bool too_deep(const ks_batch *batch, ks_output *out) {
  (void)batch;
  ks_container(out, ks_string("x"));
  ks_open_list(ks_fields(out), "data");
  for (int at = 0; at < 100; at++) ks_open_list(ks_fields(out), NULL);
  for (int at = 0; at < 60; at++) ks_close(ks_fields(out));
  return true;
}

static bool both(const ks_batch *batch, ks_output *out) {
  ks_message second = ks_at(batch, 1);
  ks_reject_message(out, &second, "no");
  ks_container(out, ks_string("x"));
  ks_artifact(out, &second);
  return true;
}

static void calls_that_make_no_sense_refuse_the_batch(void) {
  gives(artifact_first, "the parser has a bug: it adds an artifact before it opens a container");
  gives(member_first, "the parser has a bug: it sets `label` before it opens a container or an artifact");
  gives(twice, "the parser has a bug: it sets `name` twice");
  gives(left_open, "the parser has a bug: it leaves an object or a list open");
  gives(closed_twice, "the parser has a bug: it closes more objects and lists than it opens");
  gives(nameless, "the parser has a bug: it puts a value without a name into an object");
  gives(named_in_a_list, "the parser has a bug: it puts `n` into a list");
  gives(cef_of_a_container, "the parser has a bug: it sets `cef` before it opens an artifact");
  gives(cef_of_the_one_before,
        "the parser has a bug: it sets a CEF field of an artifact that is complete: call ks_cef for each artifact");
  gives(too_deep, "the parser has a bug: it opens more than 60 objects and lists inside one another");
  gives(both, "the parser has a bug: it rejects message 1 of the batch and makes an artifact of it");
}

static bool rejects_out_of_order(const ks_batch *batch, ks_output *out) {
  for (uint32_t at = 3; at > 0; at--) {
    ks_message message = ks_at(batch, at - 1);
    ks_reject_message(out, &message, "first of %u", (unsigned)at);
  }
  for (uint32_t at = 0; at < 3; at++) {
    ks_message message = ks_at(batch, at);
    ks_reject_message(out, &message, "second");
  }
  return true;
}

static void a_message_that_is_rejected_twice_keeps_the_first_reason(void) {
  ks_test *test = words();
  parser = rejects_out_of_order;
  CHECK(ks_test_parse(test).rejected == 3);
  CHECK_TEXT(ks_test_reason(test, 0), "first of 1");
  CHECK_TEXT(ks_test_reason(test, 1), "first of 2");
  CHECK_TEXT(ks_test_reason(test, 2), "first of 3");
  ks_test_free(test);
}

static bool artifact_of_none(const ks_batch *batch, ks_output *out) {
  ks_message first = ks_at(batch, 0);
  ks_container(out, ks_string("x"));
  ks_artifact(out, &first);
  ks_artifact(out, NULL);
  return true;
}

static void artifacts_of_no_message_are_not_traced(void) {
  ks_test *test = words();
  parser = artifact_of_none;
  CHECK(ks_test_parse(test).source_count == 0);
  ks_test_free(test);
}

/* ---- the host ----------------------------------------------------------------------------- */

static bool asks_the_host(const ks_batch *batch, ks_output *out) {
  (void)batch;
  ks_text text;
  int64_t number;
  bool flag;
  CHECK(ks_setting_text(out, "text", &text) && ks_equal(text, ks_string("é \" \\ / \b\f\n\r\t € 😀")));
  CHECK(ks_setting_text(out, "odd key", &text) && text.size == 0);
  CHECK(ks_setting_text(out, "zero", &text) && text.size == 3 && memcmp(text.data, "a\0b", 3) == 0);
  CHECK(ks_setting_int("n", &number) && number == -12);
  CHECK(ks_setting_bool("yes", &flag) && flag);
  CHECK(ks_setting_bool("no", &flag) && !flag);
  CHECK(!ks_setting_text(out, "n", &text) && !ks_setting_int("text", &number) && !ks_setting_bool("n", &flag));
  CHECK(!ks_setting_int("x", &number) && !ks_setting_int("f", &number) && !ks_setting_int("huge", &number));
  CHECK(ks_poll_started().unix_ms == 5 && ks_poll_started().utc_offset_minutes == -60);
  ks_log(KS_WARN, "%d %s", 1, "\xff");
  ks_log(KS_DEBUG, "two");
  return true;
}

static void the_host_is_the_tests(void) {
  ks_test *test = words();
  ks_test_settings(test, " { \"inner\" : {\"x\": [1, \"}\", {\"n\": 7}], \"text\": \"not this\"} ,\n"
                         "\"te\\u0078t\":\"\\u00e9 \\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u20ac \\ud83d\\ude00\", \"odd key\":\"\","
                         "\"zero\":\"a\\u0000b\", \"n\": -12 ,\"f\":1.5,\"huge\":99999999999999999999,"
                         "\"yes\":true,\"no\":false}");
  ks_test_started(test, 5, -60);
  parser = asks_the_host;
  CHECK_TEXT(ks_test_parse(test).log, "warn: 1 ?\ndebug: two\n");
  ks_test_free(test);
}

static bool finds_nothing(const ks_batch *batch, ks_output *out) {
  (void)batch;
  ks_text text;
  CHECK(!ks_setting_text(out, "a", &text));
  return true;
}

static void settings_that_are_cut_off_are_not_read_past_their_end(void) {
  const char *whole = "{\"b\":{\"c\":[\"\\u00e9\"]},\"a\":\"\\ud83d\\ude00\"}";
  for (size_t size = 0; size + 2 < strlen(whole); size++) {
    char *cut = malloc(size + 1);
    memcpy(cut, whole, size);
    cut[size] = 0;
    ks_test *test = words();
    ks_test_settings(test, cut);
    parser = finds_nothing;
    CHECK(!ks_test_parse(test).refused);
    ks_test_free(test);
    free(cut);
  }
}

/* ---- time --------------------------------------------------------------------------------- */

static void times_are_those_of_the_calendar(void) {
  static const struct {
    int64_t unix_ms;
    const char *text;
  } CASES[] = {
      {0, "1970-01-01T00:00:00.000Z"},
      {-1, "1969-12-31T23:59:59.999Z"},
      {INT64_C(951782400000), "2000-02-29T00:00:00.000Z"},
      {INT64_C(4107542400001), "2100-03-01T00:00:00.001Z"},
      {INT64_C(253402300800000), "10000-01-01T00:00:00.000Z"},
      {INT64_C(-62135596800000), "0001-01-01T00:00:00.000Z"},
      {INT64_C(100000000000000000), "3170843-11-07T09:46:40.000Z"},
      {INT64_MAX, "292278994-08-17T07:12:55.807Z"},
  };
  for (size_t at = 0; at < sizeof CASES / sizeof *CASES; at++) {
    ks_buffer text = {0};
    ks_append_time(&text, CASES[at].unix_ms);
    ks_append_byte(&text, 0);
    CHECK_TEXT(text.data, CASES[at].text);
    ks_free_buffer(&text);
  }
}

static bool a_container_each(const ks_message *message, ks_output *out, void *context) {
  (void)context;
  ks_text text;
  if (!ks_message_text(message, out, &text)) return false;
  ks_container(out, text);
  ks_artifact(out, message);
  ks_put_text(ks_cef(out), "message", text);
  return true;
}

static void a_large_batch_fits(void) {
  ks_test *test = ks_test_new("t");
  char *large = malloc(100001);
  memset(large, '"', 100000);
  large[100000] = 0;
  for (int at = 0; at < 2000; at++) ks_test_value(test, at % 100 == 0 ? large : "small");
  parser = parse_each;
  each = a_container_each;
  ks_parsed parsed = ks_test_parse(test);
  CHECK(parsed.source_count == 2000 && parsed.size > 2 * 20 * 200000);
  free(large);
  ks_test_free(test);
}

int main(void) {
  a_message_gives_back_what_kafka_held();
  what_is_no_text_is_rejected_and_named();
  texts_are_cut_between_code_points();
  playbooks_run_after_the_last_artifact();
  every_member_is_where_soar_looks_for_it();
  what_was_written_for_a_rejected_message_is_taken_back();
  a_container_left_out_for_a_rejected_message_comes_back();
  an_empty_container_stays_unless_it_is_to_be_skipped();
  a_value_that_is_not_json_rejects_its_message_alone();
  a_reason_is_its_own_messages();
  a_batch_can_be_refused();
  calls_that_make_no_sense_refuse_the_batch();
  a_message_that_is_rejected_twice_keeps_the_first_reason();
  artifacts_of_no_message_are_not_traced();
  the_host_is_the_tests();
  settings_that_are_cut_off_are_not_read_past_their_end();
  times_are_those_of_the_calendar();
  a_large_batch_fits();
  puts("18 tests passed");
  return 0;
}
