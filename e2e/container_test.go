//go:build deploy

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goImage stands in for the image of Go that the Dockerfile begins with, which is on a
// registry: a shell, and Go from this machine.
const goImage = `FROM scratch
COPY busybox /bin/sh
COPY busybox /bin/mkdir
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
WORKDIR /tmp
ENV PATH=/usr/local/go/bin:/bin GOPROXY=off GOTOOLCHAIN=local GOCACHE=/cache GOMODCACHE=/modules
`

// inContainer runs the image's program as a container's runtime would that is told to make the
// root read-only: as the image's user, with nothing but the image's files and one directory to
// write to, in a network of its own.
const inContainer = `set -e
root=$1 data=$2 user=$3
export PORT=8080 OWNQL_STORE=/data OWNQL_SECRET=Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s
ip link set lo up
mount --bind "$root" "$root"
mount --bind "$data" "$root/data"
mount -o remount,bind,ro "$root"
chroot --userspec="$user" "$root" /ownql >&2 &
server=$!
health() { chroot --userspec="$user" "$root" /ownql health "$@" 2>/dev/null || echo none; }
for _ in $(seq 100); do [ "$(health)" = none ] || break; sleep 0.1; done
echo "health: $(health)"
echo "ready: $(health --ready)"
echo "user: $(awk '/^Uid|^Gid/ { print $2 }' /proc/$server/status | tr '\n' ' ')"
echo "capabilities: $(awk '/^CapEff/ { print $2 }' /proc/$server/status)"
echo "signup: $(curl -i http://127.0.0.1:8080/signup -H 'Content-Type: application/json' -d '{"email":"ada@example.com","password":"correct horse","firstName":"Ada","lastName":"Lovelace"}' | head -n 1 | tr -d '\r')"
touch "$root/x" 2>/dev/null || echo "root: read-only"
kill -TERM $server
wait $server
echo "exit: $?"
echo "health: $(health)"
`

// TestContainer builds the Dockerfile by buildah, and runs what it gives.
func TestContainer(t *testing.T) {
	var (
		storage = t.TempDir()
		env     = append(os.Environ(), "B=buildah --storage-driver vfs --root "+storage+"/root --runroot "+storage+"/run")
		base    = t.TempDir()
		project = copyRepository(t)
	)
	if err := os.WriteFile(filepath.Join(base, "Dockerfile"), []byte(goImage), 0o644); err != nil {
		t.Fatal(err)
	}
	runShell(t, base, env, "cp /bin/busybox /etc/ssl/certs/ca-certificates.crt . && $B bud -q -t localhost/go .")
	runShell(t, project, env, `$B bud -q --isolation chroot --format docker --build-arg GO_IMAGE=localhost/go \
		--build-arg TARGETOS=$(go env GOOS) --build-arg TARGETARCH=$(go env GOARCH) \
		--volume "$(go env GOROOT):/usr/local/go:ro" --volume "$(go env GOMODCACHE):/modules" --volume "$(go env GOCACHE):/cache" \
		-f deploy/Dockerfile -t localhost/ownql .`)

	var image struct {
		Docker struct {
			Config struct {
				User        string
				Entrypoint  []string
				Volumes     map[string]any
				Healthcheck struct{ Test []string }
			}
		}
	}
	if err := json.Unmarshal([]byte(runShell(t, ".", env, "$B inspect --type image localhost/ownql")), &image); err != nil {
		t.Fatal(err)
	}
	config := image.Docker.Config
	if config.User != "65532:65532" || !slices.Equal(config.Entrypoint, []string{"/ownql"}) ||
		!slices.Equal(config.Healthcheck.Test, []string{"CMD", "/ownql", "health"}) || len(config.Volumes) != 1 || config.Volumes["/data"] == nil {
		t.Errorf("the image is to be run as %+v", config)
	}

	root := runShell(t, ".", env, "$B mount $($B from localhost/ownql)")
	files := runShell(t, root, env, "find . -mindepth 1 -printf '%y %U %p\n' | sort")
	want := "d 0 ./etc\nd 0 ./etc/ssl\nd 0 ./etc/ssl/certs\nd 65532 ./data\nf 0 ./etc/ssl/certs/ca-certificates.crt\nf 0 ./ownql"
	if files != want {
		t.Errorf("in the image are\n%s\nwant\n%s", files, want)
	}

	data := t.TempDir()
	if err := os.Chown(data, 65532, 65532); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "run")
	if err := os.WriteFile(script, []byte(inContainer), 0o644); err != nil {
		t.Fatal(err)
	}
	said := runShell(t, ".", env, "unshare --mount --net bash "+strings.Join([]string{script, root, data, config.User}, " "))
	want = "health: ok\nready: ok\nuser: 65532 65532 \ncapabilities: 0000000000000000\nsignup: HTTP/1.1 201 Created\nroot: read-only\nexit: 0\nhealth: none"
	if said != want {
		t.Errorf("in the container:\n%s\nwant\n%s", said, want)
	}
}
