package tests

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// project is the template as kafka-soar parser new writes it.
func project(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "hello")
	for from, to := range map[string]string{"../template": folder, "..": filepath.Join(folder, "sdk")} {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	for _, own := range []string{"sdk/template", "sdk/tests"} {
		if err := os.RemoveAll(filepath.Join(folder, own)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "parser.go"} {
		path := filepath.Join(folder, name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, bytes.ReplaceAll(text, []byte("{{name}}"), []byte("hello")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func run(t *testing.T, folder string, environment []string, command ...string) {
	t.Helper()
	process := exec.Command(command[0], command[1:]...)
	process.Dir, process.Env = folder, append(os.Environ(), environment...)
	if said, err := process.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, said)
	}
}

func TestTheTemplateIsShortPassesItsTestsAndBuilds(t *testing.T) {
	folder := project(t)
	text, err := os.ReadFile(filepath.Join(folder, "parser.go"))
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "//") {
			lines++
		}
	}
	if lines >= 15 {
		t.Errorf("%d lines", lines)
	}

	run(t, folder, nil, "go", "vet", "./...")
	run(t, folder, nil, "go", "test", "./...")
	wasi := []string{"GOOS=wasip1", "GOARCH=wasm"}
	run(t, filepath.Join(folder, "sdk"), wasi, "go", "vet", ".", "./internal/...")
	run(t, folder, wasi, "go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", "hello.core.wasm", ".")
	module, err := os.ReadFile(filepath.Join(folder, "hello.core.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(module, []byte("kafka-soar:parser/message-parser@1.0.0#parse-messages")) {
		t.Error("it exports no parser")
	}
	// What it doesn't call it doesn't import.
	if bytes.Contains(module, []byte("kafka-soar:parser/log")) {
		t.Error("it imports the log")
	}
}
