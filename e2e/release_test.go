//go:build deploy

package e2e

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRelease releases one commit twice, from two directories, the second time with nothing
// compiled before: the files are the same, and say what they are made of. Each of the other platforms
// takes a minute to compile, which is left to the night.
func TestRelease(t *testing.T) {
	const twice = "linux/arm64 lambda"
	var (
		platforms = "linux/amd64 " + twice
		names     = []string{"ownql-linux-amd64", "ownql-linux-arm64", "lambda/bootstrap"}
		project   = copyRepository(t)
		commit    = runShell(t, project, os.Environ(), "git rev-parse HEAD")
		here      = filepath.Join(t.TempDir(), "ownql")
		there     = filepath.Join(t.TempDir(), "some/where/else")
	)
	if os.Getenv("OWNQL_NIGHTLY") != "" {
		platforms = "" // all
		names = append(names, "ownql-darwin-amd64", "ownql-darwin-arm64", "ownql-windows-amd64.exe")
	}
	for _, dir := range []string{here, there} {
		runShell(t, ".", os.Environ(), "git clone -q "+project+" "+dir)
	}
	cache := t.TempDir()
	keys := t.TempDir()
	runShell(t, keys, os.Environ(), "minisign -G -W -p minisign.pub -s minisign.key")
	all := runShell(t, here, append(os.Environ(), "MINISIGN_KEY="+filepath.Join(keys, "minisign.key")), "bash deploy/release "+platforms)
	isSigned(t, filepath.Join(here, "dist"), filepath.Join(keys, "minisign.pub"))
	some := runShell(t, there, append(os.Environ(), "GOCACHE="+cache, "GOFLAGS=-tags=other"), "bash deploy/release "+twice)
	for line := range strings.Lines(some) {
		if !strings.Contains(all+"\n", line) {
			t.Errorf("another build gives %swhere the first gave\n%s", line, all)
		}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(here, "dist", name)
			info, err := buildinfo.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			settings := map[string]string{}
			for _, setting := range info.Settings {
				settings[setting.Key] = setting.Value
			}
			for key, want := range map[string]string{"-trimpath": "true", "CGO_ENABLED": "0", "vcs.revision": commit, "vcs.modified": "false"} {
				if settings[key] != want {
					t.Errorf("%s is %q, want %q", key, settings[key], want)
				}
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(content, []byte(here)) {
				t.Errorf("it tells where it was built, in %s", here)
			}
			if settings["GOOS"] == "linux" {
				isStatic(t, path)
			}
			bill := strings.TrimSuffix(name, ".exe")
			if name == "lambda/bootstrap" {
				bill = "ownql-lambda"
			}
			billOfMaterials(t, filepath.Join(here, "dist", bill+".cdx.json"), info)
		})
	}
}

// isSigned wants the checksums in dist to be signed, and to be those of the files.
func isSigned(t *testing.T, dist, publicKey string) {
	t.Helper()
	runShell(t, dist, os.Environ(), "minisign -V -p "+publicKey+" -m SHA256SUMS && sha256sum --strict -c SHA256SUMS")
	forged := t.TempDir()
	runShell(t, forged, os.Environ(), "cp "+dist+"/SHA256SUMS.minisig . && echo 00 ownql-linux-amd64 > SHA256SUMS")
	if out, err := exec.Command("minisign", "-V", "-p", publicKey, "-m", filepath.Join(forged, "SHA256SUMS")).CombinedOutput(); err == nil {
		t.Errorf("forged checksums pass: %s", out)
	}
}

// isStatic wants a program that needs no other file to start.
func isStatic(t *testing.T, path string) {
	t.Helper()
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
			t.Errorf("it is linked dynamically")
		}
	}
}

// billOfMaterials wants every module of the program, as it was built in, in the file.
func billOfMaterials(t *testing.T, path string, info *buildinfo.BuildInfo) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var bill struct {
		BOMFormat  string
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(text, &bill); err != nil || bill.BOMFormat != "CycloneDX" {
		t.Fatalf("a bill in the form %q, %v", bill.BOMFormat, err)
	}
	has := map[string]string{}
	for _, component := range bill.Components {
		has[component.Name] = component.Version
	}
	for _, module := range info.Deps {
		if has[module.Path] != module.Version {
			t.Errorf("it has %s %s, and the bill %q", module.Path, module.Version, has[module.Path])
		}
	}
	if has["std"] != info.GoVersion {
		t.Errorf("it is of %s, and the bill has std %q", info.GoVersion, has["std"])
	}
}
