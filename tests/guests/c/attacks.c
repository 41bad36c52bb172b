/* A parser in C that reaches for everything outside of it, by WASI's own calls where the C library
 * is too well behaved. The first message's value names what it reaches for; it refuses the batch
 * with what it saw. The canonical ABI is spelled out by hand. */

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wasi/api.h>

extern char **environ;

/* ---- the contract ------------------------------------------------------------------------- */

struct list {
  uint8_t *data;
  uint32_t length;
};

struct column {
  struct list bytes, ends, nulls;
};

struct batch {
  struct list topic, partitions, offsets, timestamps;
  struct column keys, values;
  struct list header_ends;
  struct column header_names, header_values;
};

/* `result<parsed, string>`: of the two only the refusal is ever made. */
struct outcome {
  uint32_t refused;
  struct list reason;
  uint32_t rest[4];
};

/* ---- what can be asked for ---------------------------------------------------------------- */

static char saw[4000];

#define SAY(...) snprintf(saw, sizeof saw, __VA_ARGS__)

/* `failed` is what the call returned; success is a broken wall. */
static void outcome_of(bool failed) {
  if (failed) {
    SAY("error: %s", strerror(errno));
  } else {
    SAY("done");
  }
}

static void read_file(void) { outcome_of(fopen("/etc/passwd", "r") == NULL); }

static void write_file(void) { outcome_of(fopen("/tmp/kafka-soar-was-here", "w") == NULL); }

static void list_directory(void) { outcome_of(opendir("/") == NULL); }

static void make_directory(void) { outcome_of(mkdir("kafka-soar-was-here", 0777) != 0); }

static void link_file(void) { outcome_of(symlink("/etc/passwd", "passwd") != 0); }

/* Files are reached from directories that the host opened before: whichever they are. */
static void open_everything(void) {
  int opened = 0;
  for (__wasi_fd_t directory = 0; directory < 1000; directory++) {
    __wasi_fd_t file;
    if (__wasi_path_open(directory, 1, "../etc/passwd", 0, __WASI_RIGHTS_FD_READ, 0, 0, &file) == 0) opened++;
    if (__wasi_path_open(directory, 0, ".", __WASI_OFLAGS_DIRECTORY, 0, 0, 0, &file) == 0) opened++;
  }
  SAY("%d opened", opened);
}

/* Whatever the host may have left open behind the three standard ones. */
static void descriptors(void) {
  int found = 0;
  for (__wasi_fd_t descriptor = 3; descriptor < 1000; descriptor++) {
    __wasi_fdstat_t status;
    __wasi_prestat_t before;
    if (__wasi_fd_fdstat_get(descriptor, &status) == 0) found++;
    if (__wasi_fd_prestat_get(descriptor, &before) == 0) found++;
  }
  SAY("%d found", found);
}

static void environment(void) {
  int variables = 0;
  while (environ != NULL && environ[variables] != NULL) variables++;
  SAY("%d variables, PATH %s", variables, getenv("PATH") == NULL ? "unset" : "set");
}

static void arguments(void) {
  __wasi_size_t number = 0, bytes = 0;
  __wasi_errno_t error = __wasi_args_sizes_get(&number, &bytes);
  SAY("%zu arguments of %zu bytes, error %d", number, bytes, error);
}

/* WASI 0.1 has no way to make a socket: it can only use those that it was given. */
static void accept_socket(void) { outcome_of(accept(3, NULL, NULL) < 0); }

static void send_to_socket(void) { outcome_of(send(3, "secrets", 7, 0) < 0); }

static void wall_clock(void) {
  struct timespec first, second;
  clock_gettime(CLOCK_REALTIME, &first);
  for (volatile int work = 0; work < 2000000; work++) {
  }
  clock_gettime(CLOCK_REALTIME, &second);
  SAY("%lld.%09ld %lld.%09ld", first.tv_sec, first.tv_nsec, second.tv_sec, second.tv_nsec);
}

static void timer(void) {
  struct timespec first, second, step;
  clock_gettime(CLOCK_MONOTONIC, &first);
  for (volatile int work = 0; work < 2000000; work++) {
  }
  clock_gettime(CLOCK_MONOTONIC, &second);
  clock_getres(CLOCK_MONOTONIC, &step);
  SAY("%lld ns, step %ld ns", (second.tv_sec - first.tv_sec) * 1000000000LL + second.tv_nsec - first.tv_nsec,
      step.tv_nsec);
}

static void sleep_long(void) {
  SAY("%u s left", sleep(3600));
}

static void random_numbers(void) {
  uint8_t bytes[16];
  int error = getentropy(bytes, sizeof bytes);
  char *end = saw + SAY("%d ", error);
  for (size_t at = 0; at < sizeof bytes; at++) end += sprintf(end, "%02x", bytes[at]);
}

/* As many random bytes as fit into memory, in one call. */
static void random_flood(void) {
  static uint8_t bytes[8 << 20];
  __wasi_errno_t error = __wasi_random_get(bytes, sizeof bytes);
  SAY("error %d", error);
}

static void standard_input(void) {
  char bytes[100];
  ssize_t length = read(0, bytes, sizeof bytes);
  if (length < 0) {
    SAY("error: %s", strerror(errno));
  } else {
    SAY("%zd bytes", length);
  }
}

static void flood_output(void) {
  static char text[1 << 20];
  for (size_t at = 0; at + 8 < sizeof text; at += 8) memcpy(text + at, "\x1b[2J\x1b[1m", 8);
  for (int time = 0; time < 100; time++) {
    for (int descriptor = 1; descriptor <= 2; descriptor++) {
      if (write(descriptor, text, sizeof text) < 0) {
        SAY("error: %s", strerror(errno));
        return;
      }
    }
  }
  SAY("done");
}

/* Takes the standard descriptors for its own. */
static void close_descriptors(void) {
  int closed = 0;
  for (int descriptor = 0; descriptor < 3; descriptor++) closed += close(descriptor) == 0;
  SAY("%d closed", closed);
}

static void leave(void) { exit(3); }

static void leave_well(void) { _Exit(0); }

static void crash(void) { abort(); }

static void write_anywhere(void) { *(volatile char *)0xfffffff0 = 1; }

/* Address 0 is memory like any other, and the guest's own. */
static void write_to_null(void) {
  *(volatile char *)(uintptr_t)(saw[0] & 0) = 1;
  SAY("done");
}

static void call_anything(void) { ((void (*)(void))0x7fffffff)(); }

static void call_as_another_type(void) {
  volatile uintptr_t function = (uintptr_t)&write_anywhere;
  ((double (*)(double, double, double))function)(1, 2, 3);
}

static int deeper(volatile char *above) {
  volatile char frame[4096];
  frame[0] = (char)(above[0] + 1);
  return deeper(frame) + frame[0];
}

static void overflow_stack(void) {
  char frame[1] = {0};
  SAY("%d", deeper(frame));
}

/* Written to, or the compiler would leave the allocations out. */
char *volatile kept;

static void spend_memory(void) {
  for (;;) {
    char *bytes = malloc(1 << 20);
    if (bytes != NULL) memset(bytes, 1, 1 << 20);
    kept = bytes;
  }
}

static void loop(void) {
  for (volatile int forever = 1; forever;) {
  }
}

/* `tests/build.rs` reads this table. */
static const struct {
  const char *name;
  void (*run)(void);
} COMMANDS[] = {
    {"read-file", read_file},
    {"write-file", write_file},
    {"list-directory", list_directory},
    {"make-directory", make_directory},
    {"link-file", link_file},
    {"open-everything", open_everything},
    {"descriptors", descriptors},
    {"environment", environment},
    {"arguments", arguments},
    {"accept-socket", accept_socket},
    {"send-to-socket", send_to_socket},
    {"wall-clock", wall_clock},
    {"timer", timer},
    {"sleep", sleep_long},
    {"random-numbers", random_numbers},
    {"random-flood", random_flood},
    {"standard-input", standard_input},
    {"flood-output", flood_output},
    {"close-descriptors", close_descriptors},
    {"leave", leave},
    {"leave-well", leave_well},
    {"crash", crash},
    {"write-anywhere", write_anywhere},
    {"write-to-null", write_to_null},
    {"call-anything", call_anything},
    {"call-as-another-type", call_as_another_type},
    {"overflow-stack", overflow_stack},
    {"spend-memory", spend_memory},
    {"loop", loop},
};

/* ---- the exports -------------------------------------------------------------------------- */

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align,
                                                                size_t size) {
  (void)old_size;
  if (size == 0) return (void *)align;
  void *new = realloc(old, size);
  if (new == NULL) abort();
  return new;
}

__attribute__((export_name("kafka-soar:parser/message-parser@1.0.0#parse-messages"))) struct outcome *
parse_messages(struct batch *batch) {
  static struct outcome outcome;
  uint32_t end = batch->values.ends.length > 0 ? *(uint32_t *)batch->values.ends.data : 0;
  const char *asked = (const char *)batch->values.bytes.data;
  const char *argument = memchr(asked, ' ', end);
  if (argument != NULL) end = argument - asked;
  SAY("no such command: %.*s", (int)end, asked);
  for (size_t at = 0; at < sizeof COMMANDS / sizeof *COMMANDS; at++) {
    if (strlen(COMMANDS[at].name) == end && memcmp(COMMANDS[at].name, asked, end) == 0) COMMANDS[at].run();
  }
  outcome.refused = 1;
  outcome.reason.data = (uint8_t *)saw;
  outcome.reason.length = strlen(saw);
  return &outcome;
}
